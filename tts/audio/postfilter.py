"""A postfilter for vocoders that draw samples: what is louder than the mel says is noise.

A draw adds noise to every frequency alike, between the harmonics too, where nothing masks it. As the
postfilters of speech coders do (Chen and Gersho 1995, "Adaptive postfiltering for quality enhancement of
coded speech"), this one lowers the valleys of the spectrum; but since the mel spectrogram is known here, it
can then bring every band back to exactly its level.
"""

import functools
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, inverse_stft, magnitudes, mel_filters, stft

__all__ = ["postfilter", "postfilter_of"]

FloatArray = npt.NDArray[np.float32]

_NEIGHBOURHOOD_HZ = 880.0  # some harmonics of any voice
_LOWEST_GAIN, _HIGHEST_GAIN = 0.03, 4.0  # -30 and +12 dB
_FRAMES_AT_ONCE = 16  # fewer would mostly be filtered again with what follows
_FLOOR = 1e-7  # far below any sound, against division by zero


def postfilter(
    samples: FloatArray, mel: FloatArray, config: MelConfig, contrast: float
) -> FloatArray:
    """The sound with sharper harmonics, and the levels that its mel asks for.

    With |X| the magnitude of a bin and R the root mean square of its neighbourhood in frequency:

        Y = X (|X| / R)^(contrast - 1) G,    G = the mel's magnitude over that of Y without G, by bands

    A contrast of 1 leaves the spectrum within a band as it is and only corrects the levels. Beyond the lowest
    and the highest frequency of the mel, the gain is that of the outermost band.

    Args:
        samples: what a vocoder made of `mel`. Shape: (T * hop,).
        mel: normalised as `config` says. Shape: (M, T).
        config: what the spectrogram is.
        contrast: 1 or more.

    Returns:
        Shape: (T * hop,).
    """
    spectrum = stft(samples, config)
    magnitude = np.abs(spectrum) + _FLOOR
    n_neighbours = 1 + 2 * round(_NEIGHBOURHOOD_HZ / 2 * config.n_fft / config.sample_rate)
    neighbourhood = _running_mean(np.square(magnitude), n_neighbours)
    weights = (magnitude / np.sqrt(neighbourhood)) ** np.float32(contrast - 1.0)

    weighted = magnitude * weights
    # Each band by itself: of a whole product most factors are zero, and BLAS would wake its threads for it.
    found = [row @ weighted[bins] for row, bins in _bands(config)]
    gains = magnitudes(mel, config) / np.maximum(found, np.float32(config.floor))
    gains = np.clip(gains, _LOWEST_GAIN, _HIGHEST_GAIN)
    nearest, shares = _nearest_bands(config)
    gain_of_bin = (gains[nearest] * shares).sum(axis=0)
    return inverse_stft(spectrum * weights * gain_of_bin, config)


def postfilter_of(
    chunks: Iterable[FloatArray], mel: FloatArray, config: MelConfig, contrast: float
) -> Iterator[FloatArray]:
    """`postfilter` of a sound that comes in chunks, each part as soon as what follows cannot change it.

    Args:
        chunks: what a vocoder makes of `mel`, of any lengths; if it ends early, so does this.
        mel: of the whole sound. Shape: (M, T).
        config: as `postfilter` has it.
        contrast: the same.
    """
    hop, n_frames = config.hop, mel.shape[1]
    # Frames that share samples with a frame, and those that share samples with these.
    reach = 2 * -(-(config.n_fft - config.hop) // (2 * hop))
    first, done, samples = 0, 0, np.zeros(0, dtype=np.float32)
    for chunk in chunks:
        samples = np.concatenate([samples, chunk])
        known = first + len(samples) // hop
        end = known if known == n_frames else known - reach
        if end <= done or (done and end < n_frames and end - done < _FRAMES_AT_ONCE):
            continue
        filtered = postfilter(
            samples[: (known - first) * hop], mel[:, first:known], config, contrast
        )
        yield filtered[(done - first) * hop : (end - first) * hop]
        new = max(0, end - reach)
        first, done, samples = new, end, samples[(new - first) * hop :]


@functools.cache
def _bands(config: MelConfig) -> list[tuple[FloatArray, slice]]:
    """Of each band, the bins that its filter lets through, and by how much."""
    ends = [(row.nonzero()[0][[0, -1]] if row.any() else (0, -1)) for row in mel_filters(config)]
    bins = [slice(int(first), int(last) + 1) for first, last in ends]
    return [(row[part], part) for row, part in zip(mel_filters(config), bins, strict=True)]


@functools.cache
def _nearest_bands(config: MelConfig) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """The two bands that a bin may lie in, and how much of its gain is that of each.

    Shape: (2, n_fft / 2 + 1), (2, n_fft / 2 + 1, 1).
    """
    shares = _shares(mel_filters(config), config)
    nearest = np.argsort(shares, axis=0)[-2:]
    return nearest, np.take_along_axis(shares, nearest, axis=0)[..., None]


def _shares(filters: FloatArray, config: MelConfig) -> FloatArray:
    """How much of the gain of each bin is that of each band. Shape: (M, n_fft / 2 + 1)."""
    shares: FloatArray = filters / np.maximum(filters.sum(axis=0), _FLOOR)
    hz = np.arange(config.n_bins) * (config.sample_rate / config.n_fft)
    # But for the bins at 0 Hz and at half the sample rate, which hold no sound.
    shares[0, (hz > 0.0) & (hz <= config.fmin_hz)] = 1.0
    shares[-1, (hz >= config.fmax_hz) & (hz < config.sample_rate / 2)] = 1.0
    return shares


def _running_mean(values: FloatArray, n: int) -> FloatArray:
    """The mean of the `n` rows around each row, an odd number; the outermost rows go on beyond the edges.

    Shape: (F, T) -> (F, T).
    """
    padded = np.pad(values, ((n // 2 + 1, n // 2), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    return ((sums[n:] - sums[:-n]) / n).astype(np.float32)
