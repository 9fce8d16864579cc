"""The weights of a model folder: safetensors, exactly those of the model, and finite."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from tts.checkpoint.headers import BROKEN, check_regular
from tts.config import nearest
from tts.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["filled", "read_tensors", "stored_weights"]

FloatArray = npt.NDArray[np.float32]
Module = TypeVar("Module", bound="nn.Module")


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


def filled(build: "Callable[[], Module]", path: Path) -> "Module":
    """A model with the tensors of a file, which must be exactly its own.

    Their shapes are compared before any memory is taken for the model.

    Args:
        build: makes the model, each time the same.
        path: the file.

    Raises:
        CheckpointError: as `read_tensors` does.
    """
    import torch

    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in build().state_dict().items()}
    found = read_tensors(path, shapes)
    model = build()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in found.items()})
    return model


def read_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """The tensors of a file, in float32, which must be of exactly these names and shapes.

    Raises:
        CheckpointError: naming the first tensor that is missing, unexpected, of another shape or not finite.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        check_regular(path)
        # Opened once by Python, for errors that say why; safetensors maps it then.
        with path.open("rb"):
            found = load_file(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path.parent}: has no {path.name}", hint=BROKEN) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        # AttributeError is of number formats that numpy lacks.
        raise CheckpointError(f"{path}: is broken: {error}", hint=BROKEN) from None

    for key in shapes:
        if key not in found:
            raise CheckpointError(f"{path}: tensor {key!r} is missing", hint=BROKEN)
    for key, array in found.items():
        if key not in shapes:
            raise CheckpointError(
                f"{path}: tensor {key!r} is unexpected{nearest(key, shapes)}", hint=BROKEN
            )
        if array.shape != shapes[key]:
            raise CheckpointError(
                f"{path}: tensor {key!r} has shape {array.shape}, its config says {shapes[key]}",
                hint="config.json and model.safetensors belong to different models",
            )
        if not np.issubdtype(array.dtype, np.floating):
            raise CheckpointError(
                f"{path}: tensor {key!r} is {array.dtype}, expected float32", hint=BROKEN
            )
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: tensor {key!r} holds NaN or infinity", hint=BROKEN)
    return {key: found[key].astype(np.float32) for key in shapes}
