"""Pictures cut to another shape around what moves, and fitted to one size."""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.types import Bytes

CENTRE_WEIGHT = 0.35
"""How much the middle of the picture counts beside what moves, when a window is placed."""


def place_window(pictures: Sequence[Bytes], aspect: Fraction | None) -> tuple[slice, slice]:
    """Choose the part of a clip's pictures that is kept: as much as fits the shape, where most moves.

    Columns (or rows, of a picture that is too tall) are weighed by how much they change from picture to picture, squared,
    and by how near the middle they are; the window goes where most weight is inside.

    Args:
        pictures: the first few of the clip, (H, W, 3) uint8 each, of one size.
        aspect: width over height that is wanted; None to keep all.

    Returns:
        Slices of rows and columns, of even length.
    """
    if not pictures:
        return slice(0, None), slice(0, None)
    height, width = pictures[0].shape[:2]
    wide, tall = width, height
    if aspect is not None and Fraction(width, height) > aspect:
        wide = round(height * aspect)
    elif aspect is not None:
        tall = round(width / aspect)
    wide, tall = max(2, wide // 2 * 2), max(2, tall // 2 * 2)
    luma = [picture[..., 1].astype(np.int16) for picture in pictures if picture.shape == pictures[0].shape]
    changes = [np.abs(b - a) for a, b in itertools.pairwise(luma)]
    moves = np.mean(changes, axis=0) ** 2 if changes else np.zeros((height, width))
    return _place(moves.mean(axis=1), tall), _place(moves.mean(axis=0), wide)


def fit_picture(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """Centre a picture in a size, (width, height): what is beyond is cut off, what is missing is black."""
    width, height = size
    if picture.shape[:2] == (height, width):
        return picture
    top, left = max(0, (picture.shape[0] - height) // 2), max(0, (picture.shape[1] - width) // 2)
    kept = picture[top : top + height, left : left + width]
    fitted = np.zeros((height, width, 3), np.uint8)
    row, column = (height - kept.shape[0]) // 2, (width - kept.shape[1]) // 2
    fitted[row : row + kept.shape[0], column : column + kept.shape[1]] = kept
    return fitted


def _place(moves: np.ndarray, length: int) -> slice:
    """Where along an axis a window of some length holds most weight."""
    count = len(moves)
    if length >= count:
        return slice(0, count // 2 * 2 if length > count else length)
    middle = np.hanning(count + 2)[1:-1]
    still = middle / middle.sum()
    weight = still if moves.sum() < 1e-6 else (1 - CENTRE_WEIGHT) * moves / moves.sum() + CENTRE_WEIGHT * still
    reach = np.r_[0.0, np.cumsum(weight)]
    inside = reach[length:] - reach[: count - length + 1]
    best = np.flatnonzero(inside >= inside.max() - 1e-12)  # Of several as good, the one nearest to the middle.
    start = int(best[np.abs(best - (count - length) / 2).argmin()])
    return slice(start, start + length)
