"""A corpus of hums, prepared, and no networks of others: they take seconds to load."""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from tts.audio.mel import MelConfig
from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare

TINY_RATE = 4000  # that of the tiny voice
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TEXTS = [f"{colour} {number}." for colour in ("Red", "Green", "Blue") for number in NUMBERS]


class Corpus(NamedTuple):
    """A corpus and what `tts prepare` made of it."""

    folder: Path
    prepared: Path

    @property
    def options(self) -> list[str]:
        return ["--corpus", str(self.folder), "--prepared", str(self.prepared)]


@pytest.fixture(scope="session")
def hums(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Thirty clips, the texts of three of them held out."""
    folder = tmp_path_factory.mktemp("corpus") / "hums"
    (folder / "wavs").mkdir(parents=True)
    for i in range(len(TEXTS)):
        t = np.arange(round((0.5 + 0.02 * i) * TINY_RATE)) / TINY_RATE
        tone = 0.1 * sum(np.sin(2 * np.pi * k * (150 + 5 * i) * t) for k in range(1, 4))
        soundfile.write(folder / "wavs" / f"clip{i}.flac", tone, TINY_RATE)
    lines = [f"clip{i}|{text}" for i, text in enumerate(TEXTS)]
    (folder / "metadata.csv").write_text("\n".join(lines))
    prepared = tmp_path_factory.mktemp("prepared")
    mel = MelConfig(sample_rate=TINY_RATE, n_fft=256, hop=64, n_mels=8, fmax_hz=TINY_RATE / 2)
    prepare(folder, prepared, PrepareConfig(mel=mel, n_validation_texts=3))
    return Corpus(folder, prepared)


@pytest.fixture
def _no_predictors(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("distillmos", "speechmos.dnsmos", "resemblyzer"):
        monkeypatch.setitem(sys.modules, module, None)
