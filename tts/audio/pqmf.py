"""Pseudo-quadrature mirror filters: a signal as N sub-bands at 1/N of the rate, and back.

Cosine-modulated filter bank with near-perfect reconstruction (Nguyen 1994, "Near-perfect-reconstruction
pseudo-QMF banks"), as multi-band vocoders use it (Yu et al. 2019, DurIAN, section 4).
"""

import itertools
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["PQMF"]

FloatArray = npt.NDArray[np.float32]


class PQMF:
    """An N-band filter bank of order `taps` without delay: band sample `t` stands at sample `t * N`.

    The prototype low-pass p is a Kaiser window design; its cutoff (in units of Nyquist) is the one that
    minimises the reconstruction error for these sizes. Band k has the analysis and synthesis filters

        h_k[n] = 2 p[n] cos((2k + 1) pi / 2N (n - taps / 2) + (-1)^k pi / 4)
        g_k[n] = 2 p[n] cos((2k + 1) pi / 2N (n - taps / 2) - (-1)^k pi / 4)
    """

    def __init__(
        self, n_bands: int = 4, taps: int = 62, cutoff: float = 0.142, beta: float = 9.0
    ) -> None:
        self.n_bands, self.taps = n_bands, taps
        self._cutoff, self._beta = cutoff, beta

    @cached_property
    def analysis_filters(self) -> FloatArray:
        """Shape: (N, taps + 1)."""
        return self._filters(+1)

    @cached_property
    def synthesis_filters(self) -> FloatArray:
        """Shape: (N, taps + 1)."""
        return self._filters(-1)

    def analysis(self, samples: FloatArray) -> FloatArray:
        """Splits a signal of a multiple of N samples. Shape: (S,) -> (N, S / N)."""
        from scipy.signal import upfirdn

        if len(samples) % self.n_bands:
            raise ValueError(f"{len(samples)} samples are no multiple of {self.n_bands} bands")
        n_steps, delay = len(samples) // self.n_bands, self.taps // 2
        padded = np.pad(samples, (0, self.taps))
        bands = [upfirdn(h, padded)[delay :: self.n_bands][:n_steps] for h in self.analysis_filters]
        return np.stack(bands).astype(np.float32)

    def synthesis(self, bands: FloatArray) -> FloatArray:
        """Joins sub-bands. Shape: (N, S / N) -> (S,)."""
        return np.concatenate(list(self.synthesis_of([bands])))

    def synthesis_of(self, chunks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """Joins sub-bands that come in chunks, as far as the next chunk does not count; the last is the rest.

        Shape: (N, S_i / N) each -> as many samples in all.
        """
        n_steps = len(self._phases) // self.n_bands
        delay = self.taps // 2
        before = np.zeros((self.n_bands, n_steps - 1), dtype=np.float32)
        n_ahead = -(-delay // self.n_bands)
        ahead = np.zeros((self.n_bands, n_ahead), dtype=np.float32)
        n_skipped, n_left_out = delay, n_ahead * self.n_bands - delay
        for chunk in itertools.chain(chunks, (ahead,)):
            bands = np.concatenate([before, chunk], axis=1)
            before = bands[:, bands.shape[1] - before.shape[1] :]
            windows = np.lib.stride_tricks.sliding_window_view(bands, n_steps, axis=1)
            # (T, N * n_steps) times (N * n_steps, N): the samples of each step from the steps up to it.
            rows = windows.swapaxes(0, 1).reshape(-1, len(self._phases))
            samples = (rows @ self._phases).reshape(-1)
            last = len(samples) - (n_left_out if chunk is ahead else 0)
            yield samples[min(n_skipped, last) : last]
            n_skipped = max(0, n_skipped - len(samples))

    @cached_property
    def _phases(self) -> FloatArray:
        """The synthesis filters by what each step, oldest first, adds to each sample of the newest one.

        Shape: (N * n_steps, N).
        """
        n_steps = -(-(self.taps + 1) // self.n_bands)
        filters = np.pad(self.synthesis_filters, ((0, 0), (0, -(self.taps + 1) % self.n_bands)))
        phases = filters.reshape(self.n_bands, n_steps, self.n_bands)[:, ::-1]
        return np.ascontiguousarray(phases.reshape(-1, self.n_bands)) * np.float32(self.n_bands)

    def _filters(self, sign: int) -> FloatArray:
        n = np.arange(self.taps + 1) - self.taps / 2
        prototype = self._cutoff * np.sinc(self._cutoff * n) * np.kaiser(self.taps + 1, self._beta)
        k = np.arange(self.n_bands)[:, None]
        angle = (2 * k + 1) * np.pi / (2 * self.n_bands) * n + sign * (-1.0) ** k * np.pi / 4
        return (2 * prototype * np.cos(angle)).astype(np.float32)
