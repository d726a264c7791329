"""The picture stream: what the 25 Hz picture measurements say of each second."""

import numpy as np
import numpy.typing as npt

from pipeline.features import rhythm
from pipeline.features.evidence import Evidence
from pipeline.features.shots import find_boundaries
from pipeline.types import GRID_HZ, Bools, Floats

VERSION = "2"
DARKEST = 0.05
"""Brightness below which darker is all the same to `darkness`."""

TEXTURE_BLOCKS = 3
"""The hash's 12 x 12 frequencies are grouped into 3 x 3 blocks, from coarse to fine, across and down."""

COLUMNS = (
    "brightness",
    "brightness_spread",
    "brightness_change",
    "brightness_jump",
    "top_over_bottom",
    "left_over_right",
    "side_contrast",
    "picture_change",
    "picture_change_peak",
    "stillness",
    "cuts",
    "shot_age",
    "shot_length",
    *(f"texture_{row}{column}" for row in range(TEXTURE_BLOCKS) for column in range(TEXTURE_BLOCKS)),
    *(f"motion_{row}{column}" for row in range(TEXTURE_BLOCKS) for column in range(TEXTURE_BLOCKS)),
    "darkness",
    *rhythm.COLUMNS,
)

MOVING_COLUMNS = tuple(
    name
    for name in COLUMNS
    if name.startswith(("motion_", "picture_change"))
    or name in ("stillness", "brightness_spread", "brightness_change", "brightness_jump", *rhythm.COLUMNS)
)
"""Columns that compare pictures with their neighbours, or shots: from key frames alone they cannot be told."""


def describe_pictures(evidence: Evidence) -> tuple[Floats, Bools, npt.NDArray[np.intp]]:
    """Describe the picture of each second.

    Brightness and its differences are in units of full white (1); `picture_change` is the mean normalised Hamming
    distance between the hashes of neighbouring grid rows, `stillness` the share of rows equal to the one before;
    `shot_age` and `shot_length` are log(1 + s) at the middle of the second; `texture_rc` is the share of set hash
    bits in a block of frequencies and `motion_rc` the share of them that flips from row to row; `darkness` is minus the
    logarithm of the brightness; the rest is `pipeline.features.rhythm`'s.

    Args:
        evidence: the measurements, 25 T rows.

    Returns:
        Columns (T, Df) float32, whether each second shows a picture (T,) bool, and the rows at which shots begin.
    """
    shown = evidence.picture_present
    mean, vertical, horizontal = split_brightness(evidence.quadrants)
    boundaries = find_boundaries(evidence.norm_diff, shown)
    meets = shown & np.concatenate([[False], shown[:-1]])
    change = np.where(meets, np.abs(np.diff(mean, prepend=mean[:1])), 0)
    columns = [
        mean_rows(mean, shown),
        np.sqrt(np.maximum(mean_rows(mean**2, shown) - mean_rows(mean, shown) ** 2, 0)),
        mean_rows(change, shown),
        _peak_rows(change, shown),
        mean_rows(vertical, shown),
        mean_rows(horizontal, shown),
        mean_rows(np.abs(horizontal), shown),
        mean_rows(evidence.norm_diff, shown),
        _peak_rows(evidence.norm_diff, shown),
        mean_rows((evidence.norm_diff == 0).astype(np.float32), shown),
        *_describe_shots(boundaries, len(shown)),
        *_describe_hashes(evidence.phash, shown, meets),
        -np.log(mean_rows(mean, shown) + DARKEST),
        *rhythm.describe_rhythm(evidence.phash, boundaries).T,
    ]
    present = np.asarray(shown.reshape(-1, GRID_HZ).any(axis=1))
    return (np.stack(columns, axis=1) * present[:, None]).astype(np.float32), present, boundaries


def split_brightness(quadrants: Floats) -> tuple[Floats, Floats, Floats]:
    """Split the four quadrants' brightness into its mean, top minus bottom, and left minus right.

    Args:
        quadrants: (N, 4) upper left, upper right, lower left, lower right, 0..255.

    Returns:
        Three arrays (N,): studyforrest's brmean / 255, brud / 510 and brlr / 510.
    """
    upper_left, upper_right, lower_left, lower_right = (quadrants / 255).T
    vertical = (upper_left + upper_right - lower_left - lower_right) / 2
    horizontal = (upper_left + lower_left - upper_right - lower_right) / 2
    return quadrants.mean(axis=1) / 255, vertical, horizontal


def mean_rows(values: Floats, present: Bools) -> Floats:
    """Average 25 grid rows into one second, over the rows that are present: (25 T, ...) -> (T, ...)."""
    weight = present.reshape(-1, GRID_HZ)
    weight = weight.reshape(*weight.shape, *(1,) * (values.ndim - 1))
    total = (values.reshape(-1, GRID_HZ, *values.shape[1:]) * weight).sum(axis=1)
    mean: Floats = total / np.maximum(weight.sum(axis=1), 1)
    return mean


def _peak_rows(values: Floats, present: Bools) -> Floats:
    """The largest of 25 grid rows, over the rows that are present: (25 T,) -> (T,)."""
    peak: Floats = np.where(present, values, 0).reshape(-1, GRID_HZ).max(axis=1)
    return peak


def _describe_shots(boundaries: npt.NDArray[np.intp], rows: int) -> list[Floats]:
    """Count cuts and take the age and length of the shot on show in the middle of each second: three (T,)."""
    seconds = rows // GRID_HZ
    if not len(boundaries):
        return [np.zeros(seconds, np.float32)] * 3
    cuts = np.bincount(boundaries[1:] // GRID_HZ, minlength=seconds).astype(np.float32)
    middle = np.arange(seconds) * GRID_HZ + GRID_HZ // 2
    shot = np.maximum(np.searchsorted(boundaries, middle, side="right") - 1, 0)
    starts, ends = boundaries, np.append(boundaries[1:], rows)
    age = np.log1p(np.maximum(middle - starts[shot], 0) / GRID_HZ)
    length = np.log1p((ends[shot] - starts[shot]) / GRID_HZ)
    return [cuts, age, length]


def _describe_hashes(phash: npt.NDArray[np.uint8], shown: Bools, meets: Bools) -> list[Floats]:
    """Share of set and of flipping bits in blocks of frequencies, the latter where rows meet: 18 columns (T,)."""
    block = 12 // TEXTURE_BLOCKS
    bits = np.unpackbits(phash, axis=1, count=144)
    flips = np.concatenate([np.zeros((1, 144), np.uint8), bits[1:] ^ bits[:-1]]) * meets[:, None]
    out: list[Floats] = []
    for source in (bits, flips):
        blocks = source.reshape(-1, TEXTURE_BLOCKS, block, TEXTURE_BLOCKS, block).mean(axis=(2, 4), dtype=np.float32)
        out.extend(mean_rows(blocks.reshape(len(blocks), -1), shown).T)
    return out
