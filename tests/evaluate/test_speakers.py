"""A voice of two speakers, each measured beside their own recordings."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare
from tts.errors import ConfigError, CorpusError
from tts.evaluate.plan import plan_evaluation
from tts.evaluate.sentences import Recordings
from tts.voice import load_voice

from .conftest import TEXTS, TINY_RATE, Corpus

pytestmark = [
    pytest.mark.filterwarnings(
        "ignore::tts.errors.SlowVocoderWarning", "ignore::tts.errors.UnfinishedWarning"
    ),
    pytest.mark.usefixtures("_no_predictors"),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, tiny_pair_folder: Path) -> Corpus:
    """Twenty texts said by anna, two of them held out, and ten by bert, one of them held out."""
    folder = tmp_path_factory.mktemp("corpus") / "pair"
    (folder / "wavs").mkdir(parents=True)
    lines = []
    for i, text in enumerate(TEXTS):
        t = np.arange(round((0.5 + 0.02 * i) * TINY_RATE)) / TINY_RATE
        tone = 0.1 * sum(np.sin(2 * np.pi * k * (150 + 5 * i) * t) for k in range(1, 4))
        soundfile.write(folder / "wavs" / f"clip{i}.flac", tone, TINY_RATE)
        lines.append(f"clip{i}|{text}|{text}|{('anna', 'bert')[i // 10 % 2]}")
    (folder / "metadata.csv").write_text("\n".join(lines))
    prepared = tmp_path_factory.mktemp("prepared")
    mel = load_voice(tiny_pair_folder).acoustic.mel_config
    prepare(folder, prepared, PrepareConfig(mel=mel, n_validation_texts=3))
    return Corpus(folder, prepared)


def own(corpus: Corpus, speaker: str) -> set[str]:
    lines = (corpus.folder / "metadata.csv").read_text().splitlines()
    return {line.split("|")[0] for line in lines if line.endswith(speaker)}


def test_sentences_of_one_speaker(pair: Corpus) -> None:
    everyone = {s.id for s in Recordings.load(*pair).held_out()}
    assert len(everyone) == 3
    assert len(Recordings.load(*pair).of_speaker()) == 27
    for speaker, n_held_out, n_others in (("anna", 2, 18), ("bert", 1, 9)):
        sentences = Recordings.load(*pair).held_out(speaker=speaker)
        assert {s.id for s in sentences} == everyone & own(pair, speaker)
        assert len(sentences) == n_held_out
        assert len(Recordings.load(*pair).of_speaker(speaker=speaker)) == n_others
    with pytest.raises(CorpusError, match="holds no clip of 'cleo' out of training"):
        Recordings.load(*pair).held_out(speaker="cleo")


@pytest.mark.parametrize("speaker", ["bert", None])
def test_a_speaker_is_measured_beside_their_own_recordings(
    tiny_pair_folder: Path, pair: Corpus, speaker: str | None
) -> None:
    corpus, prepared = pair
    plan = plan_evaluation(
        str(tiny_pair_folder), corpus=corpus, prepared=prepared, speaker=speaker, seed=3
    )
    name = speaker or "anna"
    assert {s.id for s in plan.sentences} <= own(pair, name)
    sentence = plan.sentences[0]
    voice = load_voice(tiny_pair_folder)
    said = plan.systems["voice"](sentence).audio.samples
    assert np.array_equal(said, voice.synthesize(sentence.text, seed=3, speaker=name).samples)
    copies = {who: voice_copy(tiny_pair_folder, pair, who) for who in ("anna", "bert", None)}
    assert np.array_equal(copies[None], copies["anna"])
    assert not np.array_equal(copies["anna"], copies["bert"])


def voice_copy(folder: Path, pair: Corpus, speaker: str | None) -> np.ndarray:
    """Copy synthesis of one sentence, whoever said it, in the voice of a speaker."""
    from tts.evaluate.systems import voice_systems

    sentence = Recordings.load(*pair).held_out()[0]
    systems = voice_systems(folder, 3, recordings=True, speaker=speaker)
    return systems["copy"](sentence).audio.samples


def test_unknown_speakers(tiny_pair_folder: Path, pair: Corpus, tmp_path: Path) -> None:
    corpus, prepared = pair
    with pytest.raises(ConfigError, match=r"has no speaker 'ana'; did you mean 'anna'\?"):
        plan_evaluation(str(tiny_pair_folder), texts="plain", speaker="ana")
    soundfile.write(tmp_path / "clip0.flac", np.zeros(100), TINY_RATE)
    with pytest.raises(ConfigError, match=r"has no clip of the speaker 'ana'; did you") as caught:
        plan_evaluation(str(tmp_path), corpus=corpus, prepared=prepared, speaker="ana")
    assert caught.value.hint == "its speakers: anna, bert"


def test_a_voice_called_otherwise_than_its_corpus(tiny_voice_folder: Path, hums: Corpus) -> None:
    """The only speaker of a voice, "tiny", and of its corpus, "hums"."""
    plan = plan_evaluation(
        str(tiny_voice_folder), corpus=hums.folder, prepared=hums.prepared, speaker="tiny"
    )
    assert len(plan.sentences) == 3
