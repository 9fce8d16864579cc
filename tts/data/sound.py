"""What can be measured of one recording: silence, level, noise, clipping, and what tells it from others."""

import hashlib
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import loudness_lufs

__all__ = ["FINGERPRINT", "SoundMeasures", "clipped_samples", "cut_off", "fingerprint", "measure"]

FINGERPRINT = (24, 16)
"""Pieces of time and mel bands of a fingerprint."""

_FRAME, _HOP = 1024, 256  # as `prepare` trims
_PAUSE_S = 0.2  # what is shorter, a stop consonant say, is speech
_FLOOR_DB = -100.0  # below what 16 bits hold
_BAND_DB = 80.0
_FLAT_RUN = 3  # so many samples in a row at the very peak are no wave
_FLAT_PEAK = 0.05
_UNKNOWN_SIZE = 0x7FFF0000  # what programs write that do not know it yet, or more

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundMeasures:
    """One recording in figures.

    Attributes:
        seconds: its length.
        sample_rate, n_channels: of the file.
        level_lufs: its loudness (ITU-R BS.1770), minus infinity for silence.
        peak: the largest magnitude, 1 at full scale.
        n_clipped: samples in runs that stay at the very peak.
        dc: the mean of the samples.
        lead_s, tail_s: silence before the first sound and after the last, as `prepare` would cut it.
        pause_s: the longest pause between those.
        speech_s: what is left without silence and pauses.
        noise_db: the level of the quietest twentieth of its frames, below full scale.
        snr_db: how far its speech lies above that.
        bandwidth_hz: no frequency above this lies less than 80 dB below the strongest one.
        digest: a hash of the samples, whatever the format of the file.
    """

    seconds: float
    sample_rate: int
    n_channels: int
    level_lufs: float
    peak: float
    n_clipped: int
    dc: float
    lead_s: float
    tail_s: float
    pause_s: float
    speech_s: float
    noise_db: float
    snr_db: float
    bandwidth_hz: float
    digest: str


def measure(
    samples: FloatArray, sample_rate: int, *, n_channels: int = 1, trim_db: float = 30.0
) -> SoundMeasures:
    """Measures a sound of at least one sample, all of them finite.

    Args:
        samples: Shape: (S,).
        sample_rate: samples a second.
        n_channels: of the file, before its channels were mixed.
        trim_db: a frame so far below the loudest is silent.
    """
    levels_db = _frame_levels_db(samples)
    heard = levels_db > levels_db.max() - trim_db
    first, last = int(heard.argmax()), len(heard) - int(heard[::-1].argmax())
    pauses_s = [n * _HOP / sample_rate for n in _runs(~heard[first:last])]
    seconds = len(samples) / sample_rate
    lead_s, end_s = first * _HOP / sample_rate, min(seconds, last * _HOP / sample_rate)
    dc = float(samples.mean(dtype=np.float64))
    swings_db = _frame_levels_db(samples - np.float32(dc))
    alive = swings_db[swings_db > _FLOOR_DB]  # digital silence is no noise
    noise_db = float(np.percentile(alive, 5.0)) if len(alive) else _FLOOR_DB
    loud_db = swings_db[swings_db > swings_db.max() - trim_db]
    speech_db = 10.0 * np.log10(np.mean(10.0 ** (loud_db / 10.0)))
    return SoundMeasures(
        seconds=seconds,
        sample_rate=sample_rate,
        n_channels=n_channels,
        level_lufs=loudness_lufs(samples, sample_rate),
        peak=float(np.abs(samples).max()),
        n_clipped=clipped_samples(samples),
        dc=dc,
        lead_s=lead_s,
        tail_s=seconds - end_s,
        pause_s=max(pauses_s, default=0.0),
        speech_s=end_s - lead_s - sum(pause for pause in pauses_s if pause >= _PAUSE_S),
        noise_db=noise_db,
        snr_db=float(speech_db) - noise_db,
        bandwidth_hz=_bandwidth_hz(samples, sample_rate),
        digest=hashlib.sha256(np.round(samples * 32767).astype(np.int16).tobytes()).hexdigest()[
            :16
        ],
    )


def clipped_samples(samples: FloatArray) -> int:
    """How many samples lie in runs of three or more at the very top, or the very bottom, of the wave.

    A microphone or a converter that was driven too hard leaves such plateaus, at full scale or, when the
    level was lowered later, below it; speech does not. Shape: samples (S,).
    """
    n_clipped = 0
    for side in (samples, -samples):
        peak = side.max()
        if peak >= _FLAT_PEAK:
            runs = _runs(side >= peak - 0.5 / 32768)
            n_clipped += sum(n for n in runs if n >= _FLAT_RUN)
    return n_clipped


def cut_off(path: Path) -> str:
    """Says how much of a WAV file is missing, by the size that its header tells; empty for a whole one.

    A copy that was interrupted reads like a shorter recording. FLAC notices by itself.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return ""
        while len(header := file.read(8)) == 8:
            name, n_bytes = struct.unpack("<4sI", header)
            if name == b"data":
                n_there = size - file.tell()
                is_whole = n_bytes <= n_there or n_bytes >= _UNKNOWN_SIZE
                return "" if is_whole else f"{n_there:,} of {n_bytes:,} bytes of sound are there"
            file.seek(n_bytes + n_bytes % 2, 1)
    return ""


def fingerprint(samples: FloatArray, sample_rate: int, *, trim_db: float = 30.0) -> FloatArray:
    """The course of the spectrum in few numbers, whatever level, length, format and silence around it.

    Args:
        samples: Shape: (S,).
        sample_rate: samples a second.
        trim_db: as of `measure`.

    Returns:
        Shape: (384,), `FINGERPRINT` made flat; the mean of all numbers is 0.
    """
    import librosa

    n_hop = max(1, round(0.01 * sample_rate))  # in seconds: rates are compared with each other
    n_frame = 4 * n_hop
    trimmed, _ = librosa.effects.trim(
        samples, top_db=trim_db, frame_length=n_frame, hop_length=n_hop
    )
    n_pieces, n_bands = FINGERPRINT
    top_hz = min(3500.0, sample_rate / 2)
    mel = librosa.feature.melspectrogram(
        y=trimmed, sr=sample_rate, n_fft=n_frame, hop_length=n_hop, n_mels=n_bands, fmax=top_hz
    )
    log_mel = np.log(mel + 1e-4 * mel.max() + 1e-20)
    edges = np.linspace(0, log_mel.shape[1], n_pieces + 1)
    pieces = [
        log_mel[:, int(a) : max(int(a) + 1, int(b))].mean(axis=1)
        for a, b in itertools.pairwise(edges)
    ]
    flat = np.concatenate(pieces)
    return (flat - flat.mean()).astype(np.float32)


def _frame_levels_db(samples: FloatArray) -> npt.NDArray[np.float64]:
    """The level of each frame, centred as librosa's, in decibels below full scale. Shape: (S,) -> (T,)."""
    squares = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    centres = np.arange(0, len(samples) + 1, _HOP)
    starts = np.maximum(centres - _FRAME // 2, 0)
    ends = np.minimum(centres + _FRAME // 2, len(samples))
    powers = np.maximum(squares[ends] - squares[starts], 0.0) / _FRAME
    return 10.0 * np.log10(np.maximum(powers, 10.0 ** (_FLOOR_DB / 10.0)))


def _runs(mask: npt.NDArray[np.bool_]) -> list[int]:
    """The lengths of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return (edges[1::2] - edges[0::2]).tolist()


def _bandwidth_hz(samples: FloatArray, sample_rate: int) -> float:
    from scipy.signal import welch

    n_window = min(_FRAME, len(samples))
    frequencies, power = welch(samples, sample_rate, window="blackmanharris", nperseg=n_window)
    strong = np.flatnonzero(power > power.max() * 10.0 ** (-_BAND_DB / 10.0))
    return float(frequencies[strong[-1]]) if len(strong) else 0.0
