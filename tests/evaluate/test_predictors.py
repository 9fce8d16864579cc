"""Networks of others: what they tell apart where they are installed, and what is said where they are not."""

import importlib.util
import sys

import numpy as np
import pytest

from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.predictors import load_distillmos, load_dnsmos, load_speaker

RATE = 16000


def sound(seed: int) -> Audio:
    return Audio(np.random.default_rng(seed).normal(0, 0.1, RATE).astype(np.float32), RATE)


@pytest.mark.parametrize(
    ("load", "module", "hint"),
    [
        (load_distillmos, "distillmos", "pip install --no-deps distillmos xls-r-sqa"),
        (load_dnsmos, "speechmos.dnsmos", "pip install 'saywave[eval]'"),
        (lambda: load_speaker([]), "resemblyzer", "pip install --no-deps Resemblyzer"),
    ],
)
def test_what_is_missing_says_how_to_get_it(
    load: object, module: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EvaluationError, match=r"cannot be imported") as caught:
        load()  # type: ignore[operator]
    assert hint in caught.value.hint
    assert module.partition(".")[0] in str(caught.value)


def test_distillmos(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("xls_r_sqa")
    measure = load_distillmos()
    assert capsys.readouterr().out == ""
    if importlib.util.find_spec("torchaudio") is None:
        assert "torchaudio" not in sys.modules  # the stand-in is gone
    (figure,) = measure(sound(0)).values()
    assert figure.weight == 1
    assert 1 <= figure.total <= 5
    assert measure(sound(0))["distillmos"] == figure


def test_dnsmos() -> None:
    pytest.importorskip("speechmos")
    figure = load_dnsmos()(sound(0))["dnsmos"]
    assert figure.weight == 1
    assert 1 <= figure.total <= 5


def test_a_speaker_is_most_like_itself() -> None:
    pytest.importorskip("webrtcvad")
    pytest.importorskip("librosa")
    if importlib.util.find_spec("resemblyzer") is None:
        pytest.skip("Resemblyzer is not installed")
    resemblyzer = pytest.importorskip("resemblyzer")
    hum = 0.3 * np.sign(np.sin(2 * np.pi * 150 * np.arange(2 * RATE) / RATE))
    ours = Audio(hum.astype(np.float32), RATE)
    measure = load_speaker([ours])
    quiet = Audio(0.1 * ours.samples, RATE)
    assert measure(quiet)["speaker_similarity"].total == pytest.approx(1.0, abs=1e-3)
    vector = resemblyzer.VoiceEncoder("cpu", verbose=False).embed_utterance(
        resemblyzer.preprocess_wav(ours.samples, RATE)
    )
    assert measure(ours)["speaker_similarity"].total == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    silence = Audio(np.zeros(RATE, np.float32), RATE)
    assert measure(silence) == {}
    for recordings in ([], [silence]):
        with pytest.raises(EvaluationError, match="no speech is heard") as caught:
            load_speaker(recordings)
        assert caught.value.hint
