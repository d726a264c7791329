"""What the shot network reads of each grid row: how the picture changes there, over short and long spans.

Row t speaks of the border between the rows t - 1 and t. Everything rests on what studyforrest publishes (hash and
brightness of four quadrants, of which only mean, top over bottom and left over right are known), so that the network can
learn from that film, from films of our own and from any other.
"""

import numpy as np
import numpy.typing as npt

from pipeline.features.evidence import HASH_BITS, Evidence
from pipeline.types import Bools, Bytes, Floats

VERSION = "1"

ACROSS = (0, 1, 2, 4, 8, 12, 20)
"""Rows on either side that are left out when the picture before a border is compared with the one behind it."""

BESIDE = (2, 4, 8, 12)
"""Spans, in rows, over which the picture before a border, and the one behind it, is compared with itself."""

DETOURS = (4, 8, 12, 20)
"""Of `ACROSS`, those spans for which the way is measured that the hash takes beyond the shortest."""

COLUMNS = (
    *(f"hash_across_{k}" for k in ACROSS),
    *(f"hash_before_{k}" for k in BESIDE),
    *(f"hash_after_{k}" for k in BESIDE),
    *(f"hash_detour_{k}" for k in DETOURS),
    "brightness",
    "brightness_step",
    *(f"brightness_across_{k}" for k in ACROSS),
    *(f"balance_across_{k}" for k in ACROSS),
    *(f"brightness_before_{k}" for k in BESIDE),
    *(f"brightness_after_{k}" for k in BESIDE),
)
"""`hash_*` are shares of differing bits; `hash_detour_k` is the sum of the distances from row to row less the distance
from end to end, which is near 0 while one picture dissolves into another and grows with motion; `brightness*` are in units
of full white, `balance_across_k` is the change of top over bottom and left over right."""

MARGIN = 1 + max(*ACROSS, *BESIDE, *DETOURS)
"""A row's columns look this many rows to either side."""


def describe_rows(evidence: Evidence, start: int, stop: int) -> Floats:
    """Describe grid rows for the shot network.

    Beyond the ends of the picture its first and last row are taken to go on for ever, and a hash whose bits are nothing but
    the rounding of an even picture counts as any other: brightness tells it.

    Args:
        evidence: N rows.
        start: the first row wanted.
        stop: the row behind the last, at most N.

    Returns:
        (stop - start, D) float32 in the order of `COLUMNS`; 0 in rows without a picture.
    """
    wanted = np.arange(start - MARGIN, stop + MARGIN)
    rows = _hold_ends(evidence.picture_present, wanted)
    phash = evidence.phash[rows]
    upper_left, upper_right, lower_left, lower_right = (evidence.quadrants[rows] / 255).T
    mean = (upper_left + upper_right + lower_left + lower_right) / 4
    vertical = (upper_left + upper_right - lower_left - lower_right) / 2
    horizontal = (upper_left + lower_left - upper_right - lower_right) / 2
    here = np.arange(MARGIN, MARGIN + stop - start)
    behind = here - 1
    step = _compare_hashes(phash, np.arange(1, len(rows)), np.arange(len(rows) - 1))
    steps = np.concatenate([[0], np.cumsum(step, dtype=np.float64)])
    across = {k: _compare_hashes(phash, behind - k, here + k) for k in ACROSS}
    columns = [
        *across.values(),
        *(_compare_hashes(phash, behind - k, behind) for k in BESIDE),
        *(_compare_hashes(phash, here, here + k) for k in BESIDE),
        *(steps[here + k] - steps[behind - k] - across[k] for k in DETOURS),
        mean[here],
        mean[here] - mean[behind],
        *(np.abs(mean[here + k] - mean[behind - k]) for k in ACROSS),
        *(
            np.hypot(vertical[here + k] - vertical[behind - k], horizontal[here + k] - horizontal[behind - k])
            for k in ACROSS
        ),
        *(np.abs(mean[behind - k] - mean[behind]) for k in BESIDE),
        *(np.abs(mean[here + k] - mean[here]) for k in BESIDE),
    ]
    described: Floats = np.stack(columns, axis=1).astype(np.float32)
    described[~evidence.picture_present[start:stop]] = 0
    return described


def _hold_ends(present: Bools, wanted: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Bring rows that lie outside the picture to its first and last row."""
    shown = np.flatnonzero(present)
    if not len(shown):
        return np.clip(wanted, 0, len(present) - 1)
    return np.clip(wanted, shown[0], shown[-1])


def _compare_hashes(phash: Bytes, left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]) -> Floats:
    """Return the share of bits in which the hashes of two rows differ, pair by pair: (M,) float32."""
    differing: Floats = np.bitwise_count(phash[left] ^ phash[right]).sum(axis=1, dtype=np.float32) / HASH_BITS
    return differing
