"""The sizes of a WaveNet, apart from the network, so that speaking needs no PyTorch."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["WaveNetConfig"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveNetConfig:
    """The sizes of a WaveNet. The defaults are the fast four-band voice.

    Attributes:
        n_bands: sub-bands a step emits; 1 is the plain WaveNet.
        likelihood: the distribution of a sample.
        n_components: components of the logistic mixture; the other likelihoods take no notice.
        n_layers: dilated convolutions, whose dilations are 1, 2, 4 ... 2^(dilation_cycle - 1), 1, 2 ...
        kernel: taps of each.
        residual_dim, skip_dim, head_dim: channels of the residual path, the skip path, the head.
        condition_dim: channels of the conditioner.
        upsampling: condition vectors for one mel frame, learned; each is held for equally many steps.
        n_speakers, speaker_dim: voices in one model; with one speaker there is no embedding.
    """

    n_bands: Literal[1, 4] = 4
    likelihood: Literal["mulaw", "logistic_mixture", "gaussian"] = "logistic_mixture"
    n_components: int = 5
    n_layers: int = 12
    dilation_cycle: int = 8
    kernel: int = 2
    residual_dim: int = 48
    skip_dim: int = 64
    head_dim: int = 64
    condition_dim: int = 96
    upsampling: int = 4
    n_speakers: int = 1
    speaker_dim: int = 16

    def __post_init__(self) -> None:
        for name in _SIZES:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.kernel < 2:
            raise ValueError("kernel must be at least 2")

    @property
    def dilations(self) -> tuple[int, ...]:
        """The dilation of each layer, in steps."""
        return tuple(2 ** (i % self.dilation_cycle) for i in range(self.n_layers))

    def hold(self, hop: int) -> int:
        """For how many steps a condition vector is held. Raises ValueError for a hop that does not fit."""
        n_conditions = self.n_bands * self.upsampling
        if hop % n_conditions:
            raise ValueError("hop must be a multiple of n_bands * upsampling")
        return hop // n_conditions

    @property
    def receptive_field(self) -> int:
        """How many past steps decide the next one."""
        return 1 + (self.kernel - 1) * sum(self.dilations)


_SIZES = (
    *("n_components", "n_layers", "dilation_cycle", "residual_dim", "skip_dim", "head_dim"),
    *("condition_dim", "upsampling", "n_speakers", "speaker_dim"),
)
