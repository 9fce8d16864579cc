"""The weights of a model folder: safetensors, exactly those of the model, and finite."""

from pathlib import Path
from typing import TYPE_CHECKING

from tts.checkpoint.headers import BROKEN
from tts.config import nearest
from tts.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["load_weights", "stored_weights"]


def stored_weights(model: "nn.Module", dtype: str, folder: Path) -> "dict[str, Tensor]":
    """The tensors as they are stored: on the CPU, sharing no memory, matrices in `dtype`."""
    import torch

    stored = {}
    for key, tensor in model.state_dict().items():
        halved = dtype == "float16" and tensor.is_floating_point() and tensor.ndim > 1
        kind = torch.float16 if halved else torch.float32
        stored[key] = tensor.detach().to("cpu", kind if tensor.is_floating_point() else None)
        stored[key] = stored[key].clone(memory_format=torch.contiguous_format)
        if not torch.isfinite(stored[key]).all():
            why = (
                "does not fit float16" if torch.isfinite(tensor).all() else "holds NaN or infinity"
            )
            raise CheckpointError(
                f"{folder}: not saved, because tensor {key!r} {why}",
                hint="train it again with a lower learning rate",
            )
    return stored


def load_weights(path: Path, model: "nn.Module") -> None:
    """Fills a model with the tensors of a file, which must be exactly its own.

    Raises:
        CheckpointError: naming the first tensor that is missing, unexpected, of another shape or not finite.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        # Opened once by Python, for errors that say why; safetensors maps it then.
        with path.open("rb"):
            found = load_file(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path.parent}: has no {path.name}", hint=BROKEN) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path}: is broken: {error}", hint=BROKEN) from None

    expected = model.state_dict()
    for key in expected:
        if key not in found:
            raise CheckpointError(f"{path}: tensor {key!r} is missing", hint=BROKEN)
    for key, tensor in found.items():
        if key not in expected:
            raise CheckpointError(
                f"{path}: tensor {key!r} is unexpected{nearest(key, expected)}", hint=BROKEN
            )
        ours = expected[key]
        if tensor.shape != ours.shape:
            raise CheckpointError(
                f"{path}: tensor {key!r} has shape {tuple(tensor.shape)}, its config says "
                f"{tuple(ours.shape)}",
                hint="config.json and model.safetensors belong to different models",
            )
        if tensor.is_floating_point() != ours.is_floating_point():
            raise CheckpointError(
                f"{path}: tensor {key!r} is {tensor.dtype}, expected {ours.dtype}", hint=BROKEN
            )
        if not torch.isfinite(tensor).all():
            raise CheckpointError(f"{path}: tensor {key!r} holds NaN or infinity", hint=BROKEN)
    model.load_state_dict(found)
