"""Two speakers and mixed input, through every verb from recordings to speech."""

import json
import shutil
from pathlib import Path

import pytest

from tts.cli import main
from tts.text import ENGLISH_SYMBOLS

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "fixtures" / "ljspeech"

pytestmark = pytest.mark.filterwarnings(
    "ignore::tts.errors.SlowVocoderWarning", "ignore::tts.errors.UnfinishedWarning"
)

COMMON = ("train.steps=2", "train.decay_steps=0", "train.validate_every=2", "train.sample_every=2")


def train(recipe: str, *settings: str) -> list[str]:
    options = [part for setting in (*settings, *COMMON) for part in ("--set", setting)]
    return ["train", str(ROOT / "recipes" / "smoke" / f"{recipe}.toml"), *options]


@pytest.fixture
def corpora(tmp_path: Path) -> list[str]:
    """The clips of the fixture: two of anna, by the name of her folder, and two of bert, by a column."""
    lines = (RECORDINGS / "metadata.csv").read_text(encoding="utf-8").splitlines()
    for name, own, column in (("anna", lines[:2], ""), ("others", lines[2:], "|bert")):
        shutil.copytree(RECORDINGS / "wavs", tmp_path / name / "wavs")
        metadata = "".join(f"{line}{column}\n" for line in own)
        (tmp_path / name / "metadata.csv").write_text(metadata, encoding="utf-8")
    return [str(tmp_path / "anna"), str(tmp_path / "others")]


def test_from_two_corpora_to_a_voice_that_reads_letters_too(
    corpora: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["prepare", *corpora, "cache", "--input", "mixed", "--hold-out", "1"]) == 0
    assert "3 clips to train on, 1 to validate with" in capsys.readouterr().out
    acoustic = ("corpus=cache", "run=runs/a", "acoustic.n_speakers=2", "batches.phoneme_share=0.5")
    assert main(train("deepvoice3", *acoustic)) == 0
    assert main(["predict", "runs/a", "cache", "predicted", "--device", "cpu"]) == 0
    vocoder = ("corpus=cache", "run=runs/v", "vocoder.n_speakers=2", "batches.predicted=predicted")
    assert main(train("wavenet", *vocoder)) == 0
    for run in ("runs/a", "runs/v"):
        assert main(["pack", run, "pair"]) == 0
    for part in ("acoustic", "vocoder"):
        assert json.loads(Path(f"pair/{part}/config.json").read_text())["speakers"] == [
            "anna",
            "bert",
        ]
    symbols = json.loads(Path("pair/acoustic/config.json").read_text())["symbols"]
    assert symbols == list(ENGLISH_SYMBOLS["mixed"])
    said = {}
    for speaker in ("anna", "bert"):
        out = f"{speaker}.wav"
        assert main(["say", "No.", "--voice", "pair", "--speaker", speaker, "-o", out]) == 0
        said[speaker] = Path(out).read_bytes()
    assert said["anna"] != said["bert"]
