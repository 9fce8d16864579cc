"""The sizes of Deep Voice 3, apart from the network, so that speaking needs no PyTorch."""

from dataclasses import dataclass

__all__ = ["DeepVoice3Config"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeepVoice3Config:
    """The sizes of a Deep Voice 3 and the weights of its losses. The defaults are the fast voice.

    Attributes:
        embedding_dim: channels of token embeddings, keys and values.
        encoder_dim, encoder_layers: channels and gated convolutions of the encoder.
        encoder_kernel: taps of each of those. Few, so that a token's value tells of its neighbours only,
            and the attention has to be where the sound is.
        prenet_dim: units of the bottleneck that past frames pass.
        decoder_dim, decoder_layers: channels and gated causal convolutions of the decoder.
        attention_layers: which decoder layers are followed by an attention block.
        attention_dim: channels in which queries and keys meet.
        converter_dim, converter_layers: channels and gated convolutions of the converter.
        linear: whether the converter predicts the linear spectrogram too, for Griffin-Lim.
        kernel: taps of every gated convolution of decoder and converter.
        reduction: mel frames of one decoder step.
        dropout: of every gated convolution and of the attention weights.
        prenet_dropout: of the bottleneck, against leaning on past frames instead of the text.
        scheduled_sampling: share of training steps whose past frames are the decoder's own, so that it
            learns to go on from what it will hear of itself at inference.
        guided_attention: weight of the guided attention loss.
        guided_width: its tolerated distance from the diagonal, as a share of the utterance.
        position_jitter: how far, in decoder steps, keys are displaced while training. Where positions
            alone tell the place, the attention is a ruler and learns no pronunciation.
        window_back, window_ahead: how far from its last place the attention may look at inference. The
            paper's window is 0 and 2.
        windowed_layers: the attention layers whose sight the window limits; all if none is named. They share
            one place, where their mean looks.
        n_speakers, speaker_dim: voices in one model; with one speaker there is no embedding.
    """

    embedding_dim: int = 192
    encoder_dim: int = 192
    encoder_layers: int = 4
    encoder_kernel: int = 3
    prenet_dim: int = 128
    decoder_dim: int = 192
    decoder_layers: int = 4
    attention_layers: tuple[int, ...] = (0, 3)
    attention_dim: int = 192
    converter_dim: int = 128
    converter_layers: int = 4
    linear: bool = False
    kernel: int = 5
    reduction: int = 4
    dropout: float = 0.1
    prenet_dropout: float = 0.5
    scheduled_sampling: float = 0.5
    guided_attention: float = 0.5
    guided_width: float = 0.3
    position_jitter: float = 2.5
    window_back: int = 1
    window_ahead: int = 3
    windowed_layers: tuple[int, ...] | None = None
    n_speakers: int = 1
    speaker_dim: int = 16

    @property
    def speaker_embedding_dim(self) -> int | None:
        """Channels of a speaker's embedding; None where there is none."""
        return self.speaker_dim if self.n_speakers > 1 else None

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive")
        if not self.attention_layers or not all(
            0 <= i < self.decoder_layers for i in self.attention_layers
        ):
            raise ValueError("attention_layers must name decoder layers, and at least one")
        for name in ("kernel", "encoder_kernel"):
            if getattr(self, name) % 2 == 0:
                raise ValueError(f"{name} must be odd")
        for name in ("embedding_dim", "decoder_dim"):
            if getattr(self, name) % 2:
                raise ValueError(
                    f"{name} must be even: positions are added to it, whose sines and cosines come in pairs"
                )
        for name in ("dropout", "prenet_dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be from 0 to below 1")
        if not 0.0 <= self.scheduled_sampling <= 1.0:
            raise ValueError("scheduled_sampling must be from 0 to 1")
        for name in ("guided_attention", "position_jitter", "window_back", "window_ahead"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.windowed_layers is not None and (
            not self.windowed_layers or not set(self.windowed_layers) <= set(self.attention_layers)
        ):
            raise ValueError("windowed_layers must be of the attention_layers, and at least one")


_POSITIVE = (
    *("embedding_dim", "encoder_dim", "encoder_layers", "encoder_kernel", "prenet_dim"),
    *("decoder_dim", "decoder_layers", "attention_dim", "converter_dim", "converter_layers"),
    *("kernel", "reduction", "guided_width", "n_speakers", "speaker_dim"),
)
