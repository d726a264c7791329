"""Measuring decoded pictures and sound: the numbers that `evidence` puts together.

Source: Hanke et al. (2016), the confound measures of the studyforrest data set; Zauner (2010) for the DCT perceptual
hash, as ImageHash's `phash(hash_size=12, highfreq_factor=4)` computes it.
"""

import hashlib
import io
import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline.features.details import PICTURE_DETAILS, SOUND_DETAILS, measure_spectrum
from pipeline.features.evidence import HASH_BITS, PictureEvidence, SoundEvidence
from pipeline.features.stills import measure_still
from pipeline.footage import Chunk, Pictures, Sound, Still
from pipeline.types import GRID_HZ, LEVEL_BANDS, SOUND_HZ, Bytes, Floats

_HASH_SIDE = 12
_GREY_SIDE = 48
_JPEG_QUALITY = 75
_GRID_SAMPLES = SOUND_HZ // GRID_HZ
_LOWEST_BAND_HZ, _HIGHEST_BAND_HZ = 150, 6_400
_FLOOR_DB = 100  # what is 100 dB below full scale counts as 0
_SILENCE = np.zeros(_GRID_SAMPLES // 2, np.float32)


def count_rows(chunk: Chunk, seconds: int) -> tuple[int, int]:
    """Return the first grid row of a chunk and the row behind its last, in a cut of so many seconds."""
    last = GRID_HZ * seconds
    stop = last if chunk.stop_s is None else min(last, math.ceil(chunk.stop_s * GRID_HZ))
    return math.ceil(chunk.start_s * GRID_HZ), stop


def measure_chunk(
    pictures: Iterable[Pictures], chunk: Chunk, *, seconds: int, report: Callable[[float], None]
) -> PictureEvidence:
    """Measure the pictures of one chunk.

    Args:
        pictures: what was decoded of it.
        chunk: which it is.
        seconds: T of the cut.
        report: called with the position in the film, seconds, as the pictures come.

    Returns:
        Its measurements, about 50 bytes a row, and its stills, about 6 kB a second.
    """
    first, stop = count_rows(chunk, seconds)
    rows = max(0, stop - first)
    quadrants, phash = np.zeros((rows, 4), np.float32), np.zeros((rows, HASH_BITS // 8), np.uint8)
    centre, contrast = np.zeros_like(phash), np.zeros(rows, np.uint8)
    present, times_s = np.zeros(rows, np.bool_), np.arange(first, first + rows) / GRID_HZ
    stills = _StillList()
    head = tail = ""
    for batch in pictures:
        measured = (*measure_pixels(batch.pixels), *measure_centres(batch.pixels))
        for i, (start, end) in enumerate(zip(batch.starts - first, batch.stops - first, strict=True)):
            shown = slice(start, end)
            quadrants[shown], phash[shown], centre[shown], contrast[shown] = (column[i] for column in measured)
            present[shown], times_s[shown] = True, batch.times_s[i]
            if chunk.seek_to is not None and batch.times_s[i] == float(chunk.start_s):
                head = _digest_picture(batch.pixels[i])
            if chunk.stop_s is not None and batch.times_s[i] == float(chunk.stop_s):
                tail = _digest_picture(batch.pixels[i])
        for still in batch.stills:
            stills.add(still)
        report(min(float(batch.stops[-1]) / GRID_HZ, seconds))
    return PictureEvidence(
        first_row=first,
        quadrants=quadrants,
        phash=phash,
        centre=centre,
        contrast=contrast,
        present=present,
        times_s=times_s,
        head=head,
        tail=tail,
        **stills.pack(),
    )


def measure_sound(sounds: Iterable[Sound], *, seconds: int) -> SoundEvidence:
    """Measure the sound of a cut.

    Args:
        sounds: what was decoded of it.
        seconds: T of the cut.

    Returns:
        Its measurements.
    """
    rows = GRID_HZ * seconds
    rms, lrdiff, present = np.zeros(rows, np.float32), np.zeros(rows, np.float32), np.zeros(rows, np.bool_)
    details = np.full((seconds, len(SOUND_DETAILS)), np.nan, np.float32)
    levels, before = np.zeros((rows, LEVEL_BANDS), np.uint8), _SILENCE
    for sound in sounds:
        first = GRID_HZ * sound.second
        sounding = slice(first, first + math.ceil(len(sound.samples) / _GRID_SAMPLES))
        rms[sounding], lrdiff[sounding] = measure_samples(sound.samples)
        present[sounding] = True
        details[sound.second] = measure_spectrum(sound.samples)
        levels[sounding], before = measure_levels(sound.samples, before)
    return SoundEvidence(rms=rms, lrdiff=lrdiff, levels=levels, present=present, details=details)


def measure_pixels(pictures: Bytes) -> tuple[Floats, Bytes]:
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


def measure_centres(pictures: Bytes) -> tuple[Bytes, Bytes]:
    """Measure the middle two thirds of pictures, where no watermark and no burnt-in timecode stands.

    Args:
        pictures: (N, H, W, 3) uint8 RGB.

    Returns:
        (N, 18) uint8, its hash, made as that of the whole picture is; and (N,) uint8, its contrast: the standard deviation
        of its green, near 0 where there is nothing to be seen.
    """
    height, width = pictures.shape[1:3]
    top, left = height // 6, width // 6
    middle = pictures[:, top : height - top, left : width - left]
    return _hash_pictures(middle), np.rint(middle[:, ::2, ::2, 1].std(axis=(1, 2))).astype(np.uint8)


def measure_samples(sound: Floats) -> tuple[Floats, Floats]:
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


def measure_levels(sound: Floats, before: Floats) -> tuple[Bytes, Floats]:
    """Measure the level of bands of the sound at every 40 ms of one second, each over 80 ms.

    Args:
        sound: (M, 2) float32 at 48 kHz, 0 < M <= 48,000, full scale 1.
        before: (960,) float32, what sounded in the 40 ms before, mono at 24 kHz; silence at first.

    Returns:
        (ceil(M / 1920), 24) uint8, half decibels above -100 dB of full scale; and the last 40 ms, for the next second.
    """
    padded = np.pad(sound.mean(axis=1), (0, -len(sound) % _GRID_SAMPLES))
    mono = np.concatenate([before, padded.reshape(-1, 2).mean(axis=1)])  # 24 kHz hold all bands.
    windows = np.lib.stride_tricks.sliding_window_view(mono, _GRID_SAMPLES)[:: _GRID_SAMPLES // 2]
    power = np.square(np.abs(np.fft.rfft(windows * _hann_window(), axis=1)))
    edges = _band_edges()
    means = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    decibels = 10 * np.log10(np.maximum(means, 1e-12)) + _FLOOR_DB
    return np.clip(np.rint(2 * decibels), 0, 255).astype(np.uint8), mono[-_GRID_SAMPLES // 2 :]


class _StillList:
    """Stills of a chunk as they are measured: a still that is on show for several seconds is measured once."""

    def __init__(self) -> None:
        self._seconds: list[int] = []
        self._details: list[Floats] = []
        self._jpegs: list[bytes] = []

    def add(self, still: Still) -> None:
        """Measure and pack a still."""
        details, jpeg = measure_still(still.pixels), _write_jpeg(still.pixels)
        for second in still.seconds:
            self._seconds.append(second)
            self._details.append(details)
            self._jpegs.append(jpeg)

    def pack(self) -> dict[str, Any]:
        """Return the fields of `PictureEvidence` that tell of stills."""
        return {
            "still_seconds": np.array(self._seconds, np.int64),
            "still_details": np.array(self._details, np.float32).reshape(-1, len(PICTURE_DETAILS)),
            "jpegs": np.frombuffer(b"".join(self._jpegs), np.uint8),
            "jpeg_ends": np.cumsum([len(jpeg) for jpeg in self._jpegs], dtype=np.int64),
        }


def _write_jpeg(picture: Bytes) -> bytes:
    """Return a picture as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _digest_picture(picture: Bytes) -> str:
    """Return the SHA-256 of a picture's pixels, in hex."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _measure_quadrants(pictures: Bytes) -> Floats:
    """Return the rounded mean perceived luminance of the four quadrants: (N, 4) float32."""
    count, height, width = pictures.shape[:3]
    planes = cv2.split(np.ascontiguousarray(pictures).reshape(count * height, width, 3))
    red, green, blue = (cv2.LUT(plane, table) for plane, table in zip(planes, _square_tables(), strict=True))
    luminance = np.sqrt(red + green + blue).reshape(count, height, width)
    middle, centre = height // 2, width // 2
    means = [
        luminance[:, rows, columns].mean(axis=(1, 2), dtype=np.float64)
        for rows in (slice(None, middle), slice(middle, None))
        for columns in (slice(None, centre), slice(centre, None))
    ]
    quadrants: Floats = np.rint(np.stack(means, axis=1)).astype(np.float32)
    return quadrants


def _hash_pictures(pictures: Bytes) -> Bytes:
    """Return the packed perceptual hashes: (N, 18) uint8."""
    return _hash_grey(_shrink_pictures(pictures))


def _hash_grey(grey: Bytes) -> Bytes:
    """Return the packed perceptual hashes of (N, S, S) grey pictures: (N, 18) uint8."""
    cosines = _cosine_matrix(grey.shape[1])
    frequencies = (cosines @ grey.astype(np.float64) @ cosines.T).reshape(len(grey), HASH_BITS)
    bits = frequencies > np.median(frequencies, axis=1, keepdims=True)
    packed: Bytes = np.packbits(bits, axis=1)
    return packed


def _shrink_pictures(pictures: Bytes) -> Bytes:
    """Return pictures (N, H, W, 3) in grey at 48 x 48, by Pillow as the hash's authors do: (N, 48, 48) uint8.

    Pillow scales across, then down; so all pictures go through it at once, below one another and then side by side, and
    come out as each would by itself. A product with the filter's matrix is no faster, and many times slower where BLAS
    threads meet busy cores.
    """
    count, height, width = pictures.shape[:3]
    grey = Image.fromarray(np.ascontiguousarray(pictures).reshape(count * height, width, 3)).convert("L")
    across = np.asarray(grey.resize((_GREY_SIDE, count * height), Image.Resampling.LANCZOS))
    abreast = np.ascontiguousarray(across.reshape(count, height, _GREY_SIDE).transpose(1, 0, 2))
    wide = Image.fromarray(abreast.reshape(height, count * _GREY_SIDE))
    small = np.asarray(wide.resize((count * _GREY_SIDE, _GREY_SIDE), Image.Resampling.LANCZOS))
    return np.ascontiguousarray(small.reshape(_GREY_SIDE, count, _GREY_SIDE).transpose(1, 0, 2))


@cache
def _hann_window() -> Floats:
    """Return the window of 80 ms, scaled so that the squares of its spectrum add up to the mean square of the sound."""
    window = np.hanning(_GRID_SAMPLES)
    scaled: Floats = (window * np.sqrt(2 / (len(window) * np.square(window).sum()))).astype(np.float32)
    return scaled


@cache
def _band_edges() -> npt.NDArray[np.intp]:
    """Return the first line of the spectrum in each band, and the line behind the last: (25,)."""
    edges_hz = np.geomspace(_LOWEST_BAND_HZ, _HIGHEST_BAND_HZ, LEVEL_BANDS + 1)
    return np.rint(edges_hz * 2 * _GRID_SAMPLES / SOUND_HZ).astype(np.intp)


@cache
def _square_tables() -> tuple[Floats, Floats, Floats]:
    """Return the weighted squares of the 256 values of red, green and blue: (256,) float32 each."""
    squares = np.arange(256, dtype=np.float64) ** 2
    red, green, blue = ((weight * squares).astype(np.float32) for weight in (0.299, 0.587, 0.114))
    return red, green, blue


@cache
def _cosine_matrix(side: int) -> npt.NDArray[np.float64]:
    """Return the 12 lowest rows of the DCT-II of so many values, unnormalised as in SciPy: (12, side) float64."""
    frequency, position = np.arange(_HASH_SIDE)[:, None], np.arange(side)[None, :]
    cosines: npt.NDArray[np.float64] = 2 * np.cos(np.pi * frequency * (2 * position + 1) / (2 * side))
    return cosines
