"""What is particular to WaveNet: its dilations, its layers by the paper's equation, its config."""

import dataclasses

import pytest
import torch
from torch.nn import functional

from tts.audio.mel import MelConfig
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

MEL = MelConfig(sample_rate=1600, n_fft=32, hop=16, n_mels=6, fmax_hz=800.0)
TINY = WaveNetConfig(
    n_layers=3,
    dilation_cycle=2,
    kernel=3,
    residual_dim=4,
    skip_dim=5,
    head_dim=6,
    condition_dim=7,
    n_components=2,
    upsampling=2,
)


@pytest.mark.parametrize(
    ("n_layers", "cycle", "kernel", "dilations", "field"),
    [
        (1, 1, 2, (1,), 2),
        (3, 8, 2, (1, 2, 4), 8),
        (5, 2, 2, (1, 2, 1, 2, 1), 8),
        (4, 3, 3, (1, 2, 4, 1), 17),
        (10, 10, 2, tuple(2**i for i in range(10)), 1024),  # the paper's block
    ],
)
def test_dilations_and_receptive_field(n_layers, cycle, kernel, dilations, field):
    config = WaveNetConfig(n_layers=n_layers, dilation_cycle=cycle, kernel=kernel)
    assert config.dilations == dilations
    assert config.receptive_field == field


@pytest.mark.parametrize("n_bands", [1, 4])
def test_the_network_follows_its_drawing(n_bands):
    """Equation 5 and the skip path again, with `conv1d` and explicit repetition of conditions."""
    torch.manual_seed(0)
    model = WaveNet(dataclasses.replace(TINY, n_bands=n_bands), MEL).double()
    n_frames, residual = 4, TINY.residual_dim
    n_steps = n_frames * MEL.hop // n_bands
    bands = torch.randn(2, n_steps, n_bands, dtype=torch.float64)
    mel = torch.randn(2, MEL.n_mels, n_frames, dtype=torch.float64)

    def conv(layer, x_bct, dilation=1, same=False):
        weight = layer.weight.view(layer.weight.shape[0], layer.kernel, -1).permute(0, 2, 1)
        span = (layer.kernel - 1) * dilation
        left = span // 2 if same else span
        return functional.conv1d(
            functional.pad(x_bct, (left, span - left)), weight, layer.bias, dilation=dilation
        )

    c = conv(model.conditioner.context, mel, same=True).relu()
    c = conv(model.conditioner.hidden, c, same=True).relu()
    c = conv(model.conditioner.upsample, c, same=True)  # (B, upsampling * dim, T)
    c = c.unflatten(1, (TINY.upsampling, -1)).permute(0, 2, 3, 1).flatten(2)
    c = conv(model.condition, c).repeat_interleave(n_steps // c.shape[2], dim=2)
    past = functional.pad(bands, (0, 0, 1, 0))[:, :-1].transpose(1, 2)
    x, skips = conv(model.front, past), 0
    for i, dilation in enumerate((1, 2, 1)):
        gate = conv(model.dilated[i], x, dilation) + c[:, i * 2 * residual : (i + 1) * 2 * residual]
        z = gate[:, :residual].tanh() * gate[:, residual:].sigmoid()
        mixed = conv(model.mix[i], z)
        if i < 2:
            x = x + mixed[:, :residual]
            mixed = mixed[:, residual:]
        assert mixed.shape[1] == TINY.skip_dim
        skips = skips + mixed
    out = conv(model.out, conv(model.head, skips.relu()).relu())
    expected = out.transpose(1, 2).unflatten(-1, (n_bands, -1))
    torch.testing.assert_close(model(bands, mel), expected)


def test_steps_may_be_interrupted():
    """A stream in pieces is the stream in one: the state carries everything."""
    torch.manual_seed(0)
    model = WaveNet(TINY, MEL).eval()
    with torch.no_grad():
        conditions = model.conditions(torch.randn(2, MEL.n_mels, 6))
        uniforms = torch.cat(list(model.uniforms(2, 6, seed=0)), dim=1)
        assert model.hold == 2
        whole = model.steps(conditions, uniforms, model.initial_state(2))
        state = model.initial_state(2)
        pieces = [
            model.steps(conditions[:, a // 2 : b // 2], uniforms[:, a:b], state)
            for a, b in ((0, 2), (2, 10), (10, 24))
        ]
    assert state.step == 24
    assert torch.equal(torch.cat(pieces, dim=1), whole)
    assert torch.equal(state.last, whole[:, -1])


def test_mu_law_bands_have_a_table_each():
    torch.manual_seed(0)
    model = WaveNet(dataclasses.replace(TINY, likelihood="mulaw"), MEL)
    bands = torch.tensor([[-1.0, -0.1, 0.0, 1.0]])
    classes = model.likelihood.encode(bands)[0].tolist()
    assert classes[0] == 0
    assert classes[3] == 255
    table = model.front.weight
    assert table.shape == (4 * 256, TINY.residual_dim)
    expected = sum(table[256 * band + c] for band, c in enumerate(classes))
    torch.testing.assert_close(model.embed(bands)[0], expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *(({field: 0}, f"{field} must be at least 1") for field in (
            "n_components", "n_layers", "dilation_cycle", "residual_dim", "skip_dim", "head_dim",
            "condition_dim", "upsampling", "n_speakers", "speaker_dim",
        )),
        ({"kernel": 1}, "kernel must be at least 2"),
    ],
)  # fmt: skip
def test_unfit_configs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **changes)


@pytest.mark.parametrize("changes", [{"upsampling": 3}, {"upsampling": 8}])
def test_a_hop_that_cannot_be_shared_out_is_refused(changes):
    with pytest.raises(ValueError, match="multiple of n_bands"):
        WaveNet(dataclasses.replace(TINY, **changes), MEL)


def test_bands_must_divide_the_hop():
    mel = MelConfig(sample_rate=1600, n_fft=32, hop=18, n_mels=6, fmax_hz=800.0)
    with pytest.raises(ValueError, match="multiple of n_bands"):
        WaveNet(dataclasses.replace(TINY, upsampling=1), mel)
