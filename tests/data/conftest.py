"""A corpus of hums, small enough to be prepared for every test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio.mel import MelConfig
from tts.data.manifest import PrepareConfig

RATE = 4000
MEL = MelConfig(sample_rate=RATE, n_fft=256, hop=64, n_mels=8, fmax_hz=RATE / 2)
WriteClip = Callable[..., None]


def hum(seconds: float, seed: int = 0) -> np.ndarray:
    """A hum with a little noise, which no two seeds share."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    tone = 0.2 * np.sin(2 * np.pi * (150 + 20 * seed) * t)
    return (tone + 0.01 * rng.standard_normal(len(t))).astype(np.float32)


@pytest.fixture
def config() -> PrepareConfig:
    return PrepareConfig(mel=MEL, n_validation_texts=1)


@pytest.fixture
def write_clip() -> WriteClip:
    def write(
        corpus: Path, name: str, samples: np.ndarray, rate: int = RATE, text: str = "Hello there."
    ) -> None:
        (corpus / "wavs").mkdir(parents=True, exist_ok=True)
        soundfile.write(corpus / "wavs" / f"{name}.wav", samples, rate)
        with (corpus / "metadata.csv").open("a", encoding="utf-8") as file:
            file.write(f"{name}|{text}|{text}\n")

    return write


@pytest.fixture
def corpus(tmp_path: Path, write_clip: WriteClip) -> Path:
    """Six clips of five texts, 0.5 to 1.3 s long."""
    folder = tmp_path / "hums"
    texts = ["One.", "Two.", "Two.", "Three.", "Four.", "Five."]
    for i, text in enumerate(texts):
        write_clip(folder, f"clip{i}", hum(0.5 + 0.16 * i, i), text=text)
    return folder


@pytest.fixture
def two_corpora(tmp_path: Path, write_clip: WriteClip) -> list[Path]:
    """Two speakers, who share some texts: three clips of anna, four of bert."""
    folders = [tmp_path / "anna", tmp_path / "bert"]
    for i, text in enumerate(["One.", "Two.", "Three."]):
        write_clip(folders[0], f"a{i}", hum(0.5 + 0.1 * i, i), text=text)
    for i, text in enumerate(["One.", "Three.", "Four.", "Five."]):
        write_clip(folders[1], f"b{i}", hum(0.55 + 0.1 * i, 10 + i), text=text)
    return folders
