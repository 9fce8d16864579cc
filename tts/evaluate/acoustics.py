"""How far a sound is from a recording of the same sentence: spectrum, pitch, voicing and length.

Both are brought to 22,050 Hz and -23 LUFS and lose the silence at their ends; one path of dynamic time
warping over the cepstra serves all that is compared.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, mel_spectrogram
from tts.audio.wav import Audio
from tts.evaluate.measures import Figures, Ratio
from tts.evaluate.resample import at_rate, levelled

__all__ = ["Features", "comparison", "features_of", "log_f0", "mel_cepstra", "pitch_figures"]

FloatArray = npt.NDArray[np.float32]

_MEL = MelConfig()  # of the ruler, whatever that of the voice is
_N_CEPSTRA = 13
_RANGE_DB = 60.0
_TRIM_DB = 30.0
_F0_HZ = (60.0, 500.0)
_F0_WINDOW = 2048
_ENOUGH_FRAMES = 2  # voiced ones, for a deviation


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """What is compared of a sound; frames are those of the mel, 256 samples at 22,050 Hz.

    Attributes:
        cepstra: mel cepstra 1 to 13. Shape: (13, T).
        log_f0: natural logarithm of F0 in Hz, NaN where unvoiced. Shape: (T,).
        duration_s: without the silence at both ends.
    """

    cepstra: FloatArray
    log_f0: FloatArray
    duration_s: float


def features_of(audio: Audio) -> Features:
    """The features of a sound."""
    import librosa

    samples = at_rate(levelled(audio), _MEL.sample_rate)
    samples, _ = librosa.effects.trim(
        samples, top_db=_TRIM_DB, frame_length=_MEL.n_fft, hop_length=_MEL.hop
    )
    mel = mel_spectrogram(samples, _MEL) * _MEL.log_std + _MEL.log_mean
    return Features(
        mel_cepstra(mel), log_f0(samples, _MEL.sample_rate), len(samples) / _MEL.sample_rate
    )


def comparison(ours: Features, theirs: Features) -> Figures:
    """Distances from a recording (`theirs`) along the path of least cepstral distance.

    The mel-cepstral distortion of a pair of frames (Kubichek 1993) is, in decibels,
        10 / ln 10 * sqrt(2 * sum over d = 1 .. 13 of (c_d - c'_d)^2)
    and its mean over the path is that of a sentence.
    """
    import librosa

    distances, steps = librosa.sequence.dtw(ours.cepstra, theirs.cepstra, metric="euclidean")
    mine, other = steps[:, 0], steps[:, 1]
    distance = float(distances[-1, -1]) / len(steps)
    voiced, voiced_too = ~np.isnan(ours.log_f0[mine]), ~np.isnan(theirs.log_f0[other])
    figures = {
        "mcd": Ratio(10.0 / np.log(10.0) * np.sqrt(2.0) * distance),
        "voicing_error": Ratio(float((voiced != voiced_too).sum()), len(steps)),
        "duration_ratio": Ratio(ours.duration_s / theirs.duration_s),
    }
    both = voiced & voiced_too
    if both.any():
        difference = ours.log_f0[mine][both] - theirs.log_f0[other][both]
        figures["f0_error"] = Ratio(float(np.sqrt(np.mean(np.square(difference)))))
    return figures


def pitch_figures(ours: Features) -> Figures:
    """How much the pitch moves."""
    voiced = ours.log_f0[~np.isnan(ours.log_f0)]
    return {"f0_spread": Ratio(float(voiced.std()))} if len(voiced) >= _ENOUGH_FRAMES else {}


def mel_cepstra(log_mel: FloatArray) -> FloatArray:
    """Cepstra 1 to 13 of natural-log mel magnitudes. Shape: (M, T) -> (13, T).

    They are the c_d of  log_mel_m = c_0 + sum over d of c_d cos(pi d (m + 1/2) / M), so that
        c_d = 2/M * sum over m of log_mel_m cos(pi d (m + 1/2) / M)
    which is SPTK's convention for mel cepstra; the distortion is then the root mean square difference of the
    smoothed log spectra over the bands, in decibels, their levels apart. What lies 60 dB below the loudest
    cell is nothing to hear, and counts as that: digital silence is not infinitely far from a quiet room.
    """
    from scipy.fft import dct

    floor = log_mel.max() - _RANGE_DB * np.log(10.0) / 20.0
    cepstra = dct(np.maximum(log_mel, floor), type=2, axis=0) / len(log_mel)
    return np.ascontiguousarray(cepstra[1 : _N_CEPSTRA + 1], dtype=np.float32)


def log_f0(samples: FloatArray, sample_rate: int) -> FloatArray:
    """Natural logarithm of F0 by pYIN (Mauch and Dixon 2014), NaN where unvoiced. Shape: (S,) -> (T,)."""
    import librosa

    n_frames = max(1, -(-len(samples) // _MEL.hop))
    margin = (_F0_WINDOW - _MEL.hop) // 2  # frames centred where those of the mel are
    tail = n_frames * _MEL.hop - len(samples) + margin
    f0, voiced, _ = librosa.pyin(
        np.pad(samples, (margin, tail)),
        sr=sample_rate,
        fmin=_F0_HZ[0],
        fmax=_F0_HZ[1],
        frame_length=_F0_WINDOW,
        hop_length=_MEL.hop,
        center=False,
    )
    return np.where(voiced, np.log(f0), np.nan).astype(np.float32)
