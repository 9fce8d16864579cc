"""Every way in which a corpus is broken: named by file and cause, by `prepare` and by `check`."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.data.check import check
from tts.data.prepare import prepare
from tts.errors import CorpusError

from .conftest import RATE, hum

REPLACE = "replace the file, or remove its line"
COLUMNS = "write it as id|text, id|text|normalised text or id|text|normalised text|speaker"


def path_of(corpus: Path) -> Path:
    return corpus / "wavs" / "clip2.wav"


def keep(n_bytes: int) -> Callable[[Path], None]:
    return lambda corpus: (
        path_of(corpus).write_bytes(path_of(corpus).read_bytes()[:n_bytes]) or None
    )


def sound(samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> Callable[[Path], None]:
    return lambda corpus: soundfile.write(path_of(corpus), samples, rate, subtype=subtype)


def metadata(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(corpus: Path) -> None:
        path = corpus / "metadata.csv"
        path.write_bytes(change(path.read_bytes()))

    return spoil


def half_a_flac(corpus: Path) -> None:
    path_of(corpus).unlink()
    flac = path_of(corpus).with_suffix(".flac")
    rng = np.random.default_rng(0)
    soundfile.write(flac, 0.1 * rng.standard_normal(4 * RATE), RATE)
    flac.write_bytes(flac.read_bytes()[:8000])


ERRORS = {
    "missing": (
        lambda corpus: path_of(corpus).unlink(),
        "{corpus}/metadata.csv, line 3: the audio of 'clip2' is missing: "
        "{corpus}/wavs/clip2.wav (or .flac)",
        "add the sound file, or remove the line",
    ),
    "a folder": (
        lambda corpus: (path_of(corpus).unlink(), path_of(corpus).mkdir()),
        "{corpus}/metadata.csv, line 3: the audio of 'clip2' is missing: "
        "{corpus}/wavs/clip2.wav (or .flac)",
        "add the sound file, or remove the line",
    ),
    "no bytes": (keep(0), "clip2: {corpus}/wavs/clip2.wav: is empty", REPLACE),
    "half a header": (
        keep(20),
        "clip2: {corpus}/wavs/clip2.wav: is corrupt: "
        "Error in WAV/W64/RF64 file. Malformed 'fmt ' chunk.",
        REPLACE,
    ),
    "a header alone": (keep(44), "clip2: {corpus}/wavs/clip2.wav: holds no samples", REPLACE),
    "half a file": (
        keep(1044),
        "clip2: {corpus}/wavs/clip2.wav: is cut off: 1,000 of 6,560 bytes of sound are there",
        REPLACE,
    ),
    "half a FLAC file": (
        half_a_flac,
        "clip2: {corpus}/wavs/clip2.flac: is corrupt: Error : flac decoder lost sync.",
        REPLACE,
    ),
    "no sound file": (
        lambda corpus: path_of(corpus).write_bytes(b"<html>404 Not Found</html>"),
        "clip2: {corpus}/wavs/clip2.wav: is not a sound file: Format not recognised.",
        REPLACE,
    ),
    "silence": (
        sound(np.zeros(RATE)),
        "clip2 ({corpus}/wavs/clip2.wav): is silent",
        "record it again, or remove its line from metadata.csv",
    ),
    "8 kHz": (
        sound(hum(1.0), 8000),
        "clip2 ({corpus}/wavs/clip2.wav): its sample rate is 8000 Hz, expected 4000 Hz",
        "convert it (sox IN -r 4000 OUT, or ffmpeg -i IN -ar 4000 OUT), or prepare with --resample",
    ),
    "no numbers": (
        sound(np.where(np.arange(RATE) == 9, np.nan, 0.1), subtype="FLOAT"),
        "clip2 ({corpus}/wavs/clip2.wav): holds samples that are no numbers",
        "export it again",
    ),
    "an id twice": (
        metadata(lambda content: content + b"clip2|Two again.\n"),
        "{corpus}/metadata.csv, line 7: the id 'clip2' is there twice, first in line 3",
        "give each recording an id of its own",
    ),
    "one column": (
        metadata(lambda content: content.replace(b"clip2|Two.|Two.", b"clip2,Two.")),
        "{corpus}/metadata.csv, line 3: 1 column where 2 to 4 are expected",
        COLUMNS,
    ),
    "five columns": (
        metadata(lambda content: content.replace(b"clip2|", b"clip2||||")),
        "{corpus}/metadata.csv, line 3: 6 columns where 2 to 4 are expected",
        COLUMNS,
    ),
    "no text": (
        metadata(lambda content: content.replace(b"clip2|Two.|Two.", b"clip2| |")),
        "{corpus}/metadata.csv, line 3: the text of 'clip2' is empty",
        COLUMNS,
    ),
    "no speech": (
        metadata(lambda content: content.replace(b"clip2|Two.|Two.", b"clip2|?!")),
        "clip2: its text: nothing to speak: it holds only punctuation",
        "give a text with at least one word",
    ),
    "Latin-1": (
        metadata(lambda content: content.replace(b"Two.|Two.", "Zwölf.".encode("latin-1"), 1)),
        "{corpus}/metadata.csv, line 2: is not UTF-8; in Latin-1 it reads 'clip1|Zwölf.'",
        "convert it: iconv -f LATIN1 -t UTF-8 metadata.csv > new.csv",
    ),
    "UTF-16": (
        metadata(lambda content: content.decode().encode("utf-16")),
        "{corpus}/metadata.csv: is UTF-16, not UTF-8",
        "convert it: iconv -f UTF-16LE -t UTF-8 metadata.csv > new.csv",
    ),
    "UTF-16 without a mark": (
        metadata(lambda content: content.decode().encode("utf-16-be")),
        "{corpus}/metadata.csv: is UTF-16, not UTF-8",
        "convert it: iconv -f UTF-16BE -t UTF-8 metadata.csv > new.csv",
    ),
    "no metadata": (
        lambda corpus: (corpus / "metadata.csv").unlink(),
        "{corpus}/metadata.csv: cannot be read: No such file or directory",
        "a corpus is a folder with metadata.csv and wavs/, laid out like LJSpeech",
    ),
    "empty metadata": (
        metadata(lambda content: b"\n"),
        "{corpus}/metadata.csv: holds no clip",
        "write one line a clip: id|text",
    ),
}


@pytest.mark.parametrize("cause", ERRORS)
def test_what_stops_is_named_by_both(corpus, config, tmp_path, cause):
    spoil, message, hint = ERRORS[cause]
    spoil(corpus)
    message = message.format(corpus=corpus)
    with pytest.raises(CorpusError) as caught:
        prepare(corpus, tmp_path / "out", config)
    assert (str(caught.value), caught.value.hint) == (message, hint)
    assert not (tmp_path / "out").exists()

    report = check([corpus], config)
    (error,) = [finding for finding in report.findings if finding.severity == "error"]
    assert (error.message, error.hint) == (message, hint)
    assert report.blocks


WARNINGS = {
    "stereo": (
        sound(np.stack([hum(1.0, 2), hum(1.0, 2)], axis=1)),
        "clip2: has 2 channels, which are mixed to one",
    ),
    "clipped": (
        sound(np.clip(8 * hum(1.0, 2), -1.0, 1.0)),
        r"clip2: is clipped: \d\d\.\d\d% of its samples are at the very top of the wave",
    ),
    "8 kHz to be resampled": (
        sound(hum(1.0, 2)[:3600], 3600),
        "clip2: was recorded at 3600 Hz: nothing of it lies above 1800 Hz",
    ),
    "a character that cannot be spoken": (
        metadata(lambda content: content.replace(b"Three.", "Three 三.".encode())),
        "clip3: left out: 1 character cannot be spoken: '三' U[+]4E09 CJK UNIFIED IDEOGRAPH-4E09 "
        "at character 7",
    ),
}


@pytest.mark.parametrize("cause", WARNINGS)
def test_what_harms_is_told_by_both(corpus, config, tmp_path, cause):
    spoil, message = WARNINGS[cause]
    spoil(corpus)
    config = dataclasses.replace(config, resample=True)
    (line,) = prepare(corpus, tmp_path / "out", config).warnings
    assert re.fullmatch(message, line)
    assert line in [finding.message for finding in check([corpus], config).findings]


def test_all_of_them_in_one_report(corpus, config, tmp_path):
    """Metadata, texts and sounds at once, in files that do not hinder each other."""
    wavs = corpus / "wavs"
    (wavs / "clip0.wav").unlink()
    (wavs / "clip1.wav").write_bytes(b"")
    soundfile.write(wavs / "clip2.wav", np.zeros(RATE), RATE)
    soundfile.write(wavs / "clip3.wav", hum(1.0), 8000)
    content = (corpus / "metadata.csv").read_bytes()
    content = (
        content.replace(b"Four.|Four.", b"...") + b"clip5|Again.\njust one\n\xe4\xf6|x|y|z|w\n"
    )
    (corpus / "metadata.csv").write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        prepare(corpus, tmp_path / "out", config)
    told = str(caught.value)
    assert told.startswith(f"{corpus}: 9 problems\n")
    for cause in (
        "the audio of 'clip0' is missing",
        "clip1.wav: is empty",
        "clip2.wav): is silent",
        "its sample rate is 8000 Hz",
        "clip4: its text: nothing to speak",
        "line 7: the id 'clip5' is there twice",
        "line 8: 1 column",
        "line 9: is not UTF-8; in Latin-1 it reads 'äö|x|y|z|w'",
        "line 9: 5 columns",
    ):
        assert cause in told
    assert check([corpus], config).findings[0].cause == "metadata"
