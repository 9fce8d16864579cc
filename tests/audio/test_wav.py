"""Sound files: what is written is read again, and nothing is half written."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio import play as player
from tts.audio.wav import Audio, check_output, read_wav, wav_bytes, write_wav
from tts.errors import AudioError

SAMPLES = np.sin(np.arange(2000, dtype=np.float32) / 9) * np.float32(0.8)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.wav", "WAV"), ("a.FLAC", "FLAC"), ("a.flac", "FLAC")]
)
def test_what_is_written_is_read_again(tmp_path: Path, name: str, kind: str) -> None:
    Audio(SAMPLES, 22050).save(tmp_path / name)
    samples, rate = read_wav(tmp_path / name)
    assert (samples.dtype, rate, len(samples)) == (np.float32, 22050, 2000)
    assert np.abs(samples - SAMPLES).max() <= 1.0 / 32768
    info = soundfile.info(str(tmp_path / name))
    assert (info.format, info.subtype, info.channels) == (kind, "PCM_16", 1)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_too_loud_samples_are_clipped_and_do_not_wrap(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([2.0, -2.0, 1.0, -1.0], dtype=np.float32), 8000)
    samples, _ = read_wav(tmp_path / "a.wav")
    np.testing.assert_allclose(samples, [1.0, -1.0, 1.0, -1.0], atol=1e-4)


def test_channels_are_mixed(tmp_path: Path) -> None:
    stereo = np.stack([SAMPLES, np.zeros_like(SAMPLES)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 8000, subtype="FLOAT")
    samples, rate = read_wav(tmp_path / "a.wav")
    assert rate == 8000
    np.testing.assert_allclose(samples, SAMPLES / 2, atol=1e-6)


def test_audio_knows_itself() -> None:
    audio = Audio(SAMPLES, 1000)
    assert audio.duration_s == 2.0
    assert repr(audio) == "Audio(2.00 s, 1000 Hz)"
    html = audio._repr_html_()
    prefix = '<audio controls src="data:audio/wav;base64,'
    assert html.startswith(prefix)
    samples, rate = soundfile.read(
        io.BytesIO(base64.b64decode(html[len(prefix) :].partition('"')[0]))
    )
    assert rate == 1000
    np.testing.assert_allclose(samples, SAMPLES, atol=1e-4)


def test_wav_bytes_are_those_of_the_file(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", SAMPLES, 8000)
    assert wav_bytes(SAMPLES, 8000) == (tmp_path / "a.wav").read_bytes()


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"none\.wav: cannot be read: No such file"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="cannot be read: Is a directory"):
        read_wav(tmp_path)
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(AudioError, match=r"text\.wav: is not a sound file"):
        read_wav(tmp_path / "text.wav")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    with pytest.raises(AudioError, match=r"empty\.wav: holds no samples"):
        read_wav(tmp_path / "empty.wav")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.mp3", "'.mp3' is not a format that can be written"),
        ("a", "no suffix is not a format"),
        ("none/a.wav", "the folder '.*none' does not exist"),
        ("folder.wav", "is a folder"),
    ],
)
def test_outputs_that_cannot_be_are_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    for refuse in (check_output, lambda path: write_wav(path, SAMPLES, 8000)):
        with pytest.raises(AudioError, match=message) as caught:
            refuse(tmp_path / name)
        assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wav(tmp_path / "a.wav", SAMPLES, 8000)
    old = (tmp_path / "a.wav").read_bytes()

    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(AudioError, match=r"a\.wav: cannot be written: No space left on device"):
        write_wav(tmp_path / "a.wav", SAMPLES[:10], 8000)
    assert (tmp_path / "a.wav").read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_nan_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="NaN"):
        write_wav(tmp_path / "a.wav", np.full(3, np.nan, dtype=np.float32), 8000)
    assert not list(tmp_path.iterdir())


def _fake_player(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "aplay").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    monkeypatch.setattr(player, "PLAYERS", {"no-such-player": (), "aplay": ("-q",)})


def test_a_player_gets_a_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_player(tmp_path, f'[ "$1" = -q ] && cp "$2" {tmp_path}/heard.wav', monkeypatch)
    player.play(Audio(SAMPLES, 8000))
    samples, rate = read_wav(tmp_path / "heard.wav")
    assert (len(samples), rate) == (2000, 8000)


def test_a_player_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_player(tmp_path, "echo no sound card >&2; exit 1", monkeypatch)
    with pytest.raises(AudioError, match="aplay could not play: no sound card") as caught:
        player.play(Audio(SAMPLES, 8000))
    assert caught.value.hint == "write a file: -o hello.wav"


def test_no_player(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="no player found") as caught:
        player.find_player()
    assert caught.value.hint == "write a file: -o hello.wav"
