"""Speed for models that keep a pace of their own."""

import dataclasses

import torch
from torch import Tensor
from torch.nn import functional

from tts.acoustic.base import AcousticOutput

__all__ = ["at_speed"]


def at_speed(output: AcousticOutput, speed: float, silence: float) -> AcousticOutput:
    """What was spoken, read `speed` times as fast: frames and attention are interpolated in time.

    Args:
        output: at the model's own pace.
        speed: 2.0 takes half as long.
        silence: fills the spectrograms beyond an item's end.
    """
    if speed == 1.0:
        return output
    r = output.frames_per_step
    before = [int(length) // r for length in output.lengths]
    after = [max(1, round(n / speed)) for n in before]

    def resampled(x: Tensor, frames: int) -> list[Tensor]:
        """Each item of (B, C, T), cut to its length and read at the speed. Shape: (C, T / speed)."""
        return [
            functional.interpolate(item[None, :, : n * frames], size=m * frames, mode="linear")[0]
            for item, n, m in zip(x, before, after, strict=True)
        ]

    def spectrogram(x: Tensor) -> Tensor:
        end = max(after) * r
        items = [
            functional.pad(item, (0, end - item.shape[1]), value=silence)
            for item in resampled(x, r)
        ]
        return torch.stack(items)

    weights = [
        functional.pad(item, (0, max(after) - item.shape[1]), mode="replicate")
        for item in resampled(output.alignment.transpose(1, 2), 1)
    ]
    return dataclasses.replace(
        output,
        mel=spectrogram(output.mel),
        lengths=torch.tensor(after, device=output.lengths.device) * r,
        alignment=torch.stack(weights).transpose(1, 2),
        linear=None if output.linear is None else spectrogram(output.linear),
    )
