"""Stretches of two cuts that run side by side: straight lines from seconds of the first to seconds of the second."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.alignment.likeness import Rows, Track, measure_picture, measure_sound
from pipeline.alignment.path import NOWHERE, STEP, list_runs, mean_known, score_likeness
from pipeline.types import GRID_HZ, Floats

_STATES = 6
_TURN = 0.35
_TOLERANCE_ROWS = 1.5
_BRIDGE_ROWS = 3
_SHORTEST_RETIME_S = 0.6
_SAMPLED_ROWS = 1_500
_SAME_S = 0.06
_WOBBLE_S, _WOBBLE_LASTS_S = 0.25, 3.0
_SHORT_S = 0.7
_CLEARLY = 0.85


@dataclass(frozen=True, kw_only=True)
class Line:
    """A stretch that both cuts have: instant t of the first is instant `slope` x t + `offset_s` of the second.

    Attributes:
        start_s: where it begins, seconds of the first cut.
        end_s: where it ends.
        offset_s: as above.
        slope: as above; 1 where nothing was retimed.
    """

    start_s: float
    end_s: float
    offset_s: float
    slope: float = 1.0

    def place(self, instant_s: float) -> float:
        """Return where an instant of the first cut is in the second, seconds."""
        return self.slope * instant_s + self.offset_s

    @property
    def b_start_s(self) -> float:
        """Where it begins in the second cut."""
        return self.place(self.start_s)

    @property
    def b_end_s(self) -> float:
        """Where it ends in the second cut."""
        return self.place(self.end_s)


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """Two cuts made ready to be laid over each other.

    Attributes:
        a: the first cut.
        b: the second cut.
        lag: rows by which the sound lies later against the picture in the second.
        frame_s: the length of a frame where both have the same rate; None otherwise.
    """

    a: Track
    b: Track
    lag: int = 0
    frame_s: float | None = None

    def find_rows(
        self, rows_a: Rows, slope: float, offset_s: float | npt.NDArray[np.float64], *, ahead: float = 0.25
    ) -> Rows:
        """Return the rows of the second cut whose pictures a line lays over rows of the first; -1 outside of it."""
        # A quarter of a frame on, so that a rounded stamp does not fall on the frame before.
        target = slope * self.a.times_s[rows_a] + offset_s + ahead * (self.frame_s or 1 / GRID_HZ)
        found = np.searchsorted(self.b.times_s, target, side="right") - 1
        return np.where(target < self.b.rows / GRID_HZ, found, -1)

    def measure(self, rows_a: Rows, slope: float, offset_s: float | npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Measure how far picture (bits) and sound (dB) are apart along a line; outside of the second cut nothing is alike."""
        rows_b = self.find_rows(rows_a, slope, offset_s)
        outside = rows_b < 0
        bits = measure_picture(self.a, self.b, np.broadcast_to(rows_a, rows_b.shape), np.maximum(rows_b, 0))
        sounding = np.rint((slope * rows_a / GRID_HZ + offset_s) * GRID_HZ).astype(np.int64) + self.lag
        apart = measure_sound(
            self.a, self.b, np.broadcast_to(rows_a, rows_b.shape), np.clip(sounding, 0, self.b.rows - 1)
        )
        bits[outside], apart[outside] = 72, 15
        return bits, apart


def draw_lines(overlay: Overlay, path: Rows) -> list[Line]:
    """Draw straight lines through the way that two cuts share.

    Args:
        overlay: the cuts.
        path: from `trace_path`.

    Returns:
        Lines in order of the first cut; where they end is known to about a fifth of a second.
    """
    lines: list[Line] = []
    for start, end in _bridge_gaps(path):
        fine = _refine_path(overlay, path, start, end)
        corners = _find_corners(fine)
        for low, high in pairwise(corners):
            line = _fit_line(overlay, fine, low, high, start)
            if line is not None:
                lines.append(line)
    return join_lines(lines)


def _bridge_gaps(path: Rows) -> list[tuple[int, int]]:
    """Return stretches of steps, those of one offset as one even if there is something else in between."""
    joined: list[tuple[int, int]] = []
    for start, end in list_runs(path):
        if joined and abs(int(path[start]) - int(path[joined[-1][1] - 1])) <= _BRIDGE_ROWS:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _refine_path(overlay: Overlay, path: Rows, start: int, end: int) -> Floats:
    """Follow the way closely, a row at a time: the offset of every step from start to end, rows."""
    steps = np.arange(start, end)
    coarse = path[start:end].astype(np.float64)
    coarse[coarse == NOWHERE] = np.nan
    known = ~np.isnan(coarse)
    base = np.rint(np.interp(steps, steps[known], coarse[known])).astype(np.int64)
    shifts = np.arange(-_STATES, _STATES + 1)
    offsets = base[:, None] + shifts
    rows = np.broadcast_to((steps * STEP)[:, None, None] + np.arange(STEP), (len(steps), len(shifts), STEP))
    scores = np.zeros((len(steps), len(shifts)), np.float32)
    for first in range(0, len(steps), 500):
        block = slice(first, first + 500)
        bits, apart = overlay.measure(rows[block], 1.0, offsets[block, :, None] / GRID_HZ)
        # The sharper of the two decides between neighbours, and so both count in full here.
        scores[block] = 2 * score_likeness(mean_known(bits), mean_known(apart))
    fine, total = np.zeros((len(steps), len(shifts)), np.int8), np.zeros(len(shifts), np.float32)
    for i in range(len(steps)):
        change = offsets[i][:, None] - offsets[max(i - 1, 0)][None, :]
        reached = total[None, :] - _TURN * np.minimum(np.abs(change), 4)
        fine[i] = reached.argmax(axis=1)
        total = reached.max(axis=1) + scores[i]
    state, found = int(total.argmax()), np.zeros(len(steps), np.float32)
    for i in range(len(steps) - 1, -1, -1):
        found[i] = offsets[i, state]
        state = int(fine[i, state])
    return found


def _find_corners(offsets: Floats) -> list[int]:
    """Find where a line must bend to stay within a row and a half of all offsets (Ramer, Douglas, Peucker)."""
    corners, stack = {0, len(offsets)}, [(0, len(offsets))]
    while stack:
        low, high = stack.pop()
        if high - low < 3:
            continue
        inside = np.arange(low, high)
        away = np.abs(offsets[low:high] - np.interp(inside, [low, high - 1], offsets[[low, high - 1]]))
        worst = int(away.argmax())
        if away[worst] > _TOLERANCE_ROWS and 0 < worst < high - low - 1:
            corners.add(low + worst)
            stack += [(low, low + worst), (low + worst, high)]
    return sorted(corners)


def _fit_line(overlay: Overlay, offsets: Floats, low: int, high: int, first_step: int) -> Line | None:
    """Fit a line to steps low to high; None where it is a mere leap from one line to the next."""
    start_s, end_s = ((first_step + step) * STEP / GRID_HZ for step in (low, high))
    drift_s = float(offsets[high - 1] - offsets[low]) / GRID_HZ
    if abs(drift_s) > _TOLERANCE_ROWS / GRID_HZ:
        if end_s - start_s < _SHORTEST_RETIME_S or not 0.5 <= 1 + drift_s / (end_s - start_s) <= 2:
            return None
        slope = 1 + drift_s / max(end_s - start_s - STEP / GRID_HZ, 1e-9)
        middle_s = (start_s + end_s) / 2
        offset_s = float(np.median(offsets[low:high])) / GRID_HZ
        retimed = Line(start_s=start_s, end_s=end_s, offset_s=offset_s + middle_s * (1 - slope), slope=slope)
        steady = settle_offset(overlay, Line(start_s=start_s, end_s=end_s, offset_s=offset_s))
        if measure_misfit(overlay, retimed) < _CLEARLY * measure_misfit(overlay, steady):
            return retimed
        return steady
    offset_s = float(np.median(offsets[low:high])) / GRID_HZ
    return settle_offset(overlay, Line(start_s=start_s, end_s=end_s, offset_s=offset_s))


def settle_offset(overlay: Overlay, line: Line) -> Line:
    """Find the offset of a line that is not retimed to the frame, where both rates are one; or else to 10 ms."""
    rows = _sample_rows(overlay, line)
    if not len(rows):
        return line
    grain_s = overlay.frame_s or 0.01
    centre = round(line.offset_s / grain_s)
    reach = max(1, round(0.08 / grain_s))
    costs = {}
    for count in sorted(range(centre - reach, centre + reach + 1), key=lambda count: abs(count - centre)):
        costs[count] = _measure_misfit(overlay, rows, 1.0, count * grain_s)
    best = min(costs, key=lambda count: costs[count])
    return replace(line, offset_s=best * grain_s)


def measure_misfit(overlay: Overlay, line: Line) -> float:
    """Measure how badly a line fits, in no unit: 0 for two cuts that are the same to the bit."""
    rows = _sample_rows(overlay, line)
    return _measure_misfit(overlay, rows, line.slope, line.offset_s) if len(rows) else 0.0


def _measure_misfit(overlay: Overlay, rows: Rows, slope: float, offset_s: float) -> float:
    """Measure how badly rows fit; what is another picture or another sound altogether counts no more than it must."""
    bits, apart = overlay.measure(rows, slope, offset_s)
    return float(np.nan_to_num(np.minimum(bits, 50)).mean() / 10 + np.nan_to_num(np.minimum(apart, 6)).mean())


def _sample_rows(overlay: Overlay, line: Line) -> Rows:
    """Return rows all along a line."""
    rows = np.arange(max(0, int(line.start_s * GRID_HZ)), min(overlay.a.rows, int(line.end_s * GRID_HZ)))
    return rows[:: max(1, len(rows) // _SAMPLED_ROWS)]


def join_lines(lines: list[Line]) -> list[Line]:
    """Join neighbours that are one line, not retimed, and let what is too short to be one go to its neighbour."""
    joined: list[Line] = []
    for line in _absorb_short(lines):
        before = joined[-1] if joined else None
        if before is not None and before.slope == line.slope == 1 and abs(before.offset_s - line.offset_s) < _SAME_S:
            longer = max(before, line, key=lambda one: one.end_s - one.start_s)
            joined[-1] = replace(longer, start_s=before.start_s, end_s=line.end_s)
        else:
            joined.append(line)
    return joined


def _absorb_short(lines: list[Line]) -> list[Line]:
    """Let lines go to a longer neighbour that lies a few rows off: a way that leaps needs a moment to settle."""
    found = list(lines)
    for i in sorted(range(len(found)), key=lambda i: found[i].end_s - found[i].start_s):
        line = found[i]
        length_s = line.end_s - line.start_s
        if length_s > _WOBBLE_LASTS_S or line.slope != 1:
            continue
        neighbours = [(j, found[j]) for j in (i - 1, i + 1) if 0 <= j < len(found)]
        middle_s = (line.start_s + line.end_s) / 2
        near = [
            (j, other)
            for j, other in neighbours
            if other.slope == 1
            and other.end_s - other.start_s > length_s
            and abs(other.place(middle_s) - line.place(middle_s)) < _WOBBLE_S
        ]
        if (len(near) == 2 and abs(near[0][1].offset_s - near[1][1].offset_s) < _SAME_S) or (
            near and length_s < _SHORT_S
        ):
            found[i] = replace(near[-1][1], start_s=line.start_s, end_s=line.end_s)
    return found
