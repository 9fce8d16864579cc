"""A tiny voice beside its recordings, copy synthesis and Griffin-Lim, and a folder of sounds."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio.loudness import loudness_lufs
from tts.audio.wav import Audio, read_wav, write_wav
from tts.data.prepared import PreparedCorpus
from tts.errors import AudioError, ConfigError, TextError, VoiceNotFoundError
from tts.evaluate import sentences
from tts.evaluate.acoustics import features_of
from tts.evaluate.cost import peak_memory_mb
from tts.evaluate.measures import Estimate, Ratio
from tts.evaluate.plan import Plan, plan_evaluation
from tts.evaluate.run import Evaluation, Rulers, evaluate, level_figures
from tts.evaluate.sentences import Recordings, Sentence
from tts.evaluate.systems import natural as natural_system
from tts.evaluate.systems import voice_systems
from tts.evaluate.table import format_table
from tts.voice import Voice

pytestmark = [
    pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning"),
    pytest.mark.usefixtures("_no_predictors"),
]


def hear(audio: Audio) -> str:
    """A recogniser that hears the text of every second sound."""
    return "One." if len(audio.samples) % 2 else ""


@pytest.fixture(scope="module")
def evaluation(tiny_voice_folder: Path, hums) -> Evaluation:
    plan = plan_evaluation(
        str(tiny_voice_folder), corpus=hums.folder, prepared=hums.prepared, seed=3
    )
    heard = Plan(
        plan.target,
        plan.spoken,
        plan.seed,
        plan.voice,
        plan.sentences,
        plan.systems,
        Rulers(hear, (), ("a line",)),
    )
    return heard.run()


def test_every_system_speaks_every_sentence(evaluation: Evaluation, tiny_voice: Voice) -> None:
    assert list(evaluation.results) == ["voice", "natural", "copy", "griffin_lim"]
    assert evaluation.sentences == "3 held-out sentences of hums"
    for results in evaluation.results.values():
        assert [r.sentence.id for r in results] == [
            r.sentence.id for r in evaluation.results["voice"]
        ]
    for voice, natural, copy in zip(
        *(evaluation.results[key] for key in ("voice", "natural", "copy")), strict=True
    ):
        expected = tiny_voice.synthesize(voice.sentence.text, seed=3)
        np.testing.assert_array_equal(voice.sample.audio.samples, expected.samples)
        np.testing.assert_array_equal(
            natural.sample.audio.samples, read_wav(natural.sentence.recording)[0]
        )
        n_frames = -(-len(natural.sample.audio.samples) // 64)
        assert len(copy.sample.audio.samples) == 64 * n_frames


def test_every_figure_is_there_where_it_can_be(evaluation: Evaluation) -> None:
    always = {"wer", "cer", "heard_failure", "loudness", "clipping"}
    compared = {"mcd", "voicing_error", "duration_ratio"}
    attention = {"attention_skip", "attention_repeat", "attention_endless"}
    expected = {
        "voice": always | compared | attention | {"real_time_factor", "memory"},
        "natural": always,
        "copy": always | compared | {"real_time_factor"},
        "griffin_lim": always | compared | attention | {"real_time_factor", "memory"},
    }
    for system, keys in expected.items():
        pitch = {"f0_spread", "f0_error"}  # where there is any
        assert set(evaluation.estimates(system)) - pitch == keys, system
    assert "f0_spread" in evaluation.estimates("natural")
    for figure in evaluation.estimates("voice").values():
        assert figure.low <= figure.value <= figure.high
    assert evaluation.estimates("voice")["wer"].n == 3


def test_figures_are_those_of_the_sounds(evaluation: Evaluation) -> None:
    for result in evaluation.results["natural"]:
        assert result.heard == hear(result.sample.audio)
        loudness = loudness_lufs(result.sample.audio.samples, result.sample.audio.sample_rate)
        assert result.figures["loudness"].total == pytest.approx(loudness)
        assert result.figures["f0_spread"].total < 0.01  # hums
    first = evaluation.results["voice"][0]
    assert first.sample.outputs
    assert first.figures["real_time_factor"] == (
        first.sample.seconds,
        first.sample.audio.duration_s,
    )


def test_json_holds_all_of_it(evaluation: Evaluation) -> None:
    values = json.loads(json.dumps(evaluation.to_dict()))
    assert values["format"] == 1
    assert values["seed"] == 3
    assert values["left_out"] == ["a line"]
    voice = values["systems"]["voice"]
    assert voice["measures"]["mcd"]["n"] == 3
    assert [s["id"] for s in voice["sentences"]] == [
        r.sentence.id for r in evaluation.results["voice"]
    ]
    for sentence, result in zip(voice["sentences"], evaluation.results["voice"], strict=True):
        assert sentence["text"] == result.sentence.text
        assert sentence["heard"] == result.heard
        assert sentence["failure"] == (None if result.heard else "skip")
        assert sentence["mcd"] == pytest.approx(result.figures["mcd"].total)


def test_the_table_holds_all_of_it(evaluation: Evaluation) -> None:
    lines = format_table(evaluation).splitlines()
    assert len({len(line) for line in lines}) == 1
    cells = [cell.strip() for cell in lines[0].split("|")[1:-1]]
    assert cells == ["", "the voice", "natural recordings", "copy synthesis", "Griffin-Lim", "n"]
    labels = [line.split("|")[1].strip() for line in lines[2:]]
    assert labels[0] == "word error rate"
    assert "mel-cepstral distortion, dB" in labels
    assert "predicted opinion score (DistillMOS)" not in labels


def test_clipping_counts_full_scale() -> None:
    samples = np.array([0.5, 1.0, -1.0, 32767 / 32768, 0.99], np.float32)
    assert level_figures(Audio(samples, 4000))["clipping"] == (3, 5)
    silence = level_figures(Audio(np.zeros(4000, np.float32), 4000))
    assert silence == {"clipping": (0, 4000)}


def test_the_seed_decides_the_sound(tiny_voice_folder: Path) -> None:
    sentence = [Sentence("a", "One.")]
    sounds = []
    for seed in (1, 1, 2):
        systems = voice_systems(tiny_voice_folder, seed, recordings=False)
        assert list(systems) == ["voice", "griffin_lim"]
        (result,) = evaluate(systems, sentence, Rulers())["voice"]
        sounds.append(result.sample.audio.samples)
    np.testing.assert_array_equal(sounds[0], sounds[1])
    assert not np.array_equal(sounds[0], sounds[2])


def test_memory_is_that_of_a_process_of_its_own(tiny_voice_folder: Path) -> None:
    peak = peak_memory_mb(tiny_voice_folder, "trained", "One.")
    assert peak is not None
    assert 20 < peak < 4000
    assert peak_memory_mb(tiny_voice_folder / "none", "trained", "One.") is None


def test_sounds_are_kept_and_measured_again(tiny_voice_folder: Path, hums, tmp_path: Path) -> None:
    options = {"corpus": hums.folder, "prepared": hums.prepared, "n": 2}
    counted: list[tuple[int, int]] = []
    plan = plan_evaluation(str(tiny_voice_folder), systems=["voice"], **options)
    ours = plan.run(keep=tmp_path, progress=lambda done, total: counted.append((done, total)))
    assert counted == [(1, 2), (2, 2)]
    names = sorted(f"{r.sentence.id}.flac" for r in ours.results["voice"])
    assert sorted(os.listdir(tmp_path / "voice")) == names

    again = plan_evaluation(str(tmp_path / "voice"), **options).run()
    assert list(again.results) == ["sounds", "natural"]
    for old, new in zip(ours.results["voice"], again.results["sounds"], strict=True):
        assert new.figures["mcd"].total == pytest.approx(old.figures["mcd"].total, abs=0.2)
        assert "real_time_factor" not in new.figures
    assert "the sounds" in format_table(again)


def test_texts_have_no_recordings(tiny_voice_folder: Path, hums, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("One.\nTwo.\n")
    plan = plan_evaluation(str(tiny_voice_folder), texts=tmp_path / "mine.txt")
    assert plan.spoken == "2 sentences of mine.txt"
    assert list(plan.systems) == ["voice", "griffin_lim"]
    assert plan.rulers.left_out[0].startswith("words: give --asr DIR")
    assert plan.rulers.left_out[1].startswith("speaker similarity: give --corpus")
    assert "distillmos cannot be imported" in plan.rulers.left_out[2]
    assert "pip install --no-deps distillmos xls-r-sqa" in plan.rulers.left_out[2]
    assert "speechmos cannot be imported" in plan.rulers.left_out[3]

    with_speaker = plan_evaluation(
        str(tiny_voice_folder), texts="hard", n=4, corpus=hums.folder, prepared=hums.prepared
    )
    assert with_speaker.spoken == "4 hard sentences"
    assert "--no-deps Resemblyzer" in with_speaker.rulers.left_out[-1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, TextError, "nothing to speak"),
        ({"texts": "plain", "n": 0}, ConfigError, "0 sentences are none"),
        ({"texts": "plain", "seed": -1}, ConfigError, "seed -1 is negative"),
        ({"texts": "plain", "corpus": Path()}, ConfigError, "go together"),
        (
            {"texts": "plain", "systems": ["natural"]},
            ConfigError,
            "'natural' here, which needs rec",
        ),
        ({"texts": "plain", "systems": ["voise"]}, ConfigError, "no system 'voise' here$"),
    ],
)
def test_options_that_do_not_go_together(
    tiny_voice_folder: Path, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        plan_evaluation(str(tiny_voice_folder), **options)  # type: ignore[arg-type]
    assert caught.value.hint  # type: ignore[attr-defined]


def test_lines_without_a_word_are_named_before_anything_is_spoken(
    tiny_voice_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("One.\n...\nTwo.\n?!\n")
    with pytest.raises(
        TextError, match=r"no word to speak in mine-002 \('\.\.\.'\), mine-004"
    ) as caught:
        plan_evaluation(str(tiny_voice_folder), texts=tmp_path / "mine.txt")
    assert caught.value.hint == "remove these lines"
    (tmp_path / "mine.txt").write_text("-\n" * 7)
    with pytest.raises(TextError, match=r"and 2 more$"):
        plan_evaluation(str(tiny_voice_folder), texts=tmp_path / "mine.txt")


def test_the_corpus_is_read_once(tiny_voice_folder: Path, hums, monkeypatch) -> None:
    calls: list[str] = []
    load, read = PreparedCorpus.load, sentences.read_ljspeech
    monkeypatch.setattr(PreparedCorpus, "load", lambda folder: calls.append("load") or load(folder))
    monkeypatch.setattr(
        sentences, "read_ljspeech", lambda folder: calls.append("read") or read(folder)
    )
    plan_evaluation(str(tiny_voice_folder), corpus=hums.folder, prepared=hums.prepared)
    assert sorted(calls) == ["load", "read"]


def test_a_recording_is_analysed_once(hums, monkeypatch) -> None:
    """It is what the others are compared with, and a system itself."""
    analysed: list[int] = []

    def count(audio: Audio):
        analysed.append(len(audio.samples))
        return features_of(audio)

    monkeypatch.setattr("tts.evaluate.run.features_of", count)
    spoken = Recordings.load(hums.folder, hums.prepared).held_out(2)
    results = evaluate({"natural": natural_system, "sounds": natural_system}, spoken, Rulers())
    assert len(analysed) == 2 * 2
    for ours, again in zip(results["natural"], results["sounds"], strict=True):
        assert ours.figures["f0_spread"].total == pytest.approx(again.figures["f0_spread"].total)
        assert "mcd" not in ours.figures
        assert again.figures["mcd"].total == pytest.approx(0.0, abs=1e-3)


def test_what_has_no_number_is_not_measured(hums) -> None:
    spoken = Recordings.load(hums.folder, hums.prepared).held_out(2)
    scores = iter([float("nan"), 3.0])
    rulers = Rulers(None, (lambda audio: {"dnsmos": Ratio(next(scores))},))
    results = evaluate({"natural": natural_system}, spoken, rulers)
    found = Evaluation("a voice", "two", 0, results)
    assert found.estimates("natural")["dnsmos"] == Estimate(3.0, 3.0, 3.0, 1)
    assert "NaN" not in json.dumps(found.to_dict())


def test_folders_that_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(VoiceNotFoundError, match=r"is not a voice, it has no voice\.json"):
        plan_evaluation(str(tmp_path), texts="plain")
    write_wav(tmp_path / "plain-001.wav", np.zeros(4000, np.float32), 4000)
    with pytest.raises(
        AudioError, match="2 of 3 sounds are missing: plain-002, plain-003"
    ) as caught:
        plan_evaluation(str(tmp_path), texts="plain", n=3)
    assert "ID.wav" in caught.value.hint
    assert list(plan_evaluation(str(tmp_path), texts="plain", n=1).systems) == ["sounds"]


def test_broken_sounds_are_named_together(tmp_path: Path) -> None:
    whole = np.zeros(4000, np.float32)
    for i in range(1, 9):
        soundfile.write(tmp_path / f"plain-{i:03}.wav", whole, 4000, subtype="FLOAT")
    whole[7] = np.nan
    soundfile.write(tmp_path / "plain-002.wav", whole, 4000, subtype="FLOAT")
    (tmp_path / "plain-003.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match="2 of 8 sounds are broken") as caught:
        plan_evaluation(str(tmp_path), texts="plain", n=8)
    assert "plain-002.wav: holds samples that are no numbers\n" in str(caught.value)
    assert "plain-003.wav" in str(caught.value)
    assert caught.value.hint
    for i in range(1, 9):
        (tmp_path / f"plain-{i:03}.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match=r"8 of 8 sounds(.|\n)*and 3 more$"):
        plan_evaluation(str(tmp_path), texts="plain", n=8)


def test_a_place_that_cannot_keep(tiny_voice_folder: Path, tmp_path: Path) -> None:
    plan = plan_evaluation(str(tiny_voice_folder), texts="plain", n=1, systems=["voice"])
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="cannot be made"):
        plan.run(keep=tmp_path / "file")
