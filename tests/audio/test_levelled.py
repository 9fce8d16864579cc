"""Sound written while it is made: the bytes of the whole, at its loudness, and nothing half written."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tts.audio.levelled import write_levelled
from tts.audio.loudness import loudness_lufs, normalise_loudness
from tts.audio.wav import Audio, read_wav, wav_bytes, write_blocks, write_wav
from tts.errors import AudioError

RATE = 8000
TAGS = {
    "title": "Größe",
    "artist": "kathleen",
    "album": "A book",
    "tracknumber": "3",
    "software": "saywave 1.0",
    "comment": json.dumps({"seed": 7}),
    "copyright": "",
}


def murmur(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.standard_normal(n) * 0.03).astype(np.float32)


def info_chunks(content: bytes) -> dict[str, str]:
    """LIST/INFO as the RIFF specification has it: chunks of a name, a size, a text, a byte to even it out."""
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WAVE"
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    found, place = {}, 12
    while place < len(content):
        name, size = struct.unpack("<4sI", content[place : place + 8])
        inside = content[place + 8 : place + 8 + size]
        if name == b"LIST" and inside[:4] == b"INFO":
            at = 4
            while at < len(inside):
                key, length = struct.unpack("<4sI", inside[at : at + 8])
                text = inside[at + 8 : at + 8 + length]
                found[key.decode()] = text.rstrip(b"\0").decode()
                at += 8 + length + length % 2
        place += 8 + size + size % 2
    return found


def vorbis_comments(content: bytes) -> dict[str, str]:
    """The comments of a FLAC file as its format has them: block 4, lengths little-endian."""
    assert content[:4] == b"fLaC"
    place, found = 4, {}
    while True:
        kind, size = content[place] & 0x7F, int.from_bytes(content[place + 1 : place + 4], "big")
        inside = content[place + 4 : place + 4 + size]
        if kind == 4:
            at = 4 + int.from_bytes(inside[:4], "little")
            n_comments, at = int.from_bytes(inside[at : at + 4], "little"), at + 4
            for _ in range(n_comments):
                length = int.from_bytes(inside[at : at + 4], "little")
                name, _, text = inside[at + 4 : at + 4 + length].decode().partition("=")
                found[name.upper()] = text
                at += 4 + length
        if content[place] & 0x80:
            return found
        place += 4 + size


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
@pytest.mark.parametrize("n", [100, 3199, 3200, 60_000, 200_001])
def test_the_file_is_that_of_the_whole(tmp_path: Path, name: str, n: int) -> None:
    sound = murmur(n)
    pieces = np.split(sound, [1, 9, 9, n // 3, n // 2])
    expected = tmp_path / f"expected-{name}"
    write_wav(expected, normalise_loudness(sound, RATE, -20.0), RATE, tags=TAGS)
    assert write_levelled(tmp_path / name, pieces, RATE, -20.0, tags=TAGS) == n
    assert (tmp_path / name).read_bytes() == expected.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, expected.name])
    if n > 10_000:
        assert loudness_lufs(read_wav(tmp_path / name)[0], RATE) == pytest.approx(-20.0, abs=0.05)


def test_silence_and_peaks_are_as_they_are_of_the_whole(tmp_path: Path) -> None:
    for sound in (np.zeros(5000, np.float32), murmur(9000) * 0.01, np.eye(1, 9000)[0]):
        write_levelled(tmp_path / "a.wav", [sound], RATE, -5.0, peak=0.9, tags={})
        expected = normalise_loudness(sound.astype(np.float32), RATE, -5.0, peak=0.9)
        assert (tmp_path / "a.wav").read_bytes() == wav_bytes(expected, RATE)


def test_tags_are_read_back_from_wav(tmp_path: Path) -> None:
    Audio(murmur(99), RATE, tags=TAGS).save(tmp_path / "a.wav")
    found = info_chunks((tmp_path / "a.wav").read_bytes())
    assert found.pop("ISFT").startswith("saywave 1.0")  # libsndfile adds its own name
    assert found == {
        "INAM": "Größe",
        "IART": "kathleen",
        "IPRD": "A book",
        "ITRK": "3",
        "ICMT": '{"seed": 7}',
    }
    assert info_chunks(wav_bytes(murmur(99), RATE)) == {}


def test_tags_are_read_back_from_flac(tmp_path: Path) -> None:
    Audio(murmur(99), RATE, tags=TAGS).save(tmp_path / "a.flac")
    found = vorbis_comments((tmp_path / "a.flac").read_bytes())
    assert found.pop("SOFTWARE").startswith("saywave 1.0")
    assert found == {
        "TITLE": "Größe",
        "ARTIST": "kathleen",
        "ALBUM": "A book",
        "TRACKNUMBER": "3",
        "COMMENT": '{"seed": 7}',
    }


def test_what_ends_early_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[np.ndarray]:
        yield murmur(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_levelled(tmp_path / "a.wav", broken(), RATE, -20.0, tags={})
    with pytest.raises(AudioError, match="NaN"):
        write_levelled(tmp_path / "a.wav", [murmur(9) * np.nan], RATE, -20.0, tags={})
    with pytest.raises(AudioError, match=r"'\.mp3' is not a format"):
        write_levelled(tmp_path / "a.mp3", [murmur(9)], RATE, -20.0, tags={})
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tts.audio.levelled.write_blocks", full)
    with pytest.raises(AudioError, match=r"a\.wav: cannot be written: No space left") as caught:
        write_levelled(tmp_path / "a.wav", [murmur(9)], RATE, -20.0, tags={})
    assert caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_wav_file_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tts.audio.wav._MAX_WAV_BYTES", 200)
    write_blocks(tmp_path / "a.wav", [murmur(60), murmur(40)], RATE, tags={})
    write_blocks(tmp_path / "a.flac", [murmur(60), murmur(41)], RATE, tags={})
    with pytest.raises(AudioError, match="too long for a WAV file") as caught:
        write_blocks(tmp_path / "a.wav", [murmur(60), murmur(41)], RATE, tags={})
    assert caught.value.hint == "write FLAC: -o book.flac"
