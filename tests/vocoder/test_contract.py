"""What every registered vocoder must do. A new model adds its tiny configs to `CASES`."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from tts.audio.mel import MelConfig
from tts.vocoder import Vocoder, VocoderBatch, vocoders
from tts.vocoder.likelihoods import LIKELIHOODS
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

MEL = MelConfig(sample_rate=1600, n_fft=32, hop=16, n_mels=6, fmax_hz=800.0)
N_FRAMES = 10


def wavenet_steps(
    model: WaveNet, bands: Tensor, mel: Tensor, speakers: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The params of every step: all at once, and one by one from the same true steps before."""
    conditions = model.conditions(mel, speakers)
    state = model.initial_state(bands.shape[0])
    assert not state.last.any()
    stepped = []
    for t in range(bands.shape[1]):
        params = model.step_params(state.last, conditions[:, t // model.hold], state)
        stepped.append(params)
        state.last = bands[:, t]
        state.step += 1
    return model(bands, mel, speakers), torch.stack(stepped, dim=1)


@dataclass(frozen=True)
class Case:
    """A tiny model: its name in the registry, its config, and its two ways to the same params."""

    name: str
    config: WaveNetConfig
    steps: Callable[[Vocoder, Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor]]

    def speakers(self, n_items: int = 2) -> Tensor | None:
        """Who speaks each item, for a model of several speakers."""
        return torch.tensor([2, 0])[:n_items] if self.config.n_speakers > 1 else None


def wavenet(likelihood: str, n_bands: int, n_speakers: int = 1) -> Case:
    config = WaveNetConfig(
        n_bands=n_bands,
        likelihood=likelihood,
        n_components=3,
        n_layers=4,
        dilation_cycle=3,
        kernel=3 if n_bands == 1 else 2,
        residual_dim=6,
        skip_dim=5,
        head_dim=7,
        condition_dim=9,
        upsampling=2,
        n_speakers=n_speakers,
        speaker_dim=5,
    )
    return Case("wavenet", config, wavenet_steps)


CASES = {
    f"wavenet, {likelihood}, {n_bands}": wavenet(likelihood, n_bands)
    for likelihood, n_bands in itertools.product(LIKELIHOODS, (1, 4))
} | {
    f"wavenet, {likelihood}, {n_bands}, 3 speakers": wavenet(likelihood, n_bands, n_speakers=3)
    for likelihood, n_bands in (("mulaw", 1), ("logistic_mixture", 4))
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def build(case: Case, seed: int = 0) -> Vocoder:
    torch.manual_seed(seed)
    return vocoders.build(case.name, case.config, MEL)


@pytest.fixture
def model(case: Case) -> Vocoder:
    model = build(case).eval()
    model.calibrate([clip(0).numpy()])
    return model


def clip(seed: int, n_frames: int = N_FRAMES) -> Tensor:
    """A buzz of a few sines and a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_frames * MEL.hop)
    sound = sum(0.15 * np.sin((0.2 + 0.6 * k) * t + rng.uniform(0, 6)) for k in range(5))
    return torch.from_numpy((sound + 0.02 * rng.normal(size=t.size)).astype(np.float32))


def make_batch(case: Case, n_frames: int = N_FRAMES) -> VocoderBatch:
    generator = torch.Generator().manual_seed(1)
    return VocoderBatch(
        audio=torch.stack([clip(0, n_frames), clip(1, n_frames)]),
        mel=torch.randn(2, MEL.n_mels, n_frames, generator=generator),
        speakers=case.speakers(),
    )


def test_every_model_has_a_case():
    assert {case.name for case in CASES.values()} == set(vocoders.names())
    for case in CASES.values():
        assert isinstance(case.config, vocoders.config_type(case.name))


# -- training ----------------------------------------------------------------------------------------


def test_loss_and_gradients_are_finite(case):
    model = build(case).train()
    model.calibrate([clip(0).numpy()])
    parts = model.loss(make_batch(case))
    parts["loss"].backward()
    for name, value in parts.items():
        assert value.shape == (), name
        assert torch.isfinite(value), name
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, f"{name} learns nothing"


@pytest.mark.parametrize("audio", [0.0, 1.0, -1.0])
def test_constant_sounds_have_a_finite_loss(case, audio):
    model = build(case)
    batch = VocoderBatch(
        audio=torch.full((1, 8 * MEL.hop), audio),
        mel=torch.zeros(1, 6, 8),
        speakers=case.speakers(1),
    )
    model.calibrate([batch.audio[0].numpy()])
    loss = model.loss(batch)["loss"]
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_one_clip_is_learned_by_heart(case):
    """The loss falls by more than 1 nat a sample."""
    model = build(case)
    batch = VocoderBatch(
        audio=clip(0)[None], mel=make_batch(case).mel[:1], speakers=case.speakers(1)
    )
    model.calibrate([clip(0).numpy()])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(80):
        loss = model.loss(batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) / 5 < losses[0] - 1.0


def test_the_loss_is_the_mean_over_warm_steps(case, model):
    """All steps but the first receptive field and the ends that the filter bank cannot know."""
    batch = make_batch(case)
    with torch.no_grad():
        target = model.split(batch.audio)
        nll = model.likelihood.nll(model(target, batch.mel, batch.speakers), target)
        first = min(model.config.receptive_field, target.shape[1] // 2)
        last = target.shape[1] - (7 if model.config.n_bands == 4 else 0)  # 31 samples of the filter
        expected = nll[:, first:last].mean()
        assert nll.shape == target.shape
        torch.testing.assert_close(model.loss(batch)["loss"], expected)


def test_calibrate_makes_bands_of_unit_variance(case):
    model = build(case)
    clips = [clip(0).numpy(), 0.5 * clip(1, 7).numpy(), clip(2).numpy()[:-3]]  # no whole steps
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.calibrate(iter(clips))
    assert all(p.requires_grad for p in model.parameters())
    if case.config.likelihood == "mulaw":  # which wants the samples as they are
        assert all(torch.equal(v, before[name]) for name, v in model.state_dict().items())
        return
    n = case.config.n_bands
    bands = [model.split(torch.from_numpy(c[: len(c) // n * n])[None])[0] for c in clips]
    power = torch.cat(bands).square().mean(dim=0)
    torch.testing.assert_close(power, torch.ones(n), rtol=1e-4, atol=0)


# -- the network -------------------------------------------------------------------------------------


def test_stepwise_equals_parallel(case, model):
    batch = make_batch(case)
    with torch.no_grad():
        bands = model.split(batch.audio)
        parallel, stepwise = case.steps(model, bands, batch.mel, batch.speakers)
    n_steps, n_bands = N_FRAMES * MEL.hop // case.config.n_bands, case.config.n_bands
    assert parallel.shape == (2, n_steps, n_bands, model.likelihood.n_params)
    torch.testing.assert_close(stepwise, parallel, rtol=1e-5, atol=2e-6)


def test_receptive_field_is_exact(case):
    """A step is changed by the last `receptive_field` steps, by none before them, by none after."""
    model = build(case).double().eval()
    field = model.config.receptive_field
    n_frames = -(-(field + 4) * case.config.n_bands // MEL.hop) + 1
    batch = make_batch(case, n_frames)
    mel = batch.mel[:1].double()
    bands = 0.3 * torch.randn(1, n_frames * MEL.hop // case.config.n_bands, case.config.n_bands)
    bands = bands.double()
    t = field + 2
    with torch.no_grad():
        expected = model(bands, mel, case.speakers(1))[0, t]
        seen = []
        for past in range(bands.shape[1]):
            changed = bands.clone()
            changed[0, past] = -changed[0, past]  # another mu-law class, too
            if not torch.equal(model(changed, mel, case.speakers(1))[0, t], expected):
                seen.append(past)
    assert seen == list(range(t - field, t))


def test_gradients_reach_the_receptive_field_and_no_further(case):
    if case.config.likelihood == "mulaw":
        pytest.skip("classes have no gradient; the test above changes them")
    model = build(case).double()
    field, t = model.config.receptive_field, model.config.receptive_field + 2
    n_frames = -(-(t + 3) * case.config.n_bands // MEL.hop)
    bands = torch.randn(
        1,
        n_frames * MEL.hop // case.config.n_bands,
        case.config.n_bands,
        dtype=torch.float64,
        requires_grad=True,
    )
    mel = make_batch(case, n_frames).mel[:1].double()
    (gradient,) = torch.autograd.grad(
        model(bands, mel, case.speakers(1))[0, t].square().sum(), bands
    )
    reached = gradient[0].abs().amax(dim=-1) > 0
    assert reached.nonzero().flatten().tolist() == list(range(t - field, t))


def test_a_step_hears_four_frames_of_mel_each_way(case, model):
    """The conditioner's kernels of 5, 3 and 3 see 2 + 1 + 1 frames to each side."""
    mel = make_batch(case, 12).mel[:1].requires_grad_()
    steps_per_frame = MEL.hop // case.config.n_bands
    bands = torch.zeros(1, 12 * steps_per_frame, case.config.n_bands)
    # The first step of frame 6 has a past, which other frames condition: take its own layer's share.
    condition = model.conditions(mel, case.speakers(1))[0, 6 * case.config.upsampling]
    (gradient,) = torch.autograd.grad(condition.square().sum(), mel)
    assert gradient[0].abs().sum(dim=0).nonzero().flatten().tolist() == list(range(2, 11))
    params = model(bands, mel, case.speakers(1))
    (gradient,) = torch.autograd.grad(params[0, 0].square().sum(), mel)
    assert gradient[0].abs().sum(dim=0).nonzero().flatten().tolist() == list(range(5))


# -- inference ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_length_is_a_hop_for_each_frame(case, model, n_frames):
    audio = model.infer(make_batch(case, n_frames).mel, speakers=case.speakers())
    assert audio.shape == (2, n_frames * MEL.hop)
    assert audio.dtype == torch.float32
    assert torch.isfinite(audio).all()


def test_the_seed_decides(case, model):
    mel = make_batch(case, 4).mel
    torch.manual_seed(1)
    first = model.infer(mel, speakers=case.speakers(), seed=3)
    torch.manual_seed(2)
    assert torch.equal(model.infer(mel, speakers=case.speakers(), seed=3), first)
    assert not torch.equal(model.infer(mel, speakers=case.speakers(), seed=4), first)


def test_items_draw_for_themselves(case, model):
    """Two equal items of a batch are spoken with different draws, not the same twice."""
    mel = make_batch(case, 4).mel[:1].repeat(2, 1, 1)
    speakers = None if case.speakers() is None else torch.tensor([1, 1])
    audio = model.infer(mel, speakers=speakers)
    assert not torch.equal(audio[0], audio[1])


def test_a_beginning_does_not_depend_on_what_follows(case, model):
    """Uniforms are drawn frame by frame: a longer mel begins with the same sounds."""
    mel = make_batch(case, 9).mel
    short, long = (
        model.infer(mel[..., :6], speakers=case.speakers()),
        model.infer(mel, speakers=case.speakers()),
    )
    heard = (6 - 4) * MEL.hop - 31  # four frames of mel ahead, and half a filter of the bank
    assert heard > 0
    torch.testing.assert_close(short[0, :heard], long[0, :heard], rtol=1e-4, atol=1e-4)


def test_infer_is_the_loop_over_its_uniforms(case, model):
    """`infer` again, a draw at a time, from the params of the parallel pass over what it has said."""
    mel = make_batch(case, 3).mel
    uniforms = torch.cat(list(model.uniforms(2, 3, seed=5)), dim=1)
    n_steps = 3 * MEL.hop // case.config.n_bands
    assert uniforms.shape == (2, n_steps, case.config.n_bands, model.likelihood.n_uniforms)
    assert 0 <= uniforms.min() <= uniforms.max() < 1
    said = torch.zeros(2, n_steps, case.config.n_bands)
    with torch.no_grad():
        for t in range(n_steps):
            params = model(said, mel, case.speakers())[:, t]
            said[:, t] = model.likelihood.sample(params, uniforms[:, t], 0.7)
        expected = model.join(said)
    audio = model.infer(mel, speakers=case.speakers(), seed=5, temperature=0.7)
    torch.testing.assert_close(audio, expected, rtol=1e-4, atol=1e-4)


def test_a_stream_is_what_infer_says(case, model):
    mel = make_batch(case, 5).mel[:1]
    speakers = case.speakers(1)
    options = {"seed": 3, "temperature": 0.7}
    whole = model.infer(mel, speakers=speakers, **options)[0]
    speaker = None if speakers is None else int(speakers[0])
    chunks = list(model.stream(mel[0].numpy(), speaker=speaker, **options))
    assert {chunk.dtype for chunk in chunks} == {np.dtype(np.float32)}
    np.testing.assert_allclose(np.concatenate(chunks), whole, atol=1e-6)


def test_a_stream_may_be_left(case, model):
    mel = make_batch(case, 5).mel[0].numpy()
    speaker = None if case.speakers() is None else 1
    first = next(iter(model.stream(mel, speaker=speaker)))
    again = next(iter(model.stream(mel, speaker=speaker)))
    np.testing.assert_array_equal(first, again)


def test_infer_leaves_nothing_behind(case):
    for training in (False, True):
        model = build(case).train(training)
        before = {name: value.clone() for name, value in model.state_dict().items()}
        generator = torch.get_rng_state()
        audio = model.infer(make_batch(case, 2).mel, speakers=case.speakers())
        assert torch.equal(torch.get_rng_state(), generator)
        assert all(part.training == training for part in model.modules())
        assert not audio.requires_grad
        assert all(p.grad is None and p.requires_grad for p in model.parameters())
        after = model.state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
        model.loss(make_batch(case))["loss"].backward()  # and it trains on


# -- speakers ----------------------------------------------------------------------------------------


def test_speakers_differ_and_do_not_leak(case, model):
    """Who else is in the batch changes nothing, another speaker does; a model of one takes no notice."""
    mel = make_batch(case, 3).mel[:1]
    if case.config.n_speakers == 1:
        speakers = torch.tensor([0])
        assert torch.equal(model.infer(mel, speakers=speakers), model.infer(mel))
        return
    alone = [model.conditions(mel, torch.tensor([i])) for i in range(case.config.n_speakers)]
    together = model.conditions(mel.expand(3, -1, -1), torch.tensor([2, 1, 0]))
    for i, conditions in enumerate(alone):
        torch.testing.assert_close(together[2 - i], conditions[0])
    first, second = (model.infer(mel, speakers=torch.tensor([i])) for i in (0, 1))
    assert not torch.equal(first, second)


def test_the_embedding_is_added_to_the_conditions_of_every_layer(case, model):
    """V'_f h and V'_g h of every layer, at every step alike (section 2.5 of the paper)."""
    if case.config.n_speakers == 1:
        assert not [name for name in model.state_dict() if "speaker" in name]
        return
    mel = make_batch(case, 3).mel
    weights = model.state_dict()
    h = weights["speakers.weight"][[2, 0]]
    v = weights["speaker.weight"]
    with torch.no_grad():
        added = (h @ v.T).view(2, 1, case.config.n_layers, 2 * case.config.residual_dim)
        held = model.condition(model.conditioner(mel)).view(2, 6, case.config.n_layers, -1)
        torch.testing.assert_close(model.conditions(mel, case.speakers()), held + added)
    assert added.std() > 0.01


def test_a_model_of_several_speakers_asks_who_speaks(case, model):
    if case.config.n_speakers > 1:
        with pytest.raises(ValueError, match="needs `speakers`"):
            model.infer(make_batch(case, 1).mel)


def test_save_load_identical(case, model, tmp_path):
    from safetensors.torch import load_file, save_file

    save_file(model.state_dict(), tmp_path / "m.safetensors")
    copy = build(case, seed=99).eval()
    assert not torch.equal(
        copy.infer(make_batch(case, 2).mel, speakers=case.speakers()),
        model.infer(make_batch(case, 2).mel, speakers=case.speakers()),
    )
    copy.load_state_dict(load_file(tmp_path / "m.safetensors"), strict=True)
    assert torch.equal(
        copy.infer(make_batch(case, 2).mel, speakers=case.speakers()),
        model.infer(make_batch(case, 2).mel, speakers=case.speakers()),
    )
    batch = make_batch(case)
    assert torch.equal(copy.loss(batch)["loss"], model.loss(batch)["loss"])
