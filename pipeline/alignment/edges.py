"""Where a stretch that both cuts have begins and ends, to the frame."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.alignment.likeness import Rows
from pipeline.alignment.lines import Line, Overlay
from pipeline.types import GRID_HZ, Floats

REACH_ROWS = 100
"""So far, 4 s, from where it was first seen an edge is looked for."""

_SAMPLED_ROWS = 400
_BITS_ABOVE, _BITS_SCALE = 14.0, 30.0
_DB_ABOVE, _DB_SCALE = 2.5, 5.0
_SOUND_SHARE = 0.5
_INDIFFERENT = 0.01
"""What a row counts of which nothing can be told: a stretch rather goes on than ends in black."""


def settle_edges(overlay: Overlay, lines: Sequence[Line]) -> list[Line]:
    """Move the edges of all lines to where picture and sound say that they are.

    Where two lines meet in the first cut, their edges are found together, so that no instant belongs to both; and again
    where they meet in the second.

    Args:
        overlay: the cuts.
        lines: in order of the first cut.

    Returns:
        The same lines with other edges, in that order; what vanished is left out.
    """
    found = list(lines)
    order_b = sorted(range(len(found)), key=lambda i: found[i].b_start_s)
    next_b = dict(pairwise(order_b))
    if found:
        found[0] = _settle_start(overlay, found[0])
        if order_b[0] != 0:
            found[order_b[0]] = _settle_start(overlay, found[order_b[0]])
    for i in range(len(found) - 1):
        found[i], found[i + 1] = _settle_pair(overlay, found[i], found[i + 1], meets_in_b=next_b.get(i) == i + 1)
    for i, j in next_b.items():
        if j != i + 1 and found[i].b_end_s > found[j].b_start_s - 0.2:
            found[i], found[j] = _part_in_b(overlay, found, i, j)
    if found:
        found[-1] = _settle_end(overlay, found[-1])
        if order_b[-1] != len(found) - 1:
            found[order_b[-1]] = _settle_end(overlay, found[order_b[-1]])
    return [line for line in found if line.end_s - line.start_s > 1 / GRID_HZ]


def measure_gain(overlay: Overlay, line: Line, rows: Rows) -> Floats:
    """Say of rows of the first cut how much speaks for (above 0) or against a line there.

    What is usual along the line itself, another encoding say, does not speak against it.

    Args:
        overlay: the cuts.
        line: the line.
        rows: rows of the first cut, (N,).

    Returns:
        (N,) float32, -1.5 to 0.75.
    """
    inside = np.arange(max(0, int(line.start_s * GRID_HZ) + 3), min(overlay.a.rows, int(line.end_s * GRID_HZ) - 3))
    inside = inside[:: max(1, len(inside) // _SAMPLED_ROWS)]
    usual_bits, usual_db = 4.0, 1.0
    if len(inside):
        bits, apart = overlay.measure(inside, line.slope, line.offset_s)
        usual_bits = _median(bits, usual_bits, 40.0)
        usual_db = _median(apart, usual_db, 5.0)
    bits, apart = overlay.measure(rows, line.slope, line.offset_s)
    picture = np.clip((usual_bits + _BITS_ABOVE - bits) / _BITS_SCALE, -1, 0.5)
    sound = np.clip((usual_db + _DB_ABOVE - apart) / _DB_SCALE, -1, 0.5)
    picture, sound = (np.where(np.isnan(part), _INDIFFERENT, part) for part in (picture, sound))
    gain: Floats = (picture + _SOUND_SHARE * sound).astype(np.float32)
    return gain


def _median(values: Floats, default: float, most: float) -> float:
    """Return the median of what is known, within bounds."""
    known = values[~np.isnan(values)]
    return min(most, float(np.median(known))) if len(known) else default


def _settle_pair(overlay: Overlay, first: Line, second: Line, *, meets_in_b: bool) -> tuple[Line, Line]:
    """Find the end of a line and the start of the next one in the first cut together."""
    low = max(int(first.start_s * GRID_HZ) + 1, int(min(first.end_s, second.start_s) * GRID_HZ) - REACH_ROWS, 0)
    high = min(
        int(second.end_s * GRID_HZ), int(max(first.end_s, second.start_s) * GRID_HZ) + REACH_ROWS, overlay.a.rows
    )
    if high - low < 2:
        return first, second
    rows = np.arange(low, high)
    ahead = _sum_before(measure_gain(overlay, first, rows))
    behind = _sum_behind(measure_gain(overlay, second, rows))
    edges = np.arange(low, high + 1)
    instants = _row_instants(overlay, edges)
    earliest = instants
    if meets_in_b:
        ends_b = first.slope * instants + first.offset_s
        earliest = np.maximum(instants, (ends_b - 0.01 - second.offset_s) / second.slope)
    first_allowed = np.searchsorted(instants, earliest - 1e-6, side="left")
    best_from = _best_from(behind)
    allowed = first_allowed < len(edges)
    totals = np.where(allowed, ahead + behind[best_from[np.minimum(first_allowed, len(edges) - 1)]], -np.inf)
    end = int(totals.argmax())
    start = int(best_from[first_allowed[end]])
    return (
        replace(first, end_s=float(instants[end])),
        replace(second, start_s=float(instants[start])),
    )


def _part_in_b(overlay: Overlay, lines: Sequence[Line], i: int, j: int) -> tuple[Line, Line]:
    """Find the end of one line and the start of the next one in the second cut, which lies elsewhere in the first."""
    first, second = lines[i], lines[j]
    instants_i, ahead = _scan_end(overlay, lines, i)
    instants_j, behind = _scan_start(overlay, lines, j)
    if not len(instants_i) or not len(instants_j):
        return first, second
    ends_b = first.slope * instants_i + first.offset_s
    starts_b = second.slope * instants_j + second.offset_s
    first_allowed = np.searchsorted(starts_b, ends_b - 0.01, side="left")
    best_from = _best_from(behind)
    allowed = first_allowed < len(starts_b)
    totals = np.where(allowed, ahead + behind[best_from[np.minimum(first_allowed, len(starts_b) - 1)]], -np.inf)
    end = int(totals.argmax())
    if not allowed[end]:
        return first, second
    start = int(best_from[first_allowed[end]])
    return replace(first, end_s=float(instants_i[end])), replace(second, start_s=float(instants_j[start]))


def _scan_end(overlay: Overlay, lines: Sequence[Line], i: int) -> tuple[npt.NDArray[np.float64], Floats]:
    """Return where a line might end, up to where the next one begins in the first cut, and what is gained until there."""
    line = lines[i]
    limit_s = lines[i + 1].start_s if i + 1 < len(lines) else overlay.a.rows / GRID_HZ
    low = max(int(line.start_s * GRID_HZ) + 1, round(line.end_s * GRID_HZ) - REACH_ROWS)
    high = min(round(limit_s * GRID_HZ), round(line.end_s * GRID_HZ) + REACH_ROWS)
    rows = np.arange(low, max(low, high))
    return _row_instants(overlay, np.arange(low, max(low, high) + 1)), _sum_before(measure_gain(overlay, line, rows))


def _scan_start(overlay: Overlay, lines: Sequence[Line], j: int) -> tuple[npt.NDArray[np.float64], Floats]:
    """Return where a line might begin, from where the one before ends in the first cut, and what is gained from there."""
    line = lines[j]
    limit_s = lines[j - 1].end_s if j else 0.0
    low = max(round(limit_s * GRID_HZ), round(line.start_s * GRID_HZ) - REACH_ROWS)
    high = min(int(line.end_s * GRID_HZ) - 1, round(line.start_s * GRID_HZ) + REACH_ROWS)
    rows = np.arange(low, max(low, high))
    return _row_instants(overlay, np.arange(low, max(low, high) + 1)), _sum_behind(measure_gain(overlay, line, rows))


def _settle_start(overlay: Overlay, line: Line) -> Line:
    """Find where a line begins that nothing comes before."""
    instants, gains = _scan_start(overlay, [line], 0)
    return replace(line, start_s=float(instants[int(gains.argmax())])) if len(instants) else line


def _settle_end(overlay: Overlay, line: Line) -> Line:
    """Find where a line ends that nothing comes behind."""
    instants, gains = _scan_end(overlay, [line], 0)
    latest = len(gains) - 1 - int(gains[::-1].argmax())
    return replace(line, end_s=float(instants[latest])) if len(instants) else line


def _row_instants(overlay: Overlay, rows: Rows) -> npt.NDArray[np.float64]:
    """Return when the picture that is on show at a row came on show, or the row's own instant if that is long ago."""
    own = rows / GRID_HZ
    times_s = overlay.a.times_s[np.minimum(rows, overlay.a.rows - 1)]
    is_new = (own - times_s < 1 / GRID_HZ) & (rows < overlay.a.rows)
    return np.where(is_new, np.minimum(times_s, own), own)


def _sum_before(gains: Floats) -> Floats:
    """Return the sum of the gains before each edge: (N + 1,)."""
    return np.concatenate([np.zeros(1, np.float32), np.cumsum(gains)])


def _sum_behind(gains: Floats) -> Floats:
    """Return the sum of the gains behind each edge: (N + 1,)."""
    return np.concatenate([np.cumsum(gains[::-1])[::-1], np.zeros(1, np.float32)])


def _best_from(values: Floats) -> npt.NDArray[np.intp]:
    """Return for each place where the highest value from there on is, the earliest of equals: (N,)."""
    best = np.zeros(len(values), np.intp)
    top = len(values) - 1
    for i in range(len(values) - 1, -1, -1):
        if values[i] >= values[top]:
            top = i
        best[i] = top
    return best
