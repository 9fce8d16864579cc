"""What learns: the weights, their moving average, AdamW, and the scale of float16 gradients."""

import copy
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor, nn

from tts.acoustic import AcousticModel
from tts.config import nearest
from tts.data.batches import Shard, to_device
from tts.errors import TrainingError
from tts.train.processes import Processes
from tts.train.recipe import TrainConfig
from tts.train.runs import Snapshot
from tts.vocoder import Vocoder

__all__ = ["Learner", "average", "freeze"]

_PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16, "float32": torch.float32}

_SMALLEST_SCALE = 1e-3


class Learner:
    """A model in training.

    A batch may come in shards, to this process one after the other and to other processes. Their losses and
    gradients are summed by what each shard counts: by crops in a vocoder's batch, by frames in an acoustic
    one. The sum is exactly that of the whole batch for every loss that is a mean over crops or valid frames,
    and but for the rounding of lengths for one that is a mean over decoder steps of several frames. It is not
    for one that is a mean over utterances (the pace of several speakers), nor where items of a batch see each
    other (batch normalisation) or draw at random (dropout).

    Args:
        model: the network; those of its weights that the config freezes stay as they are.
        config: how it learns.
        device: where.
    """

    def __init__(
        self, model: AcousticModel | Vocoder, config: TrainConfig, device: torch.device
    ) -> None:
        self.config, self.device = config, device
        freeze(model, config.freeze)
        self.model = model.to(device).train()
        self.averaged = copy.deepcopy(model).eval().requires_grad_(False)
        self.weights = [weights for weights in model.parameters() if weights.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.weights,
            lr=config.learning_rate,
            betas=(config.betas[0], config.betas[1]),
            eps=config.eps,
            weight_decay=config.weight_decay,
        )
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")
        self._loss: Callable[[Any], dict[str, Tensor]] = model.loss
        if config.compile:
            self._loss = _compiled(model.loss, config.compile_mode)

    def load(self, snapshot: Snapshot) -> None:
        """Goes back to where a snapshot was taken."""
        self.model.load_state_dict(snapshot.model)
        self.averaged.load_state_dict(snapshot.averaged)
        self.optimizer.load_state_dict(snapshot.optimizer)
        self.scaler.load_state_dict(snapshot.scaler)

    def state(self) -> dict[str, dict[str, Any]]:
        """What a snapshot holds of it, by the names of its fields."""
        return {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def autocast(self) -> torch.autocast:
        """The precision of the forward pass."""
        dtype = _PRECISIONS[self.config.precision]
        return torch.autocast(self.device.type, dtype, enabled=dtype is not torch.float32)

    def gradients(self, shards: Sequence[Shard[Any]]) -> dict[str, Tensor]:
        """Leaves the gradients of the shards in the weights, scaled; returns the losses."""
        self.optimizer.zero_grad(set_to_none=True)
        sums: dict[str, Tensor] = {}
        for shard in shards:
            with self.autocast():
                losses = self._loss(to_device(shard.batch, self.device))
            self.scaler.scale(losses["loss"] * shard.share).backward()  # type: ignore[no-untyped-call]
            for name, loss in losses.items():
                part = loss.detach().float() * shard.share
                sums[name] = sums[name] + part if name in sums else part
        return sums

    def add_up(self, losses: dict[str, Tensor], processes: Processes) -> dict[str, Tensor]:
        """Sums gradients and losses over the processes."""
        names = list(losses)
        values = torch.stack([losses[name].reshape(()) for name in names])
        gradients = [weights.grad for weights in self.weights if weights.grad is not None]
        processes.add_up([*gradients, values])
        return dict(zip(names, values, strict=True))

    def clip(self) -> Tensor:
        """Takes the scale off the gradients and limits their norm; returns what it was."""
        self.scaler.unscale_(self.optimizer)
        return nn.utils.clip_grad_norm_(self.weights, self.config.clip_norm)

    def is_finite(self, loss: Tensor, norm: Tensor) -> bool:
        """Whether to go on. A float16 gradient may overflow: its update is left out and its scale halved."""
        overflowing = self.scaler.is_enabled() and self.scaler.get_scale() > _SMALLEST_SCALE
        return bool(torch.isfinite(loss) & (torch.isfinite(norm) | overflowing))

    def update(self, rate: float, decay: float) -> None:
        """One step of AdamW, unless the gradient overflowed, and of the average."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.scaler.step(self.optimizer)
        self.scaler.update()
        average(self.averaged, self.model, decay)


@torch.no_grad()
def average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights: `averaged <- decay * averaged + (1 - decay) * model`."""
    for mine, theirs in zip(averaged.parameters(), model.parameters(), strict=True):
        mine.lerp_(theirs, 1.0 - decay)
    for mine_fixed, theirs_fixed in zip(averaged.buffers(), model.buffers(), strict=True):
        mine_fixed.copy_(theirs_fixed)


def freeze(model: nn.Module, patterns: Sequence[str]) -> None:
    """Freezes the weights whose names match one of the patterns, such as "encoder.*".

    Raises:
        TrainingError: when a pattern matches none, or nothing is left to train.
    """
    weights = dict(model.named_parameters())
    for pattern in patterns:
        matching = [name for name in weights if fnmatchcase(name, pattern)]
        if not matching:
            parts = {name.partition(".")[0] + ".*": None for name in weights}
            raise TrainingError(
                f"[train] freeze: {pattern!r} matches no weights{nearest(pattern, [*weights, *parts])}",
                hint=f"there are: {', '.join(parts)}",
            )
        for name in matching:
            weights[name].requires_grad_(False)
    if not any(tensor.requires_grad for tensor in weights.values()):
        raise TrainingError("[train] freeze: nothing is left to train", hint="freeze less")


def _compiled(loss: Callable[[Any], dict[str, Tensor]], mode: str) -> Callable[..., Any]:
    """A loss run through `torch.compile`, which may find out only at the first call that it cannot."""
    compiled = torch.compile(loss, mode=mode)

    def call(batch: Any) -> dict[str, Tensor]:
        from torch._dynamo.exc import TorchDynamoException
        from torch._inductor.exc import InductorError

        try:
            return compiled(batch)
        except (TorchDynamoException, InductorError) as error:
            reason = " ".join(str(error).split("\n")[:2])
            raise TrainingError(
                f"torch.compile fails: {reason}",
                hint="set [train] compile = false; on a CPU it needs a C++ compiler",
            ) from error

    return call
