"""How shots follow one another: how long they are around each second, and whether they return to pictures seen before.

Whoever cuts back and forth between two speakers returns to the picture of two shots ago; a chase or a montage does not.
"""

import numpy as np
import numpy.typing as npt

from pipeline.features.evidence import HASH_BITS
from pipeline.features.windows import average_near
from pipeline.types import GRID_HZ, Bytes, Floats

AROUND = 7
"""Shots, the running one in their middle, whose lengths and returns are averaged."""

RECENT = 8
"""Shots before the last among which the running one's picture is looked for."""

ALIKE = 0.25
"""Pictures whose hashes differ in a smaller share of their bits are the same setup."""

UNALIKE = 0.5
"""What the hashes of two unrelated pictures differ by, and so what is said where there is nothing to compare with."""

SHORTEST_S = 0.2
EDGE_ROWS = 3
"""Rows at either end of a shot that are not taken for its picture: a dissolve reaches into them."""

COLUMNS = ("shot_length_around", "returns", "recurrence", "shot_drift")


def describe_rhythm(phash: Bytes, boundaries: npt.NDArray[np.intp]) -> Floats:
    """Describe the shots on show in the middle of each second.

    `shot_length_around` is the mean of log(s) over the seven shots around; `returns` the share of these whose picture is
    that of two shots before; `recurrence` the least distance of the shot's picture to those of the eight shots before
    the last; `shot_drift` the distance between its first picture and its last. Distances are shares of differing hash
    bits; a shot's picture has the bits that are set in most of its rows.

    Args:
        phash: (25 T, 18) uint8, the hash of each row.
        boundaries: the rows at which shots begin.

    Returns:
        (T, 4) float32 in the order of `COLUMNS`; 0 where there is no shot.
    """
    rows = len(phash)
    if not len(boundaries):
        return np.zeros((rows // GRID_HZ, len(COLUMNS)), np.float32)
    ends = np.append(boundaries[1:], rows)
    lengths = np.log(np.maximum((ends - boundaries) / GRID_HZ, SHORTEST_S))
    bits = np.unpackbits(phash, axis=1, count=HASH_BITS)
    usual = np.add.reduceat(bits, boundaries, axis=0, dtype=np.int32) * 2 > (ends - boundaries)[:, None]
    first = bits[np.minimum(boundaries + EDGE_ROWS, ends - 1)]
    last = bits[np.maximum(ends - 1 - EDGE_ROWS, boundaries)]
    distances = [_compare_behind(usual, back) for back in range(2, 2 + RECENT)]
    described = np.stack(
        [
            average_near(lengths, AROUND),
            average_near((distances[0] < ALIKE).astype(np.float64), AROUND),
            np.min(distances, axis=0),
            (first != last).mean(axis=1),
        ],
        axis=1,
    )
    middle = np.arange(rows // GRID_HZ) * GRID_HZ + GRID_HZ // 2
    shot = np.maximum(np.searchsorted(boundaries, middle, side="right") - 1, 0)
    on_show: Floats = described[shot].astype(np.float32)
    return on_show


def _compare_behind(usual: npt.NDArray[np.bool_], back: int) -> npt.NDArray[np.float64]:
    """The distance of each shot's picture to that of the shot so many before: (K,)."""
    distance = np.full(len(usual), UNALIKE)
    distance[back:] = (usual[back:] != usual[:-back]).mean(axis=1)
    return distance
