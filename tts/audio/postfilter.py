"""A postfilter for vocoders that draw samples: what is louder than the mel says is noise.

A draw adds noise to every frequency alike, between the harmonics too, where nothing masks it. As the
postfilters of speech coders do (Chen and Gersho 1995, "Adaptive postfiltering for quality enhancement of
coded speech"), this one lowers the valleys of the spectrum; but since the mel spectrogram is known here, it
can then bring every band back to exactly its level.
"""

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, inverse_stft, magnitudes, mel_filters, stft

__all__ = ["postfilter"]

FloatArray = npt.NDArray[np.float32]

_NEIGHBOURHOOD_HZ = 880.0  # some harmonics of any voice
_LOWEST_GAIN, _HIGHEST_GAIN = 0.03, 4.0  # -30 and +12 dB
_FLOOR = 1e-7  # far below any sound, against division by zero


def postfilter(
    samples: FloatArray, mel: FloatArray, config: MelConfig, contrast: float
) -> FloatArray:
    """The sound with sharper harmonics, and the levels that its mel asks for.

    With |X| the magnitude of a bin and R the root mean square of its neighbourhood in frequency:

        Y = X (|X| / R)^(contrast - 1) G,    G = the mel's magnitude over that of Y without G, by bands

    A contrast of 1 leaves the spectrum within a band as it is and only corrects the levels.

    Args:
        samples: what a vocoder made of `mel`. Shape: (T * hop,).
        mel: normalised as `config` says. Shape: (M, T).
        config: what the spectrogram is.
        contrast: 1 or more.

    Returns:
        Shape: (T * hop,).
    """
    from scipy.ndimage import uniform_filter1d

    spectrum = stft(samples, config)
    magnitude = np.abs(spectrum) + _FLOOR
    n_neighbours = 1 + 2 * round(_NEIGHBOURHOOD_HZ / 2 * config.n_fft / config.sample_rate)
    neighbourhood = uniform_filter1d(np.square(magnitude), n_neighbours, axis=0, mode="nearest")
    weights = (magnitude / np.sqrt(neighbourhood)) ** np.float32(contrast - 1.0)

    filters = mel_filters(config)
    found = np.maximum(filters @ (magnitude * weights), config.floor)
    gains = np.clip(magnitudes(mel, config) / found, _LOWEST_GAIN, _HIGHEST_GAIN)
    shares = filters / np.maximum(filters.sum(axis=0), _FLOOR)  # of each bin in the bands
    return inverse_stft(spectrum * weights * (shares.T @ gains), config)
