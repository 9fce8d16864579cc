"""What every registered acoustic model must do. A new model adds one `Case` to `CASES`."""

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from tts.acoustic import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models
from tts.acoustic.deepvoice3 import DeepVoice3, DeepVoice3Config
from tts.acoustic.tacotron import Tacotron, TacotronConfig
from tts.acoustic.tacotron2 import Tacotron2, Tacotron2Config
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
N_SYMBOLS = 11
TOKENS, FRAMES = (6, 4), (20, 13)  # of the two items of a batch; 13 frames are no whole steps


def deepvoice3_steps(
    model: DeepVoice3, batch: AcousticBatch
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Every output of the parallel pass and of single steps that are fed the same true frames."""
    r = model.config.reduction
    missing = -batch.mel.shape[2] % r
    frames = torch.nn.functional.pad(batch.mel, (0, missing), value=MEL.silence).transpose(1, 2)
    steps = frames.reshape(frames.shape[0], -1, r * MEL.n_mels)
    before = torch.cat([torch.zeros_like(steps[:, :1]), steps[:, :-1]], dim=1)
    rate = -(-batch.mel_lengths // r) / batch.token_lengths
    memory = model.encode(batch.tokens, batch.token_lengths, rate, batch.speakers)
    whole = model.decoder(before, memory)

    state = model.decoder.initial_state(memory)
    assert torch.equal(state.frames, before[:, 0])
    outputs = []
    for t in range(before.shape[1]):
        assert state.step == t
        state.frames = before[:, t]
        outputs.append(model.decoder.step(state, memory, memory.mask[:, None]))
        torch.testing.assert_close(state.frames, outputs[-1].mel.flatten(1))
    stepped_mel = torch.cat([output.mel for output in outputs], dim=1)
    hidden = torch.cat([output.hidden for output in outputs], dim=1)
    valid = torch.arange(whole.mel.shape[1]) < batch.mel_lengths[:, None]
    taught = model.teacher_forced(batch)
    parallel = {
        "mel": whole.mel,
        "done": whole.done,
        "hidden": whole.hidden,
        **{f"alignment {i}": weights for i, weights in enumerate(whole.alignments)},
        "converted": taught.mel,
        "mean alignment": taught.alignment,
        **({} if taught.linear is None else {"linear": taught.linear}),
    }
    converted, linear = model.converter(hidden, stepped_mel, valid, memory.speaker)
    alignments = [
        torch.cat([output.alignments[i] for output in outputs], dim=1)
        for i in range(len(whole.alignments))
    ]
    stepwise = {
        "mel": stepped_mel,
        "done": torch.cat([output.done for output in outputs], dim=1),
        "hidden": hidden,
        **{f"alignment {i}": weights for i, weights in enumerate(alignments)},
        "converted": converted[:, : batch.mel.shape[2]].transpose(1, 2),
        "mean alignment": sum(alignments) / len(alignments),
    }
    if linear is not None:
        stepwise["linear"] = linear[:, : batch.mel.shape[2]].transpose(1, 2)
    return parallel, stepwise


def tacotron_steps(
    model: Tacotron | Tacotron2, batch: AcousticBatch
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """As `deepvoice3_steps`."""
    r = model.config.reduction
    missing = -batch.mel.shape[2] % r
    frames = torch.nn.functional.pad(batch.mel, (0, missing), value=MEL.silence).transpose(1, 2)
    n_steps = frames.shape[1] // r
    before = torch.cat([torch.zeros_like(frames[:, :1]), frames[:, r - 1 : -1 : r]], dim=1)
    memory = model.encode(batch.tokens, batch.token_lengths, batch.speakers)
    kept = model.decoder.prenet.draw(n_steps, 0, torch.device("cpu"))
    whole = model.decoder(before, memory, kept)

    state = model.decoder.initial_state(memory)
    assert torch.equal(state.frame, before[:, 0])
    outputs = []
    for t in range(n_steps):
        state = dataclasses.replace(state, frame=before[:, t])
        output, state = model.decoder.step(state, memory, kept[t])
        outputs.append(output)
        assert torch.equal(state.frame, output.mel[:, -1])
    stepped_mel = torch.cat([output.mel for output in outputs], dim=1)
    alignment = torch.cat([output.alignment for output in outputs], dim=1)
    forced = model.teacher_forced(batch)
    parallel = {
        "mel": whole.mel,
        "stop": whole.stop,
        "alignment": whole.alignment,
        "converted": forced.mel,
        "final alignment": forced.alignment,
    }
    stepwise = {
        "mel": stepped_mel,
        "stop": torch.cat([output.stop for output in outputs], dim=1),
        "alignment": alignment,
        "final alignment": alignment,
    }
    n_frames = batch.mel.shape[2]
    if isinstance(model, Tacotron):
        parallel["linear"] = forced.linear
        linear = model.postnet(stepped_mel, batch.mel_lengths)
        stepwise["linear"] = linear[:, :n_frames].transpose(1, 2)
        stepwise["converted"] = stepped_mel[:, :n_frames].transpose(1, 2)
    else:
        valid = torch.arange(whole.mel.shape[1]) < batch.mel_lengths[:, None]
        converted = model.postnet(stepped_mel, valid)
        stepwise["converted"] = converted[:, :n_frames].transpose(1, 2)
    return parallel, stepwise


@dataclass(frozen=True)
class Case:
    """A tiny model.

    Attributes:
        name: in the registry.
        config: its config; the sizes differ, so that no two can be mistaken for each other.
        punctual: one whose attention follows the rate of speech, untrained or however it gets there; None
            for a model that hears of no rate and keeps its own pace.
        steps: the parallel pass and the stepwise one, output by output.
        idle: parameters whose gradient is zero by construction.
    """

    name: str
    config: object
    punctual: object
    steps: Callable[[AcousticModel, AcousticBatch], tuple[dict[str, Tensor], dict[str, Tensor]]]
    idle: tuple[str, ...] = ()

    @property
    def n_speakers(self) -> int:
        return getattr(self.config, "n_speakers", 1)


DEEPVOICE3 = DeepVoice3Config(
    embedding_dim=8,
    encoder_dim=12,
    encoder_layers=2,
    prenet_dim=10,
    decoder_dim=14,
    decoder_layers=3,
    attention_layers=(0, 2),
    attention_dim=6,
    converter_dim=7,
    converter_layers=2,
    kernel=3,
    encoder_kernel=5,
    reduction=3,
)

# With equal sizes, queries and keys share their projection, and the attention is diagonal from the start.
PUNCTUAL = {"embedding_dim": 32, "decoder_dim": 32, "attention_dim": 32}


def deepvoice3(**changes: object) -> Case:
    config = dataclasses.replace(DEEPVOICE3, **changes)
    punctual = dataclasses.replace(config, **PUNCTUAL)
    # A key's bias adds the same to the scores of every token, which the softmax takes away again.
    return Case("deepvoice3", config, punctual, deepvoice3_steps, idle=("key.bias",))


TACOTRON2 = Tacotron2Config(
    embedding_dim=12,
    encoder_layers=2,
    encoder_kernel=3,
    encoder_lstm_dim=7,
    attention_dim=8,
    attention_filters=4,
    attention_kernel=5,
    prior_length=4,
    prenet_dim=10,
    decoder_dim=16,
    postnet_dim=9,
    postnet_layers=2,
    postnet_kernel=3,
    guided_attention=1.0,
)


def tacotron2(**changes: object) -> Case:
    config = dataclasses.replace(TACOTRON2, **changes)
    return Case("tacotron2", config, None, tacotron_steps)


TACOTRON = TacotronConfig(
    embedding_dim=12,
    prenet_dim=11,
    prenet_out_dim=10,
    encoder_bank=3,
    encoder_dim=7,
    highway_layers=2,
    attention_dim=16,
    decoder_dim=13,
    postnet_bank=4,
    postnet_dim=9,
    postnet_projection_dim=8,
    guided_attention=1.0,
)


def tacotron(**changes: object) -> Case:
    return Case("tacotron", dataclasses.replace(TACOTRON, **changes), None, tacotron_steps)


CASES = {
    "deepvoice3": deepvoice3(),
    "deepvoice3, 3 speakers": deepvoice3(n_speakers=3, speaker_dim=4),
    "deepvoice3, linear": deepvoice3(linear=True),
    "deepvoice3, 1 frame a step": deepvoice3(
        reduction=1, kernel=5, decoder_dim=8, decoder_layers=1, attention_layers=(0,)
    ),
    "tacotron": tacotron(),
    "tacotron, 3 speakers": tacotron(n_speakers=3, speaker_dim=4),
    "tacotron, 3 frames a step, 1 layer": tacotron(reduction=3, decoder_layers=1),
    "tacotron2": tacotron2(),
    "tacotron2, 2 frames a step": tacotron2(reduction=2, zoneout=0.0),
    "tacotron2, dynamic convolution": tacotron2(attention="dynamic_convolution"),
    "tacotron2, 3 speakers": tacotron2(n_speakers=3, speaker_dim=4),
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def build(case: Case, seed: int = 0) -> AcousticModel:
    torch.manual_seed(seed)
    return acoustic_models.build(case.name, case.config, MEL, N_SYMBOLS)


@pytest.fixture
def model(case: Case) -> AcousticModel:
    return build(case).eval()


def make_batch(case: Case, seed: int = 1) -> AcousticBatch:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(0, N_SYMBOLS, (2, max(TOKENS)), generator=generator)
    smooth = torch.randn(2, MEL.n_mels, max(FRAMES), generator=generator).cumsum(dim=-1)
    linear = torch.randn(2, MEL.n_bins, max(FRAMES), generator=generator).cumsum(dim=-1)
    return AcousticBatch(
        tokens=tokens,
        token_lengths=torch.tensor(TOKENS),
        mel=0.3 * smooth,
        mel_lengths=torch.tensor(FRAMES),
        speakers=torch.tensor([2, 0]) if case.n_speakers > 1 else None,
        linear=0.3 * linear,  # of which a model without it takes no notice
    )


def alone(batch: AcousticBatch, i: int, extra: int = 0) -> AcousticBatch:
    """One item of a batch, cut to its length and then padded with `extra` odd values."""
    n_tokens, n_frames = int(batch.token_lengths[i]), int(batch.mel_lengths[i])
    tokens, mel = batch.tokens[i : i + 1, :n_tokens], batch.mel[i : i + 1, :, :n_frames]
    assert batch.linear is not None
    linear = batch.linear[i : i + 1, :, :n_frames]
    return AcousticBatch(
        tokens=torch.nn.functional.pad(tokens, (0, extra), value=N_SYMBOLS - 1),
        token_lengths=batch.token_lengths[i : i + 1],
        mel=torch.nn.functional.pad(mel, (0, 2 * extra), value=7.0),
        mel_lengths=batch.mel_lengths[i : i + 1],
        speakers=None if batch.speakers is None else batch.speakers[i : i + 1],
        linear=torch.nn.functional.pad(linear, (0, 2 * extra), value=7.0),
    )


def speak(model: AcousticModel, batch: AcousticBatch, **options: object) -> AcousticOutput:
    return model.infer(batch.tokens, batch.token_lengths, speakers=batch.speakers, **options)


def assert_same(a: AcousticOutput, b: AcousticOutput, exact: bool = True) -> None:
    """Every output of one item or batch, bit for bit or nearly."""
    compare = partial(torch.testing.assert_close, **({"rtol": 0, "atol": 0} if exact else {}))
    for field in ("mel", "lengths", "alignment", "finished"):
        compare(getattr(a, field), getattr(b, field))
    assert (a.linear is None) == (b.linear is None)
    if a.linear is not None:
        compare(a.linear, b.linear)
    assert a.frames_per_step == b.frames_per_step


def snapshot(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.fixture(scope="module")
def trained(case: Case) -> tuple[AcousticModel, list[float]]:
    """A model that has learned two utterances by heart, and how its loss fell on the way."""
    model, batch = build(case).eval(), make_batch(case)  # eval: no dropout while it crams
    model.calibrate(zip(TOKENS, FRAMES, strict=True))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(200):
        loss = model.loss(batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


def test_every_model_has_a_case():
    assert {case.name for case in CASES.values()} == set(acoustic_models.names())
    for case in CASES.values():
        assert isinstance(case.config, acoustic_models.config_type(case.name))


# -- training ----------------------------------------------------------------------------------------


def test_loss_and_gradients_are_finite(case):
    model = build(case).train()
    parts = model.loss(make_batch(case))
    parts["loss"].backward()
    for name, value in parts.items():
        assert value.shape == (), name
        assert torch.isfinite(value), name
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        if not name.endswith(case.idle):
            assert parameter.grad.abs().max() > 1e-7, f"{name} learns nothing"


def test_the_loss_falls_on_two_clips(trained):
    """To a third of what it was."""
    _, losses = trained
    assert sum(losses[-10:]) / 10 < losses[0] / 3


@pytest.mark.parametrize("item", [0, 1])
@pytest.mark.parametrize("extra", [1, 5])
def test_padding_does_not_change_the_valid_part(case, model, item, extra):
    batch = make_batch(case)
    short, long = alone(batch, item), alone(batch, item, extra)
    expected, padded = model.teacher_forced(short), model.teacher_forced(long)
    n_tokens, n_frames = TOKENS[item], FRAMES[item]
    n_steps = -(-n_frames // expected.frames_per_step)
    torch.testing.assert_close(padded.mel[..., :n_frames], expected.mel)
    if expected.linear is not None:
        torch.testing.assert_close(padded.linear[..., :n_frames], expected.linear)
    torch.testing.assert_close(padded.alignment[:, :n_steps, :n_tokens], expected.alignment)
    assert not padded.alignment[..., n_tokens:].any()
    for name, value in model.loss(short).items():
        torch.testing.assert_close(model.loss(long)[name], value, msg=name)


@pytest.mark.parametrize("item", [0, 1])
def test_company_does_not_change_an_item(case, model, item):
    batch = make_batch(case)
    together, single = model.teacher_forced(batch), model.teacher_forced(alone(batch, item))
    n_steps = single.alignment.shape[1]
    torch.testing.assert_close(together.mel[item, :, : FRAMES[item]], single.mel[0])
    if single.linear is not None:
        torch.testing.assert_close(together.linear[item, :, : FRAMES[item]], single.linear[0])
    torch.testing.assert_close(
        together.alignment[item, :n_steps, : TOKENS[item]], single.alignment[0]
    )


def test_teacher_forcing_keeps_shapes_and_takes_no_gradient(case, model):
    batch = make_batch(case)
    output = model.teacher_forced(batch)
    n_steps = -(-max(FRAMES) // output.frames_per_step)
    assert output.mel.shape == batch.mel.shape
    assert output.mel.dtype == torch.float32
    assert model.predicts_linear == (output.linear is not None)
    if output.linear is not None:
        assert output.linear.shape == (2, MEL.n_bins, max(FRAMES))
        assert output.linear.dtype == torch.float32
    assert torch.equal(output.lengths, batch.mel_lengths)
    assert output.alignment.shape == (2, n_steps, max(TOKENS))
    torch.testing.assert_close(output.alignment.sum(dim=-1), torch.ones(2, n_steps))
    assert output.finished.tolist() == [True, True]
    assert not output.mel.requires_grad


def test_a_frame_is_predicted_from_those_before_it_only(case, model):
    """A model that saw the frame it predicts would learn nothing: the true frames of later steps
    may not reach the decoder, so changing the last step changes no output but through the loss."""
    batch = make_batch(case)
    r = model.teacher_forced(batch).frames_per_step
    last = (FRAMES[0] - 1) // r * r
    changed = batch.mel.clone()
    changed[0, :, last:] += 3.0
    other = dataclasses.replace(batch, mel=changed)
    assert torch.equal(model.teacher_forced(batch).mel, model.teacher_forced(other).mel)


def test_stepwise_equals_parallel(case, model):
    with torch.no_grad():
        parallel, stepwise = case.steps(model, make_batch(case))
    assert parallel.keys() == stepwise.keys()
    valid = torch.arange(max(FRAMES)) < torch.tensor(FRAMES)[:, None]
    for name, expected in parallel.items():
        assert stepwise[name].shape == expected.shape, name
        ours = stepwise[name]
        if name in ("converted", "linear"):  # beyond an item's end it means nothing
            ours, expected = ours * valid[:, None], expected * valid[:, None]
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=2e-6, msg=name)


# -- inference ---------------------------------------------------------------------------------------


def test_shapes_and_lengths(case, trained):
    model, _ = trained
    batch = make_batch(case)
    output = speak(model, batch)
    n_frames, r = output.mel.shape[2], output.frames_per_step
    assert output.mel.shape == (2, MEL.n_mels, n_frames)
    assert output.mel.dtype == torch.float32
    assert output.lengths.shape == output.finished.shape == (2,)
    assert output.lengths.dtype == torch.int64
    assert output.finished.dtype == torch.bool
    assert int(output.lengths.max()) == n_frames == output.alignment.shape[1] * r
    assert output.alignment.shape[2] == max(TOKENS)
    torch.testing.assert_close(output.alignment.sum(dim=-1), torch.ones(2, n_frames // r))
    assert not output.alignment[1, :, TOKENS[1] :].any()
    for i in range(2):
        assert (output.mel[i, :, output.lengths[i] :] == MEL.silence).all()
        assert torch.isfinite(output.mel[i]).all()
    assert model.predicts_linear == (output.linear is not None)
    if output.linear is not None:
        assert output.linear.shape == (2, MEL.n_bins, n_frames)
        assert output.linear.dtype == torch.float32
        assert torch.isfinite(output.linear).all()
        assert (output.linear[1, :, output.lengths[1] :] == MEL.silence).all()


def test_what_was_learned_is_spoken(case, trained):
    """Free-running, it says the two utterances to their ends, about as long as they were."""
    model, _ = trained
    output = speak(model, make_batch(case))
    assert output.finished.tolist() == [True, True]
    for length, true in zip(output.lengths.tolist(), FRAMES, strict=True):
        assert abs(length - true) <= max(5, 2 * output.frames_per_step)


def test_batch_equals_one_by_one(case, trained):
    model, _ = trained
    batch = make_batch(case)
    together = speak(model, batch)
    assert together.finished.all()
    for i in range(2):
        single = speak(model, alone(batch, i))
        n_frames, n_steps = single.mel.shape[2], single.alignment.shape[1]
        assert together.lengths[i] == single.lengths[0] == n_frames
        assert together.finished[i] == single.finished[0]
        torch.testing.assert_close(together.mel[i, :, :n_frames], single.mel[0])
        if single.linear is not None:
            torch.testing.assert_close(together.linear[i, :, :n_frames], single.linear[0])
        torch.testing.assert_close(
            together.alignment[i, :n_steps, : TOKENS[i]], single.alignment[0]
        )


def test_the_seed_decides(case, model):
    batch = make_batch(case)
    torch.manual_seed(5)
    first = speak(model, batch, seed=3)
    torch.manual_seed(6)
    assert_same(speak(model, batch, seed=3), first)


def test_infer_leaves_nothing_behind(case):
    model = build(case).eval()
    before, generator = snapshot(model), torch.get_rng_state()
    output = speak(model, make_batch(case))
    assert not any(part.training for part in model.modules())
    assert not output.mel.requires_grad
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(torch.get_rng_state(), generator)


def test_a_model_trains_on_after_infer(case):
    """Nothing made in inference mode may be caught in the graph of a later loss."""
    model, batch = build(case), make_batch(case)
    before = model.eval().loss(batch)["loss"]
    speak(model, batch)
    model.teacher_forced(batch)
    after = model.loss(batch)["loss"]
    after.backward()
    assert torch.equal(before, after)


def test_infer_is_reentrant(case, trained, monkeypatch):
    """Two threads that take turns at every layer of the network get what each gets alone."""
    model, _ = trained
    batch = make_batch(case)
    jobs = [alone(batch, 0), alone(batch, 1)]
    expected = [speak(model, job, speed=0.8 + 0.3 * i) for i, job in enumerate(jobs)]
    turn, running = threading.Condition(), [0, 1]
    results: list[AcousticOutput | None] = [None, None]
    me = threading.local()
    whose, switches = [0], [0]

    def yield_turn(*_: object) -> None:
        with turn:
            if len(running) > 1:
                whose[0] = 1 - me.index
                switches[0] += 1
                turn.notify_all()
                assert turn.wait_for(lambda: whose[0] == me.index or len(running) == 1, 30)

    def work(index: int) -> None:
        me.index = index
        with turn:
            turn.wait_for(lambda: whose[0] == index, 30)
        results[index] = speak(model, jobs[index], speed=0.8 + 0.3 * index)
        with turn:
            running.remove(index)
            whose[0] = 1 - index
            turn.notify_all()

    hooks = [
        part.register_forward_pre_hook(yield_turn)
        for part in model.modules()
        if isinstance(part, torch.nn.Linear)
    ]
    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for hook in hooks:
        hook.remove()
    assert switches[0] > 20
    for result, wanted in zip(results, expected, strict=True):
        assert result is not None
        assert_same(result, wanted)


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.0, 1.4, 2.0])
def test_speed_changes_the_length(case, speed):
    """12 tokens of 5 frames, spoken by a model whose attention keeps time."""
    if case.punctual is None:
        pytest.skip("it keeps its own pace: see the next test")
    torch.manual_seed(0)
    model = acoustic_models.build(case.name, case.punctual, MEL, N_SYMBOLS).eval()
    model.calibrate([(12, 70), (12, 50)])
    tokens, lengths = torch.randint(0, N_SYMBOLS, (1, 12)), torch.tensor([12])
    speakers = torch.tensor([1]) if case.n_speakers > 1 else None
    output = model.infer(tokens, lengths, speed=speed, speakers=speakers)
    assert output.finished.tolist() == [True]
    assert int(output.lengths[0]) == pytest.approx(60 / speed, rel=0.25)


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.4, 2.0])
def test_a_pace_of_its_own_is_read_faster_or_slower(case, trained, speed):
    """Whole decoder steps, whose frames and weights lie on the lines between those of speed 1."""
    if case.punctual is not None:
        pytest.skip("it speaks at the rate that it is told: see the test before")
    model, _ = trained
    batch = make_batch(case)
    own, output = speak(model, batch), speak(model, batch, speed=speed)
    r = own.frames_per_step
    assert output.frames_per_step == r
    assert torch.equal(output.finished, own.finished)
    assert output.mel.shape[2] == output.lengths.max() == output.alignment.shape[1] * r
    torch.testing.assert_close(
        output.alignment.sum(dim=-1), torch.ones(2, output.alignment.shape[1])
    )
    for i in range(2):
        n, m = int(own.lengths[i]) // r, int(output.lengths[i]) // r
        assert m == pytest.approx(n / speed, abs=0.5)
        read = between(own.mel[i, :, : n * r], m * r)
        torch.testing.assert_close(output.mel[i, :, : m * r], read, rtol=1e-4, atol=1e-5)
        assert (output.mel[i, :, m * r :] == MEL.silence).all()
        weights = between(own.alignment[i, :n].T, m).T
        torch.testing.assert_close(output.alignment[i, :m], weights, rtol=1e-4, atol=1e-5)


def between(rows: Tensor, size: int) -> Tensor:
    """`numpy.interp` of each row at `size` places, each the middle of its share. Shape: (C, T)."""
    n = rows.shape[1]
    places = (np.arange(size) + 0.5) * n / size - 0.5
    return torch.from_numpy(
        np.stack([np.interp(places, np.arange(n), row) for row in rows.double().numpy()])
    ).float()


def test_calibration_is_saved(case):
    """What `calibrate` measures travels with the weights: a copy speaks for as long."""
    model = build(case)
    before = snapshot(model)
    model.calibrate([(10, 80), (10, 40)])
    after = model.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert all(value.requires_grad for value in model.parameters())
    once = snapshot(model)
    model.calibrate(pair for pair in [(5, 40), (15, 80)])  # any iterable; the totals are the same
    assert all(torch.equal(once[name], value) for name, value in model.state_dict().items())


def test_save_load_identical(case, trained, tmp_path):
    from safetensors.torch import load_file, save_file

    model, _ = trained
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    copy = build(case, seed=99).eval()
    copy.load_state_dict(load_file(tmp_path / "m.safetensors"), strict=True)
    batch = make_batch(case)
    assert_same(speak(copy, batch), speak(model, batch))
    assert_same(copy.teacher_forced(batch), model.teacher_forced(batch))
    for name, value in model.loss(batch).items():
        assert torch.equal(copy.loss(batch)[name], value)


# -- speakers ----------------------------------------------------------------------------------------


def test_speakers_differ_and_must_be_named(case, model):
    if case.n_speakers == 1:
        pytest.skip("one speaker")
    batch = make_batch(case)
    mels = []
    for speaker in range(case.n_speakers):
        chosen = dataclasses.replace(batch, speakers=torch.full((2,), speaker))
        mels.append(model.teacher_forced(chosen).mel)
        with pytest.raises(AssertionError):
            torch.testing.assert_close(
                speak(model, chosen).mel[..., :3], speak(model, batch).mel[..., :3]
            )
    for i in range(case.n_speakers):
        for j in range(i):
            assert (mels[i] - mels[j]).abs().max() > 1e-3
    unnamed = dataclasses.replace(batch, speakers=None)
    for call in (model.loss, model.teacher_forced, partial(speak, model)):
        with pytest.raises(ValueError, match="speakers"):
            call(unnamed)


def test_one_speaker_takes_no_notice_of_speakers(case, model):
    if case.n_speakers > 1:
        pytest.skip("several speakers")
    batch = make_batch(case)
    named = dataclasses.replace(batch, speakers=torch.tensor([0, 0]))
    assert_same(speak(model, named), speak(model, batch))
    assert not any("speaker" in name for name, _ in model.named_parameters())


def test_several_speakers_may_start_with_the_voice_of_one(case, model):
    """Every tensor of the model of one fits, and once `speaker` modules are silent all speak as it does."""
    if case.n_speakers == 1:
        pytest.skip("one speaker")
    config = dataclasses.replace(case.config, n_speakers=1)
    one = build(dataclasses.replace(case, config=config), seed=7).eval()
    left = model.load_state_dict(one.state_dict(), strict=False)
    assert not left.unexpected_keys
    assert left.missing_keys
    for name in left.missing_keys:
        assert {"speaker", "speakers", "speaker_pace"} & set(name.split(".")), name
        if "speaker" in name.split("."):
            model.state_dict()[name].zero_()
    batch = make_batch(case)
    assert_same(model.teacher_forced(batch), one.teacher_forced(batch))
    assert_same(speak(model, batch), speak(one, batch))
