"""What is measured of each second for people and for choosing moments, beside what the network reads."""

import itertools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pipeline.types import GRID_HZ, SOUND_HZ, Bools, Floats

PICTURE_DETAILS: Mapping[str, str] = {
    "sharpness": "log10(1 + variance of the Laplacian of the luma): below about 1.5 a picture is blurred",
    "face": "height of the largest face, as a share of the picture's; 0 where none was found",
    "dark": "share of the picture that is darker than an eighth of white",
    "light": "share of the picture that is lighter than three quarters of white",
    "saturation": "mean saturation, 0 to 1",
    "edges": "share of the picture that is an edge",
    "text": "width of all lines of type above the bottom fifth, as a multiple of the picture's width",
    "plain": "share of the picture that has its commonest brightness, or nearly: 1 for an even picture",
    "stripes": "share of the upper half's variance that lies between its columns: 1 for upright bars",
}
"""Of the still of each second."""

SOUND_DETAILS: Mapping[str, str] = {
    "bass_db": "level below 250 Hz, dB of full scale, at least -80",
    "voice_db": "level from 250 to 4,000 Hz, likewise",
    "treble_db": "level above 4,000 Hz, likewise",
    "centroid_hz": "centre of gravity of the spectrum, Hz",
    "flatness": "0 for a pure tone, towards 1 for noise",
}
"""Of the sound of each second."""

RISE = "rise_db"
"""The steepest rise of the level within 80 ms, dB, in each second that has sound."""

FLOOR_DB = -80.0
BAND_EDGES_HZ = (20, 250, 4_000, 20_000)

_BLOCK = SOUND_HZ // GRID_HZ
_SILENT = 1e-9


def measure_spectrum(samples: Floats) -> Floats:
    """Measure the spectrum of one second of sound.

    Args:
        samples: (M, 2) float32 at 48 kHz, 0 < M <= 48,000, full scale 1.

    Returns:
        (5,) float32, in the order of `SOUND_DETAILS`; the last two are NaN in silence.
    """
    mono = samples.mean(axis=1)
    blocks = np.pad(mono, (0, -len(mono) % _BLOCK)).reshape(-1, _BLOCK)
    window = np.hanning(_BLOCK).astype(np.float32)
    # Both halves of the spectrum, against what the window takes away: the bands add up to the mean square.
    power = 2 * (np.abs(np.fft.rfft(blocks * window)) ** 2).sum(axis=0) / (len(mono) * np.square(window).sum())
    hz = np.fft.rfftfreq(_BLOCK, 1 / SOUND_HZ)
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in itertools.pairwise(BAND_EDGES_HZ)]
    levels = np.maximum(10 * np.log10(np.maximum(bands, _SILENT)), FLOOR_DB)
    audible = (hz >= BAND_EDGES_HZ[0]) & (hz < BAND_EDGES_HZ[-1])
    power, hz = power[audible], hz[audible]
    if power.sum() < _SILENT:
        return np.array([*levels, np.nan, np.nan], np.float32)
    centroid = (hz * power).sum() / power.sum()
    flatness = np.exp(np.log(power + _SILENT * power.max()).mean()) / power.mean()
    return np.array([*levels, centroid, flatness], np.float32)


def measure_rises(rms: Floats, present: Bools) -> Floats:
    """Find the steepest rise of the level in each second.

    Args:
        rms: (25 T,) float32, as in `Evidence`.
        present: (25 T,) bool, rows that have sound.

    Returns:
        (T,) float32, dB over the lower of the two rows of 40 ms before; NaN in seconds without sound.
    """
    level = 20 * np.log10(np.maximum(rms, 10 ** (FLOOR_DB / 20)))
    rise = np.zeros_like(level)
    rise[2:] = level[2:] - np.minimum(level[1:-1], level[:-2])
    steepest = np.maximum(rise, 0).reshape(-1, GRID_HZ).max(axis=1)
    has_sound = present.reshape(-1, GRID_HZ).any(axis=1)
    rises: npt.NDArray[np.float32] = np.where(has_sound, steepest, np.nan).astype(np.float32)
    return rises
