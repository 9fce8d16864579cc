"""Several processes that train one model, as `torchrun` starts them, and what they tell each other.

    torchrun --nproc-per-node 2 -m tts train RECIPE.toml

Each holds the whole model and sees its share of every batch. The gradients are added up, so that all make the
same update. Only the first one reports and saves. In a step they meet twice, always in this order: they
`agree` whether to go on, then `add_up`. One that fails says so at the first of these, and the others, which
would wait for it, end as well.
"""

import contextlib
import datetime
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor
from torch import distributed as dist

from tts.errors import TrainingError

__all__ = ["Processes", "Verdict", "is_first_process", "join_processes"]

_PATIENCE = datetime.timedelta(hours=6)  # the first one may speak samples meanwhile


class Verdict(IntEnum):
    """What a process wants before an update; the highest is done."""

    GO_ON = 0
    ENOUGH = 1
    INTERRUPTED = 2
    FAILED = 3


class _ElsewhereError(TrainingError):
    """It is another process that failed, so there is nobody to tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """This process among those of a run; alone unless `torchrun` started it.

    Attributes:
        rank: its number, from 0.
        local_rank: its number on this machine, which is that of its GPU.
        n: how many there are.
    """

    rank: int = 0
    local_rank: int = 0
    n: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that reports and saves."""
        return self.rank == 0

    def agree(self, verdict: Verdict) -> Verdict:
        """The highest verdict of all. Raises TrainingError when another process failed."""
        if self.n == 1:
            return verdict
        highest = torch.tensor(int(verdict))
        with _peers():
            dist.all_reduce(highest, dist.ReduceOp.MAX)
        found = Verdict(int(highest))
        if found is Verdict.FAILED and verdict is not Verdict.FAILED:
            raise _ElsewhereError(
                "another process of this run failed", hint="its own message says why"
            )
        return found

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Sums float32 tensors over the processes, in place, in one exchange."""
        if self.n == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with _peers():
            dist.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))


@contextlib.contextmanager
def join_processes() -> Iterator[Processes]:
    """This process among the others. An error within the block ends all of them."""
    n = int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1
    if n == 1:
        yield Processes()
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(backend, timeout=_PATIENCE)
    rank = dist.get_rank()
    processes = Processes(rank=rank, local_rank=int(os.environ.get("LOCAL_RANK", rank)), n=n)
    try:
        yield processes
        processes.agree(Verdict.ENOUGH)  # the first may still be saving
    except _ElsewhereError:
        raise
    except BaseException:
        with contextlib.suppress(TrainingError):
            processes.agree(Verdict.FAILED)
        raise
    finally:
        dist.destroy_process_group()


def is_first_process() -> bool:
    """Whether this process is the one that speaks to people, or the only one."""
    return os.environ.get("RANK", "0") == "0"


@contextlib.contextmanager
def _peers() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        raise _ElsewhereError(
            f"another process of this run has gone: {reason}", hint="go on with --resume"
        ) from None
