"""From folders to voices: parts that belong together, with a vocoder of their own or Griffin-Lim."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import tts.voice.loading
from tts.errors import AuditWarning, CheckpointError, LexiconError, MelMismatchError
from tts.text import load_lexicon, read_lexicon
from tts.voice import Voice, load_voice, synthesize

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")


# -- parts that do not belong together ----------------------------------------------------------------


def _edit(path: Path, *keys: str, value: object) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    table = values
    for key in keys[:-1]:
        table = table[key]
    table[keys[-1]] = value
    path.write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize(
    ("field", "value"), [("hop", 128), ("log_mean", -4.0), ("fmax_hz", 1900.0)]
)
def test_parts_of_different_mels_are_refused(
    tiny_voice_folder: Path, tmp_path: Path, field: str, value: float
) -> None:
    folder = shutil.copytree(tiny_voice_folder, tmp_path / "voice")
    _edit(folder / "vocoder" / "config.json", "mel", field, value=value)
    with pytest.raises(MelMismatchError, match=f"disagree on the mel spectrogram: {field} is"):
        load_voice(folder)


def test_languages_that_differ_are_refused(tiny_voice_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_voice_folder, tmp_path / "voice")
    _edit(folder / "voice.json", "language", value="de")
    with pytest.raises(CheckpointError, match=r"language is 'de' in voice.json and 'en-us' in"):
        load_voice(folder)


# -- the last voice -----------------------------------------------------------------------------------


@pytest.fixture
def _no_loaded_voice() -> Iterator[None]:
    yield
    tts.voice.loading._last_voice.cache_clear()


@pytest.mark.usefixtures("_no_loaded_voice")
def test_synthesize_keeps_its_voice_loaded(
    shelf: Path, tiny_voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []

    def load(folder: Path) -> Voice:
        loads.append(folder)
        return load_voice(folder)

    monkeypatch.setattr(tts.voice.loading, "load_voice", load)
    first = synthesize("Yes.", voice="anna", seed=4)
    again = synthesize("Yes.", voice=shelf / "anna", seed=4)
    assert loads == [shelf / "anna"]
    assert np.array_equal(first.samples, again.samples)
    assert np.array_equal(first.samples, tiny_voice.synthesize("Yes.", seed=4).samples)


# -- other parts --------------------------------------------------------------------------------------


def test_griffin_lim_can_take_the_place_of_the_vocoder(tiny_voice_folder: Path) -> None:
    voice = load_voice(tiny_voice_folder, vocoder="griffin_lim")
    first, again = (voice.synthesize("Good morning.", seed=seed).samples for seed in (1, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first).max() > 0


def test_a_voice_without_a_vocoder_speaks_with_griffin_lim(
    tiny_voice_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_voice_folder, tmp_path / "voice")
    shutil.rmtree(folder / "vocoder")
    without = load_voice(folder).synthesize("Good morning.").samples
    replaced = load_voice(tiny_voice_folder, vocoder="griffin_lim").synthesize("Good morning.")
    np.testing.assert_array_equal(without, replaced.samples)


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")  # it has learned nothing
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_tacotron2_in_a_voice_folder_speaks(
    tiny_voice_folder: Path, tmp_path: Path, dtype: str
) -> None:
    """All that it is travels in the folder: what is spoken comes from the weights that were saved."""
    from tts.acoustic.tacotron2 import Tacotron2, Tacotron2Config
    from tts.checkpoint import load_acoustic, save_model

    folder = Path(shutil.copytree(tiny_voice_folder, tmp_path / "voice"))
    first = load_acoustic(folder / "acoustic")
    sizes = dict.fromkeys(("embedding_dim", "prenet_dim", "decoder_dim", "postnet_dim"), 8)
    config = Tacotron2Config(**sizes, encoder_lstm_dim=4, attention_kernel=3, postnet_layers=2)
    torch.manual_seed(0)
    model = Tacotron2(config, first.model.mel_config, len(first.symbols)).eval()
    model.calibrate([(10, 20)])
    about = {"symbols": first.symbols, "language": "en-us", "provenance": {}}
    save_model(folder / "acoustic", model, kind="acoustic", name="tacotron2", dtype=dtype, **about)
    voice = load_voice(folder)
    assert isinstance(voice.acoustic, Tacotron2)
    assert voice.acoustic.config == config
    with pytest.warns(AuditWarning, match="unsure of its place"):  # it is untrained
        audio, again = (voice.synthesize("Hello.", seed=3) for _ in range(2))
    assert len(audio.samples) > 0
    assert np.array_equal(again.samples, audio.samples)
    ids = torch.arange(6)[None]
    ours, saved = (m.infer(ids, torch.tensor([6])).mel for m in (voice.acoustic, model))
    tolerance = 0.0 if dtype == "float32" else 0.05
    torch.testing.assert_close(ours, saved, rtol=0.0, atol=tolerance)


# -- pronunciations -----------------------------------------------------------------------------------


def _phonemes(voice: Voice, text: str) -> str:
    return " ".join(utterance.phonemes for utterance in voice.front_end.utterances(text))


def test_a_voice_has_a_lexicon_and_the_user_another(
    tiny_voice_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_voice_folder, tmp_path / "voice")
    (folder / "lexicon.txt").write_text("ant = /ˈænt/\nbee = /ˈæ/", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("bee = /ˈiː/", encoding="utf-8")
    voice = load_voice(folder)
    assert _phonemes(voice, "ant bee") == "^ˈænt ˈæ$"
    mine = load_voice(folder, lexicon=tmp_path / "mine.txt")
    assert _phonemes(mine, "ant bee") == "^ˈænt ˈiː$"
    other = voice.with_lexicon(load_lexicon(tmp_path / "mine.txt"))
    assert _phonemes(other, "ant bee") == "^ˈænt ˈiː$"
    assert _phonemes(voice, "ant bee") == "^ˈænt ˈæ$"
    assert other.acoustic is voice.acoustic
    (folder / "lexicon.txt").write_text("bee = /ʀ/", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"lexicon\.txt, line 1: 'bee' needs 'ʀ'"):
        load_voice(folder)


@pytest.mark.usefixtures("_no_loaded_voice")
def test_synthesize_takes_a_lexicon(tiny_voice_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("bee = /ˈæpl/", encoding="utf-8")
    same = synthesize("[[ˈæpl]]", voice=tiny_voice_folder)
    for lexicon in (
        tmp_path / "mine.txt",
        str(tmp_path / "mine.txt"),
        read_lexicon("bee = /ˈæpl/"),
    ):
        audio = synthesize("bee", voice=tiny_voice_folder, lexicon=lexicon)
        np.testing.assert_array_equal(audio.samples, same.samples)
    plain = synthesize("bee", voice=tiny_voice_folder)
    assert not np.array_equal(plain.samples, same.samples)
