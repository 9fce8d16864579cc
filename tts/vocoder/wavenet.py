"""WaveNet (van den Oord et al. 2016, arXiv 1609.03499), on the full band or on four sub-bands.

        mel (B, M, T) --- conditioner: convolutions at the frame rate, learned upsampling ---.
                                                                                             | c, held
    x[t-1] -- front -- layer 0 -- layer 1 ... layer n-1     each layer, with z its gate:     | for `hold`
                          |          |            |           z = tanh(W_f [x, x_-d] + V_f c)  steps
                          '---skips, summed ------'               * sigmoid(W_g [x, x_-d] + V_g c)   (eq. 5)
                                   |                          x <- x + W_r z,  skip <- skip + W_s z
                          relu, head, relu, out -> params of the likelihood of x[t]

With `n_bands = 4` a pseudo-QMF bank splits the sound, one step emits one sample of each band, and the
network runs at a quarter of the rate (Yu et al. 2019, DurIAN, section 4). With several speakers, a projection
of the speaker's embedding h, V'_f h and V'_g h, is added to the conditions of every layer (section 2.5,
global conditioning).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.audio.mel import MelConfig
from tts.audio.pqmf import PQMF
from tts.nn.conv import Conv
from tts.vocoder.base import Vocoder, VocoderBatch, vocoders
from tts.vocoder.likelihoods import MuLawSoftmax, build_likelihood
from tts.vocoder.wavenet_config import WaveNetConfig

__all__ = ["WaveNet", "WaveNetConfig", "WaveNetState"]


@dataclass(slots=True)
class WaveNetState:
    """All that a stream carries from step to step: the rings of the layers, the last samples, the time."""

    rings: list[Tensor]  # per layer (B, span, residual_dim)
    last: Tensor  # (B, n_bands)
    step: int = 0


@vocoders.register("wavenet", WaveNetConfig)
class WaveNet(Vocoder):
    """The network; see the module's drawing."""

    band_scale: Tensor
    analysis_filters: Tensor

    def __init__(self, config: WaveNetConfig, mel_config: MelConfig) -> None:
        super().__init__()
        self.config, self.mel_config = config, mel_config
        self.likelihood = build_likelihood(config.likelihood, config.n_components)
        self.hold = config.hold(mel_config.hop)
        residual, skip = config.residual_dim, config.skip_dim

        self.conditioner = Conditioner(mel_config.n_mels, config.condition_dim, config.upsampling)
        self.condition = Conv(
            config.condition_dim, config.n_layers * 2 * residual, causal=False
        )  # V_f, V_g of all layers as one product
        self.speakers: nn.Embedding | None = None
        if config.n_speakers > 1:
            self.speakers = nn.Embedding(config.n_speakers, config.speaker_dim)
            self.speaker = Conv(
                config.speaker_dim, config.n_layers * 2 * residual, causal=False, bias=False
            )  # V'_f, V'_g
        if isinstance(self.likelihood, MuLawSoftmax):
            # The one-hot input of the paper times a matrix is a table look-up; bands have a table each.
            self.front: nn.Module = nn.Embedding(
                config.n_bands * self.likelihood.n_params, residual
            )
        else:
            self.front = Conv(config.n_bands, residual, causal=True)
        self.dilated = nn.ModuleList(
            Conv(residual, 2 * residual, config.kernel, dilation, causal=True)
            for dilation in config.dilations
        )
        # W_r above W_s; the last layer's residual output would feed nothing.
        self.mix = nn.ModuleList(
            Conv(residual, skip + (residual if i + 1 < config.n_layers else 0), causal=True)
            for i in range(config.n_layers)
        )
        self.head = Conv(skip, config.head_dim, causal=True)
        self.out = Conv(config.head_dim, config.n_bands * self.likelihood.n_params, causal=True)

        # Bands are scaled to unit variance, so that one likelihood serves loud and quiet bands alike.
        self.register_buffer("band_scale", torch.ones(config.n_bands))
        filters = PQMF(config.n_bands).analysis_filters if config.n_bands > 1 else np.ones((1, 1))
        self.register_buffer(
            "analysis_filters", torch.tensor(filters, dtype=torch.float32), persistent=False
        )

    # -- training ---------------------------------------------------------------------------------

    @torch.no_grad()
    def calibrate(self, clips: Iterable[npt.NDArray[np.float32]]) -> None:
        """Measures the level of each band; mu-law wants the samples as they are."""
        if self.config.likelihood == "mulaw":
            return
        energy, n_steps = torch.zeros(self.config.n_bands), 0
        for clip in clips:
            whole = len(clip) // self.config.n_bands * self.config.n_bands
            bands = self.split(torch.from_numpy(clip[:whole])[None])
            energy += bands.square().sum(dim=(0, 1))
            n_steps += bands.shape[1]
        self.band_scale.copy_((energy / max(n_steps, 1)).sqrt().clamp(min=1e-4))

    def split(self, audio: Tensor) -> Tensor:
        """The scaled sub-bands of a sound. Shape: (B, S) -> (B, S / n_bands, n_bands)."""
        n_taps = self.analysis_filters.shape[1]
        bands = functional.conv1d(
            audio[:, None],
            self.analysis_filters.flip(-1)[:, None],
            stride=self.config.n_bands,
            padding=n_taps // 2,
        )[..., : audio.shape[1] // self.config.n_bands]
        return bands.transpose(1, 2) / self.band_scale

    def loss(self, batch: VocoderBatch) -> dict[str, Tensor]:
        """Nats a sample of the normalised signal; the first receptive field only warms the network up."""
        with torch.autocast(batch.audio.device.type, enabled=False):
            target = self.split(batch.audio)
        params = self(target, batch.mel, batch.speakers)
        # The crop's ends are filtered with zeros beyond them, so half a filter's steps do not count.
        edge = self.analysis_filters.shape[1] // 2 // self.config.n_bands
        valid = slice(
            min(self.config.receptive_field, target.shape[1] // 2), target.shape[1] - edge
        )
        nll = self.likelihood.nll(params[:, valid], target[:, valid])
        return {"loss": nll.mean()}

    def forward(self, bands: Tensor, mel: Tensor, speakers: Tensor | None = None) -> Tensor:
        """The params of the likelihood of every step, given the true steps before it.

        Shape: bands (B, S', n_bands), mel (B, M, T) with S' = T * hop / n_bands, speakers (B,)
            -> (B, S', n_bands, n_params).
        """
        past = functional.pad(bands, (0, 0, 1, 0))[:, :-1]
        x = self.embed(past)
        conditions = self.conditions(mel, speakers)  # (B, T * upsampling, n_layers, 2 * residual)
        batch, n_steps, residual = x.shape
        skips: Tensor | None = None
        for i, (dilated, mix) in enumerate(zip(self.dilated, self.mix, strict=True)):
            held = conditions[:, :, i, None]
            gate = (dilated(x).view(batch, -1, self.hold, 2 * residual) + held).flatten(1, 2)
            mixed = mix(torch.tanh(gate[..., :residual]) * torch.sigmoid(gate[..., residual:]))
            skip = mixed[..., -self.config.skip_dim :]
            skips = skip if skips is None else skips + skip
            if i + 1 < self.config.n_layers:
                x = x + mixed[..., :residual]
        assert skips is not None
        params = self.out(torch.relu(self.head(torch.relu(skips))))
        return params.view(batch, n_steps, self.config.n_bands, self.likelihood.n_params)

    # -- parts shared by training, stepping and the compiled kernel ---------------------------------

    def conditions(self, mel: Tensor, speakers: Tensor | None = None) -> Tensor:
        """V c of every layer. Shape: (B, M, T), (B,) -> (B, T * upsampling, n_layers, 2 * residual_dim)."""
        return self.project(self.conditioner(mel), speakers)

    def project(self, hidden: Tensor, speakers: Tensor | None = None) -> Tensor:
        """V c of every layer for some of the condition vectors c.

        Shape: (B, C', condition_dim), (B,) -> (B, C', n_layers, 2 * residual_dim).
        """
        projected = self.condition(hidden)
        if self.speakers is not None:
            if speakers is None:
                raise ValueError("a model of several speakers needs `speakers`")
            projected = projected + self.speaker(self.speakers(speakers))[:, None]
        return projected.unflatten(-1, (self.config.n_layers, 2 * self.config.residual_dim))

    def embed(self, bands: Tensor) -> Tensor:
        """The front of the network. Shape: (..., n_bands) -> (..., residual_dim)."""
        if isinstance(self.likelihood, MuLawSoftmax):
            n_classes = self.likelihood.n_params
            table = torch.arange(self.config.n_bands, device=bands.device) * n_classes
            return self.front(self.likelihood.encode(bands) + table).sum(dim=-2)
        return self.front(bands)

    # -- inference --------------------------------------------------------------------------------

    def initial_state(self, batch: int) -> WaveNetState:
        """The state before the first sample: silence."""
        like = self.band_scale
        rings = [layer.initial_state(batch, like) for layer in self.dilated]  # type: ignore[operator]
        return WaveNetState(rings, like.new_zeros(batch, self.config.n_bands))

    def step_params(self, last: Tensor, condition: Tensor, state: WaveNetState) -> Tensor:
        """The params of the next step; the rings of `state` move on.

        Shape: last (B, n_bands), condition (B, n_layers, 2 * residual) -> (B, n_bands, n_params).
        """
        x = self.embed(last)
        residual = self.config.residual_dim
        skips: Tensor | None = None
        for i, (dilated, mix) in enumerate(zip(self.dilated, self.mix, strict=True)):
            gate = dilated.step(x, state.rings[i], state.step) + condition[:, i]  # type: ignore[operator]
            mixed = mix(torch.tanh(gate[:, :residual]) * torch.sigmoid(gate[:, residual:]))
            skip = mixed[:, -self.config.skip_dim :]
            skips = skip if skips is None else skips + skip
            if i + 1 < self.config.n_layers:
                x = x + mixed[:, :residual]
        assert skips is not None
        params = self.out(torch.relu(self.head(torch.relu(skips))))
        return params.view(-1, self.config.n_bands, self.likelihood.n_params)

    def steps(
        self, conditions: Tensor, uniforms: Tensor, state: WaveNetState, temperature: float = 1.0
    ) -> Tensor:
        """The plain cached loop: as many steps as there are uniforms, the state moving on in place.

        Shape: conditions (B, S' / hold, n_layers, 2 * residual), uniforms (B, S', n_bands, n_uniforms)
            -> (B, S', n_bands), scaled bands.
        """
        drawn = []
        for t in range(uniforms.shape[1]):
            params = self.step_params(state.last, conditions[:, t // self.hold], state)
            state.last = self.likelihood.sample(params, uniforms[:, t], temperature)
            state.step += 1
            drawn.append(state.last)
        return torch.stack(drawn, dim=1)

    @torch.inference_mode()
    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speakers: Tensor | None = None,
    ) -> Tensor:
        """See `Vocoder.infer`. This is the plain PyTorch loop; `tts.kernels` runs it compiled."""
        frames = list(self._frames(mel, seed, temperature, speakers))
        return self.join(torch.cat(frames, dim=1))

    def stream(
        self,
        mel: npt.NDArray[np.float32],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[npt.NDArray[np.float32]]:
        """See `SpeaksMel.stream`; a chunk is a frame."""
        device = self.band_scale.device
        speakers = None if speaker is None else torch.tensor([speaker], device=device)
        frames = self._frames(torch.from_numpy(mel)[None].to(device), seed, temperature, speakers)
        bands = ((frame[0] * self.band_scale).T.numpy(force=True) for frame in frames)
        if self.config.n_bands == 1:
            return (chunk[0] for chunk in bands)
        return PQMF(self.config.n_bands).synthesis_of(bands)

    @torch.inference_mode()
    def _frames(
        self, mel: Tensor, seed: int, temperature: float, speakers: Tensor | None
    ) -> Iterator[Tensor]:
        """The scaled sub-bands, frame by frame. Shape: (B, hop / n_bands, n_bands) each."""
        conditions = self.conditions(mel, speakers)
        state = self.initial_state(len(mel))
        for frame, uniforms in enumerate(self.uniforms(len(mel), mel.shape[2], seed)):
            window = slice(frame * self.config.upsampling, (frame + 1) * self.config.upsampling)
            yield self.steps(conditions[:, window], uniforms.to(mel.device), state, temperature)

    def uniforms(self, batch: int, n_frames: int, seed: int) -> Iterator[Tensor]:
        """The draws of each frame. Shape: (B, hop / n_bands, n_bands, n_uniforms) each."""
        generator = np.random.Generator(np.random.Philox(seed))
        steps = self.mel_config.hop // self.config.n_bands
        shape = (batch, steps, self.config.n_bands, self.likelihood.n_uniforms)
        for _ in range(n_frames):
            yield torch.from_numpy(generator.random(shape, dtype=np.float32))

    def join(self, bands: Tensor) -> Tensor:
        """The sound of scaled sub-bands. Shape: (B, S', n_bands) -> (B, S' * n_bands)."""
        scaled = bands * self.band_scale
        if self.config.n_bands == 1:
            return scaled[..., 0]
        bank = PQMF(self.config.n_bands)
        joined = [bank.synthesis(item) for item in scaled.transpose(1, 2).cpu().numpy()]
        return torch.from_numpy(np.stack(joined)).to(bands.device)


class Conditioner(nn.Module):
    """From mel frames to `upsampling` condition vectors a frame.

    Two convolutions see three frames to each side; a third, which sees one more, emits `upsampling` vectors
    for each frame: a transposed convolution of that stride (Shi et al. 2016, sub-pixel convolution).
    """

    def __init__(self, n_mels: int, dim: int, upsampling: int) -> None:
        super().__init__()
        self.dim = dim
        self.context = Conv(n_mels, dim, kernel=5, causal=False)
        self.hidden = Conv(dim, dim, kernel=3, causal=False)
        self.upsample = Conv(dim, upsampling * dim, kernel=3, causal=False)

    def forward(self, mel: Tensor) -> Tensor:
        """Shape: (B, M, T) -> (B, T * upsampling, dim)."""
        x = torch.relu(self.context(mel.transpose(1, 2)))
        x = torch.relu(self.hidden(x))
        return self.upsample(x).unflatten(-1, (-1, self.dim)).flatten(1, 2)
