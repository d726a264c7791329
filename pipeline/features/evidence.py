"""The measurements that studyforrest publishes, made from any film, 25 times a second.

Source: Hanke et al. (2016), the confound measures of the studyforrest data set; Zauner (2010) for the DCT perceptual
hash, as ImageHash's `phash(hash_size=12, highfreq_factor=4)` computes it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline.types import GRID_HZ, SOUND_HZ, Bools, Bytes, Floats, Streams, freeze_array

VERSION = "1"
"""Raised whenever a measurement changes."""

HASH_BITS = 144
_HASH_SIDE = 12
_GREY_SIDE = 48
_GRID_SAMPLES = SOUND_HZ // GRID_HZ


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is measured of a cut at 25 Hz; row i is at i/25 s, N = 25 T rows. Rows of an absent stream are 0.

    Attributes:
        quadrants: (N, 4) float32 in 0..255, whole numbers: perceived luminance of the upper left, upper right, lower
            left and lower right quadrant.
        phash: (N, 18) uint8, the 144 bits of the perceptual hash, row by row, most significant bit first, so that
            `phash[i].tobytes().hex()` is the data set's string.
        norm_diff: (N,) float32 in [0, 1], the share of hash bits that differ from the row before; 0 in the first row
            and where either row has no picture.
        rms: (N,) float32 >= 0, the sum over the two channels of the RMS of 40 ms, full scale 1.
        lrdiff: (N,) float32, the left channel's RMS minus the right's: positive when the left is louder.
        picture_present: (N,) bool.
        sound_present: (N,) bool.
        picture_times_s: (N,) float64, the presentation time of the picture on show, seconds; i/25 where there is none.
    """

    quadrants: Floats
    phash: Bytes
    norm_diff: Floats
    rms: Floats
    lrdiff: Floats
    picture_present: Bools
    sound_present: Bools
    picture_times_s: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        rows = len(self.rms)
        for name, dtype, shape in (
            ("quadrants", np.float32, (rows, 4)),
            ("phash", np.uint8, (rows, HASH_BITS // 8)),
            ("norm_diff", np.float32, (rows,)),
            ("rms", np.float32, (rows,)),
            ("lrdiff", np.float32, (rows,)),
            ("picture_present", np.bool_, (rows,)),
            ("sound_present", np.bool_, (rows,)),
            ("picture_times_s", np.float64, (rows,)),
        ):
            object.__setattr__(self, name, freeze_array(getattr(self, name), dtype, shape, name))


def gather_evidence(streams: Streams, report: Callable[[float], None]) -> Evidence:
    """Measure every second of a cut; this consumes `streams.seconds`.

    Args:
        streams: the opened cut.
        report: called after each second with the position in the film, seconds.

    Returns:
        The measurements of the whole cut, about 60 bytes for each of its rows.
    """
    rows = GRID_HZ * streams.cut.seconds
    quadrants, phash = np.zeros((rows, 4), np.float32), np.zeros((rows, HASH_BITS // 8), np.uint8)
    rms, lrdiff = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    seen, heard = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    times_s = np.arange(rows) / GRID_HZ
    for second in streams.seconds:
        first = GRID_HZ * second.index
        if second.pictures is not None and second.picture_times_s is not None:
            shown = slice(first, first + len(second.pictures))
            times_s[shown] = second.picture_times_s
            quadrants[shown], phash[shown] = _measure_shown(second.pictures, second.picture_times_s)
            seen[shown] = True
        if second.sound is not None:
            sounding = slice(first, first + math.ceil(len(second.sound) / _GRID_SAMPLES))
            rms[sounding], lrdiff[sounding] = measure_sound(second.sound)
            heard[sounding] = True
        report(min(second.index + 1.0, float(streams.cut.duration_s)))
    return Evidence(
        quadrants=quadrants,
        phash=phash,
        norm_diff=_compare_neighbours(phash, seen),
        rms=rms,
        lrdiff=lrdiff,
        picture_present=seen,
        sound_present=heard,
        picture_times_s=times_s,
    )


def measure_pictures(pictures: Bytes) -> tuple[Floats, Bytes]:
    """Measure luminance and perceptual hash of pictures.

    Perceived luminance of a pixel is `sqrt(.299 R^2 + .587 G^2 + .114 B^2)`, averaged over each quadrant and rounded.
    The hash takes the 12 x 12 lowest frequencies of the DCT of the grey picture at 48 x 48; a bit is set where the
    coefficient is above their median.

    Args:
        pictures: (N, H, W, 3) uint8 RGB, H and W at least 2.

    Returns:
        (N, 4) float32 in 0..255, upper left, upper right, lower left, lower right; and (N, 18) uint8 packed bits.

    Raises:
        ValueError: pictures of another shape.
    """
    if pictures.ndim != 4 or pictures.shape[3] != 3 or min(pictures.shape[1:3]) < 2:
        raise ValueError(f"pictures have shape {pictures.shape}, expected (N, H, W, 3)")
    return _measure_quadrants(pictures), _hash_pictures(pictures)


def measure_sound(sound: Floats) -> tuple[Floats, Floats]:
    """Measure loudness and balance of every 40 ms of sound.

    Args:
        sound: (M, 2) float32 at 48 kHz, full scale 1.

    Returns:
        The sum of both channels' RMS, and the left's minus the right's: each (ceil(M / 1920),) float32. The last may
        rest on fewer than 1920 samples.
    """
    starts = np.arange(0, len(sound), _GRID_SAMPLES)
    if not len(starts):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    power = np.add.reduceat(np.square(sound, dtype=np.float64), starts, axis=0)
    lengths = np.diff(np.append(starts, len(sound)))
    left, right = np.sqrt(power / lengths[:, None]).T
    return (left + right).astype(np.float32), (left - right).astype(np.float32)


def _measure_shown(pictures: Bytes, times_s: npt.NDArray[np.float64]) -> tuple[Floats, Bytes]:
    """Measure pictures on show, each only once however many rows it stays."""
    is_new = np.append(True, np.diff(times_s) != 0)
    quadrants, phash = measure_pictures(pictures if is_new.all() else pictures[is_new])
    row = np.cumsum(is_new) - 1
    return quadrants[row], phash[row]


def _measure_quadrants(pictures: Bytes) -> Floats:
    """Return the rounded mean perceived luminance of the four quadrants: (N, 4) float32."""
    red, green, blue = _square_tables()
    luminance = red[pictures[..., 0]]
    luminance += green[pictures[..., 1]]
    luminance += blue[pictures[..., 2]]
    np.sqrt(luminance, out=luminance)
    middle, centre = pictures.shape[1] // 2, pictures.shape[2] // 2
    means = [
        luminance[:, rows, columns].mean(axis=(1, 2), dtype=np.float64)
        for rows in (slice(None, middle), slice(middle, None))
        for columns in (slice(None, centre), slice(centre, None))
    ]
    quadrants: Floats = np.rint(np.stack(means, axis=1)).astype(np.float32)
    return quadrants


def _hash_pictures(pictures: Bytes) -> Bytes:
    """Return the packed perceptual hashes: (N, 18) uint8."""
    grey = np.stack([_shrink_picture(picture) for picture in pictures]).astype(np.float64)
    cosines = _cosine_matrix()
    frequencies = (cosines @ grey @ cosines.T).reshape(len(pictures), HASH_BITS)
    bits = frequencies > np.median(frequencies, axis=1, keepdims=True)
    packed: Bytes = np.packbits(bits, axis=1)
    return packed


def _shrink_picture(picture: Bytes) -> Bytes:
    """Return a picture in grey at 48 x 48, by Pillow as the hash's authors do: (48, 48) uint8.

    A product with the filter's matrix is no faster, and many times slower where BLAS threads meet busy cores.
    """
    grey = Image.fromarray(picture).convert("L")
    return np.asarray(grey.resize((_GREY_SIDE, _GREY_SIDE), Image.Resampling.LANCZOS))


def _compare_neighbours(phash: Bytes, seen: Bools) -> Floats:
    """Return the share of bits in which each hash differs from the one before: (N,) float32."""
    norm_diff = np.zeros(len(phash), np.float32)
    differing = np.bitwise_count(phash[1:] ^ phash[:-1]).sum(axis=1)
    norm_diff[1:] = np.where(seen[1:] & seen[:-1], differing / HASH_BITS, 0)
    return norm_diff


@cache
def _square_tables() -> tuple[Floats, Floats, Floats]:
    """Return the weighted squares of the 256 values of red, green and blue: (256,) float32 each."""
    squares = np.arange(256, dtype=np.float64) ** 2
    red, green, blue = ((weight * squares).astype(np.float32) for weight in (0.299, 0.587, 0.114))
    return red, green, blue


@cache
def _cosine_matrix() -> npt.NDArray[np.float64]:
    """Return the 12 lowest rows of the DCT-II of 48 values, unnormalised as in SciPy: (12, 48) float64."""
    frequency, position = np.arange(_HASH_SIDE)[:, None], np.arange(_GREY_SIDE)[None, :]
    cosines: npt.NDArray[np.float64] = 2 * np.cos(np.pi * frequency * (2 * position + 1) / (2 * _GREY_SIDE))
    return cosines
