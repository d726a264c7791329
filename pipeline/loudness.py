"""How loud a sound track is: integrated loudness as broadcasters measure it, Leq(m) as cinemas measure trailers.

Source: ITU-R BS.1770-4 (K-weighting at 48 kHz, gating); ISO 21727 and ITU-R BS.468-4 (M-weighting: the curve of BS.468,
5.6 dB lower, so that 2 kHz is left as it is).
"""

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

from pipeline.types import SOUND_HZ, Floats

_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
_BLOCK, _HOP = SOUND_HZ * 2 // 5, SOUND_HZ // 10
_SILENCE_LUFS, _GATE_DB = -70.0, 10.0

_M_CURVE = (
    (31.5, -29.9), (63, -23.9), (100, -19.8), (200, -13.8), (400, -7.8), (800, -1.9), (1000, 0.0), (2000, 5.6),
    (3150, 9.0), (4000, 10.5), (5000, 11.7), (6300, 12.2), (7100, 12.0), (8000, 11.4), (9000, 10.1), (10_000, 8.1),
    (12_500, 0.0), (14_000, -5.3), (16_000, -11.7), (20_000, -22.2), (31_500, -42.7),
)  # fmt: skip
_M_HZ, _M_DB = np.array(_M_CURVE).T
_M_OFFSET_DB = -5.6

CINEMA_DB = 85.0 + 20.0 + 10 * np.log10(2.0)
"""The level in a cinema of sound whose mean square is 1: a channel plays -20 dB below a full-scale sine at 85 dB."""


def measure_lufs(samples: Floats) -> float:
    """Measure integrated loudness.

    Args:
        samples: (M, 2) float32 at 48 kHz, full scale 1.

    Returns:
        LUFS; -inf for silence, or for less than 0.4 s.
    """
    if len(samples) < _BLOCK:
        return float("-inf")
    weighted = sosfilt(_K_WEIGHTING, samples.astype(np.float64), axis=0)
    energy = np.r_[0.0, np.cumsum((weighted**2).sum(axis=1))]
    starts = np.arange(0, len(samples) - _BLOCK + 1, _HOP)
    power = (energy[starts + _BLOCK] - energy[starts]) / _BLOCK
    kept = power[_to_lufs(power) > _SILENCE_LUFS]
    if not len(kept):
        return float("-inf")
    kept = kept[_to_lufs(kept) > _to_lufs(kept.mean()) - _GATE_DB]
    return float(_to_lufs(kept.mean()))


def measure_leq_m(samples: Floats) -> float:
    """Measure Leq(m), the mean level of the whole track as a cinema plays it at fader 7.

    Args:
        samples: (M, 2) float32 at 48 kHz, full scale 1: what left and right play.

    Returns:
        dB; -inf for silence. How a theatre plays is assumed: see `CINEMA_DB`.
    """
    if not len(samples):
        return float("-inf")
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64), axis=0)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / SOUND_HZ)
    gain_db = np.interp(np.log10(np.maximum(hz, 1.0)), np.log10(_M_HZ), _M_DB) + _M_OFFSET_DB
    gain_db[hz < _M_HZ[0]] = _M_DB[0] + _M_OFFSET_DB + 20 * np.log10(np.maximum(hz[hz < _M_HZ[0]], 1e-3) / _M_HZ[0])
    sides = np.full(len(hz), 2.0)
    sides[0] = 1.0
    if len(samples) % 2 == 0:
        sides[-1] = 1.0
    power = ((sides * 10 ** (gain_db / 10))[:, None] * spectrum).sum() / len(samples) ** 2
    return float(CINEMA_DB + 10 * np.log10(power)) if power > 0 else float("-inf")


def _to_lufs(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Loudness of K-weighted mean squares, summed over the channels."""
    return -0.691 + 10 * np.log10(np.maximum(np.asarray(power, np.float64), 1e-20))
