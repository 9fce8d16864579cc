"""Figures of a recording, compared with sounds whose figures are known, and with librosa."""

import io
import math

import librosa
import numpy as np
import pytest
import soundfile

from tts.data.sound import FINGERPRINT, clipped_samples, cut_off, fingerprint, measure

RATE = 16000


def tone(seconds: float, hz: float = 220.0, amplitude: float = 0.2) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def noise(seconds: float, db: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (10 ** (db / 20) * rng.standard_normal(int(seconds * RATE))).astype(np.float32)


def babble(seconds: float, seed: int) -> np.ndarray:
    """Something that changes its spectrum all the time, as speech does."""
    rng = np.random.default_rng(seed)
    pieces = [
        rng.uniform(0.1, 0.3) * (tone(0.1, hz) + tone(0.1, 3.1 * hz, 0.1))
        for hz in rng.uniform(100, 900, int(seconds * 10))
    ]
    return np.concatenate(pieces).astype(np.float32)


def test_silence_and_pauses():
    gap = noise(1.0, -70.0)
    sound = np.concatenate([gap[:8000], tone(1.0), gap[:4800], tone(0.5), gap[:12000]])
    figures = measure(sound, RATE)
    assert figures.seconds == 0.5 + 1.0 + 0.3 + 0.5 + 0.75
    # frames are 64 ms long: edges are found to that
    assert figures.lead_s == pytest.approx(0.5, abs=0.064)
    assert figures.pause_s == pytest.approx(0.3, abs=0.064)
    assert figures.tail_s == pytest.approx(0.75, abs=0.064)
    assert figures.speech_s == pytest.approx(1.5, abs=0.13)
    _, (start, end) = librosa.effects.trim(sound, top_db=30.0, frame_length=1024, hop_length=256)
    assert figures.lead_s == start / RATE  # as `prepare` cuts it
    assert figures.tail_s == pytest.approx((len(sound) - end) / RATE)


def test_short_gaps_belong_to_speech():
    gap = np.zeros(int(0.15 * RATE), dtype=np.float32)
    figures = measure(np.concatenate([tone(0.5), gap, tone(0.5)]), RATE)
    assert figures.speech_s == pytest.approx(1.15, abs=0.02)


def test_noise_below_speech():
    sound = np.concatenate([tone(1.0), np.zeros(RATE // 2, np.float32)]) + noise(1.5, -50.0)
    figures = measure(sound.astype(np.float32), RATE)
    assert figures.noise_db == pytest.approx(-50.0, abs=1.0)
    assert figures.snr_db == pytest.approx(20 * math.log10(0.2 / math.sqrt(2)) + 50.0, abs=1.0)
    off = measure((sound + 0.1).astype(np.float32), RATE)
    assert off.dc == pytest.approx(0.1, abs=1e-3)
    assert off.snr_db == pytest.approx(figures.snr_db, abs=0.5)
    assert measure(np.concatenate([tone(1.0), np.zeros(RATE, np.float32)]), RATE).noise_db > -40.0


def test_level_peak_and_channels():
    from tts.audio.loudness import loudness_lufs

    figures = measure(tone(1.0), RATE, n_channels=2)
    assert figures.level_lufs == loudness_lufs(tone(1.0), RATE)
    assert figures.peak == pytest.approx(0.2, abs=1e-3)
    assert (figures.n_channels, figures.sample_rate, figures.n_clipped) == (2, RATE, 0)


@pytest.mark.parametrize("level", [1.0, 0.3])
def test_clipping_is_found_at_any_level(level):
    driven = level * np.clip(1.5 * tone(0.1, amplitude=1.0), -1.0, 1.0)
    expected = int((np.abs(1.5 * tone(0.1, amplitude=1.0)) >= 1.0).sum())
    assert clipped_samples(driven) == pytest.approx(expected, abs=4)
    one_side = np.maximum(driven, -0.9 * level)
    assert clipped_samples(one_side) > expected / 2


def test_a_wave_that_only_touches_its_peak_is_not_clipped():
    for hz in (60.0, 220.0, 3000.0):
        assert clipped_samples(tone(1.0, hz, 0.99)) == 0
    pcm = np.round(tone(1.0, 100.0, 0.5) * 32767).astype(np.float32) / 32767
    assert clipped_samples(pcm) < 200  # a slow crest may look flat in 16 bits
    assert clipped_samples(np.zeros(100, np.float32)) == 0


def test_bandwidth():
    wide, rng = noise(1.0, -20.0), np.random.default_rng(1)
    assert measure(wide, RATE).bandwidth_hz > 7900
    narrow = librosa.resample(rng.standard_normal(4000), orig_sr=4000, target_sr=RATE)
    assert measure(0.1 * narrow.astype(np.float32), RATE).bandwidth_hz == pytest.approx(
        2000, abs=250
    )


def test_the_digest_is_that_of_the_samples():
    assert measure(tone(1.0), RATE).digest == measure(tone(1.0), RATE).digest
    assert measure(tone(1.0), RATE).digest != measure(tone(1.0, 221.0), RATE).digest


@pytest.mark.parametrize(
    "changed",
    [
        lambda x: 0.3 * x,
        lambda x: np.pad(x, (3000, 5000)),
        lambda x: x + noise(len(x) / RATE, -60.0),
        lambda x: librosa.resample(x, orig_sr=RATE, target_sr=22050),
    ],
)
def test_a_fingerprint_knows_a_recording_again(changed):
    def alike(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    sound = babble(2.0, 0)
    again = changed(sound).astype(np.float32)
    rate = 22050 if len(again) > len(sound) * 1.3 else RATE
    ours = fingerprint(sound, RATE)
    assert ours.shape == (FINGERPRINT[0] * FINGERPRINT[1],)
    assert abs(float(ours.mean())) < 1e-5
    assert alike(ours, fingerprint(again, rate)) > 0.97
    assert alike(ours, fingerprint(babble(2.0, 1), RATE)) < 0.9


def wav(subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(0.5), RATE, format="WAV", subtype=subtype)
    return buffer.getvalue()


def test_a_file_that_is_cut_off(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    assert cut_off(path) == ""
    path.write_bytes(wav()[:-6000])
    assert cut_off(path) == "10,000 of 16,000 bytes of sound are there"
    whole = bytearray(wav())
    whole[40:44] = b"\xff\xff\xff\xff"  # as programs write that do not know the length yet
    path.write_bytes(whole)
    assert cut_off(path) == ""
    path.write_bytes(wav("FLOAT"))  # which has more chunks before the sound
    assert cut_off(path) == ""
    soundfile.write(tmp_path / "a.flac", tone(0.5), RATE)
    assert cut_off(tmp_path / "a.flac") == ""
    path.write_bytes(b"RIFF")
    assert cut_off(path) == ""


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning")
def test_the_shortest_sound():
    figures = measure(np.array([0.5], np.float32), RATE)
    assert figures.seconds == 1 / RATE
    assert np.isfinite(fingerprint(np.array([0.5], np.float32), RATE)).all()
