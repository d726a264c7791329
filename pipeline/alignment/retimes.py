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
_MEETS_S = 0.5
_SHORT_S = 1.5
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
    joined = _join_retimed(lines)
    settled: list[Line] = []
    i = 0
    while i < len(joined):
        line = joined[i]
        before = settled[-1] if settled else None
        behind = joined[i + 1] if i + 1 < len(joined) else None
        if (
            line.slope != 1
            and before is not None
            and behind is not None
            and _meet(before, line)
            and _meet(line, behind)
        ):
            settled[-1], line, joined[i + 1] = _settle_corners(overlay, before, line.start_s, line.end_s, behind)
        elif line.slope == 1 and before is not None and before.slope == 1:
            found = _try_gap(overlay, before, line)
            if found is not None:
                settled[-1], between, line = found
                settled.append(between)
        settled.append(line)
        i += 1
    return settled


def _join_retimed(lines: Sequence[Line]) -> list[Line]:
    """Join retimed neighbours, and with them what is too short to say that it is not retimed."""
    joined: list[Line] = []
    for i, line in enumerate(lines):
        before = joined[-1] if joined else None
        is_part = line.slope != 1 or (line.end_s - line.start_s < _SHORT_S and 0 < i < len(lines) - 1)
        was_part = before is not None and (before.slope != 1 or before.end_s - before.start_s < _SHORT_S)
        if (
            before is not None
            and is_part
            and was_part
            and _meet(before, line)
            and (before.slope != 1 or line.slope != 1)
        ):
            slope = (line.b_end_s - before.b_start_s) / (line.end_s - before.start_s)
            offset_s = before.b_start_s - slope * before.start_s
            joined[-1] = replace(before, end_s=line.end_s, slope=slope, offset_s=offset_s)
        else:
            joined.append(line)
    return joined


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
