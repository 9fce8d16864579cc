"""How a speaker is heard in a network (Ping et al. 2018, Deep Voice 3, section 3.1)."""

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["SpeakerBias"]


class SpeakerBias(nn.Module):
    """What a speaker adds to the activations of one site: the softsign of a projection of the embedding.

    Args:
        dim: channels of the activations.
        speaker_dim: channels of a speaker's embedding; None where there is but one, who adds nothing.
    """

    def __init__(self, dim: int, speaker_dim: int | None) -> None:
        super().__init__()
        self.project = None if speaker_dim is None else nn.Linear(speaker_dim, dim)

    def forward(self, x: Tensor, speaker: Tensor | None) -> Tensor:
        """Shape: (B, T, dim) or (B, dim), (B, speaker_dim) -> that of x."""
        if self.project is None or speaker is None:
            return x
        added = functional.softsign(self.project(speaker))
        return x + (added if x.ndim == 2 else added[:, None])
