"""Stretches that play at another speed: between two lines that do not, from where the one is left to where the other is met."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.alignment.likeness import Rows, measure_picture, measure_sound_between
from pipeline.alignment.lines import Line, Overlay
from pipeline.types import GRID_HZ

SPEEDS = (0.5, 2.0)
_SHORTEST_S = 0.4
_MEETS_S = 0.8
_SHORT_S = 3.0
_LEAST_S = 0.08
_GRACE = 1.25
_AROUND_ROWS = 40
_STRIDES_ROWS = (24, 12, 6, 3, 1)
_ALIKE_BITS = 30.0
_SOUND_SHARE = 0.25
"""Sound that was brought back to its pitch is a hundredth of a second astray, which is much where speeds differ little."""


def settle_retimes(overlay: Overlay, lines: Sequence[Line]) -> list[Line]:
    """Settle where retimed stretches begin and end, and find those between lines that leave a gap in both cuts.

    An edge cannot be seen in a single frame: just behind it both speeds show nearly the same. It is found as the corner
    of the whole way over the stretch and its surroundings.

    Args:
        overlay: the cuts.
        lines: in order of both cuts.

    Returns:
        Lines in that order.
    """
    settled: list[Line] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        before = settled[-1] if settled else None
        end = _find_group_end(lines, i)
        if before is not None and end is not None:
            found = _try_group(overlay, before, lines[i:end], lines[end])
            if found is not None:
                settled[-1:] = found
                i = end + 1
                continue
        if line.slope == 1 and before is not None and before.slope == 1:
            found = _try_gap(overlay, before, line)
            if found is not None:
                settled[-1:] = found
                i += 1
                continue
        settled.append(line)
        i += 1
    return settled


def _find_group_end(lines: Sequence[Line], first: int) -> int | None:
    """Return the next line that stands for itself, behind some that do not; None if there are none of those, or it is apart.

    A retimed stretch may be seen as several lines, some of them steps of a stair: each is retimed or short.
    """
    end = first
    while end < len(lines) and (lines[end].slope != 1 or lines[end].end_s - lines[end].start_s < _SHORT_S):
        if end == 0 or not _meet(lines[end - 1], lines[end]):
            return None
        end += 1
    is_apart = end == first or end == len(lines) or not _meet(lines[end - 1], lines[end])
    return None if is_apart else end


def _try_group(overlay: Overlay, before: Line, group: Sequence[Line], behind: Line) -> tuple[Line, Line, Line] | None:
    """Try whether lines between two others are one retimed stretch; None if they fit better as they are."""
    if abs(behind.offset_s - before.offset_s) < _LEAST_S or before.slope != 1:
        return None
    found = _settle_corners(overlay, before, group[0].start_s, group[-1].end_s, behind)
    rows = np.arange(round(group[0].start_s * GRID_HZ), min(overlay.a.rows, round(group[-1].end_s * GRID_HZ)))
    costs = [_measure_cost(overlay, rows, _follow(overlay, some, rows)) for some in (found, group)]
    is_stair = all(line.slope == 1 for line in group)
    return found if costs[0] <= costs[1] * (1 if is_stair else _GRACE) else None


def _follow(overlay: Overlay, lines: Sequence[Line], rows: Rows) -> npt.NDArray[np.float64]:
    """Return the offset of each row: by the line that it is on, or by the last before it."""
    instants = overlay.a.times_s[rows]
    which = np.maximum(np.searchsorted([line.start_s for line in lines], instants, side="right") - 1, 0)
    slopes, offsets = np.array([line.slope for line in lines]), np.array([line.offset_s for line in lines])
    return np.asarray(slopes[which] * instants + offsets[which] - instants)


def _meet(first: Line, second: Line) -> bool:
    """Whether one line goes on where the other ends, in both cuts."""
    return abs(second.start_s - first.end_s) < _MEETS_S and abs(second.b_start_s - first.b_end_s) < _MEETS_S


def _try_gap(overlay: Overlay, before: Line, behind: Line) -> tuple[Line, Line, Line] | None:
    """Try whether what two lines leave between them in both cuts is one stretch at two speeds."""
    gap_a, gap_b = behind.start_s - before.end_s, behind.b_start_s - before.b_end_s
    if min(gap_a, gap_b) < _SHORTEST_S or not SPEEDS[0] <= gap_b / gap_a <= SPEEDS[1]:
        return None
    if abs(gap_b - gap_a) < 2 / GRID_HZ:
        return None
    found = _settle_corners(overlay, before, before.end_s, behind.start_s, behind)
    between = found[1]
    rows = np.arange(int(between.start_s * GRID_HZ) + 2, int(between.end_s * GRID_HZ) - 1)
    if len(rows) < 5:
        return None
    bits, _ = overlay.measure(rows, between.slope, between.offset_s)
    is_seen = not np.isnan(bits).all() and float(np.nanmedian(bits)) <= _ALIKE_BITS
    return found if is_seen else None


def _settle_corners(
    overlay: Overlay, before: Line, start_s: float, end_s: float, behind: Line
) -> tuple[Line, Line, Line]:
    """Find the two corners at which the way leaves one line and meets the other."""
    first = max(int(before.start_s * GRID_HZ) + 1, round(start_s * GRID_HZ) - _AROUND_ROWS)
    last = min(int(behind.end_s * GRID_HZ) - 1, round(end_s * GRID_HZ) + _AROUND_ROWS)
    rows = np.arange(max(first, 0), min(last, overlay.a.rows))
    instants = overlay.a.times_s[rows]

    def cost(low: int, high: int) -> float:
        if not (rows[0] <= low and high <= rows[-1] and high - low >= 5):
            return np.inf
        corners = np.array([low, high]) / GRID_HZ
        places = before.place(corners[0]), behind.place(corners[1])
        slope = (places[1] - places[0]) / (corners[1] - corners[0])
        if not SPEEDS[0] - 0.1 <= slope <= SPEEDS[1] + 0.2:
            return np.inf
        between = places[0] + slope * (instants - corners[0])
        target = np.where(instants < corners[0], before.place(0) + instants, between)
        target = np.where(instants < corners[1], target, behind.place(0) + instants)
        return _measure_cost(overlay, rows, target - instants)

    low, high = _descend(cost, round(start_s * GRID_HZ), round(end_s * GRID_HZ))
    corners = low / GRID_HZ, high / GRID_HZ
    places = before.place(corners[0]), behind.place(corners[1])
    slope = (places[1] - places[0]) / (corners[1] - corners[0])
    between = Line(start_s=corners[0], end_s=corners[1], slope=slope, offset_s=places[0] - slope * corners[0])
    return replace(before, end_s=corners[0]), between, replace(behind, start_s=corners[1])


def _measure_cost(overlay: Overlay, rows: Rows, offsets_s: npt.NDArray[np.float64]) -> float:
    """Measure how far picture and sound are apart where each row has an offset of its own."""
    # A player of another speed shows the nearest frame: half a frame early as often as half a frame late.
    rows_b = overlay.find_rows(rows, 1.0, offsets_s, ahead=0.5)
    bits = measure_picture(overlay.a, overlay.b, rows, np.maximum(rows_b, 0))
    places = rows + offsets_s * GRID_HZ + overlay.lag
    apart = measure_sound_between(overlay.a, overlay.b, rows, places)
    return float(
        np.nan_to_num(np.minimum(bits, 60)).mean() / 8 + _SOUND_SHARE * np.nan_to_num(np.minimum(apart, 8)).mean()
    )


def _descend(cost: Callable[[int, int], float], low: int, high: int) -> tuple[int, int]:
    """Walk downhill in ever smaller strides."""
    best = cost(low, high)
    for stride in _STRIDES_ROWS:
        is_better = True
        while is_better:
            is_better = False
            for step_low, step_high in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
                tried = low + step_low * stride, high + step_high * stride
                value = cost(*tried)
                if value < best - 1e-6:
                    best, (low, high), is_better = value, tried, True
    return low, high
