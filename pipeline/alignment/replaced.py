"""Stretches that run side by side of which only the picture, or only the sound, is the same."""

from collections.abc import Sequence

import numpy as np

from pipeline.alignment.likeness import BLANK_BITS
from pipeline.alignment.lines import Line, Overlay
from pipeline.types import GRID_HZ, Bools, Floats

OTHER_BITS = 46.0
"""Hashes of other pictures differ in more bits than this, of the same picture reframed in fewer."""

_BITS_SCALE = 14.0
_DB_SCALE = 2.0
_RANDOM_DB, _LEAST_DB = 8.0, 3.2
_RANDOM_SHARE = 0.35
_HINT = 0.001
"""What silence in one cut alone says: enough to decide where a stretch ends, too little to make one."""

_SWITCH = 5.0
_SHORTEST_ROWS = 9
_SAME_SHARE = 0.8

Span = tuple[float, float]
"""First and last instant, the latter exclusive, seconds of the first cut."""


def find_replaced(overlay: Overlay, line: Line) -> tuple[list[Span], list[Span], list[Span]]:
    """Find where along a line the picture, the sound, or both are others.

    Args:
        overlay: the cuts.
        line: the line.

    Returns:
        Spans with another picture under the same sound, with another sound under the same picture, and with neither in
        common.
    """
    rows = np.arange(round(line.start_s * GRID_HZ), min(overlay.a.rows, round(line.end_s * GRID_HZ)))
    if not len(rows):
        return [], [], []
    bits, apart = overlay.measure(rows, line.slope, line.offset_s)
    if line.slope != 1:
        apart = np.full_like(apart, np.nan)  # Sound at another speed is never quite the same.
    usual = float(np.nanpercentile(apart, 40)) if not np.isnan(apart).all() else 0.0
    limit = max(_LEAST_DB, usual + _RANDOM_SHARE * (_RANDOM_DB - usual))
    rows_b = np.maximum(overlay.find_rows(rows, line.slope, line.offset_s), 0)
    trust = np.minimum(overlay.a.trust[rows], overlay.b.trust[rows_b])
    trust[bits == BLANK_BITS] = 1
    picture = _find_stretches(trust * np.nan_to_num(np.clip((bits - OTHER_BITS) / _BITS_SCALE, -1, 1)))
    heard = np.clip((apart - limit) / _DB_SCALE, -1, 1)
    is_half = overlay.a.is_quiet[rows] != overlay.b.is_quiet[rows_b]
    stretches = _find_stretches(np.where(np.isnan(heard), np.where(is_half, _HINT, -_HINT), heard))
    sound = [(start, end - 1) for start, end in stretches]  # The row behind the end still hears 40 ms from before it.
    both = [
        (max(one[0], other[0]), min(one[1], other[1]))
        for one in picture
        for other in sound
        if min(one[1], other[1]) - max(one[0], other[0]) > _SAME_SHARE * max(one[1] - one[0], other[1] - other[0])
    ]
    return (
        _to_seconds(overlay, line, rows[0], [span for span in picture if not _meets(span, both)]),
        _to_seconds(overlay, line, rows[0], [span for span in sound if not _meets(span, both)]),
        _to_seconds(overlay, line, rows[0], both),
    )


def _find_stretches(evidence: Floats) -> list[tuple[int, int]]:
    """Find stretches in which evidence above 0 prevails: two states, each switch of which costs (Viterbi)."""
    same, other = 0.0, -_SWITCH
    came_same, came_other = [], []
    for value in evidence.tolist():
        from_other, from_same = other - _SWITCH > same, same - _SWITCH > other
        same, other = (other - _SWITCH if from_other else same), (same - _SWITCH if from_same else other)
        came_same.append(from_other)
        came_other.append(from_same)
        other += value
        same -= value
    is_other: Bools = np.zeros(len(evidence) + 2, np.bool_)
    state = other > same
    for i in range(len(evidence) - 1, -1, -1):
        is_other[i + 1] = state
        state = (not came_other[i]) if state else came_same[i]
    edges = np.flatnonzero(np.diff(is_other.astype(np.int8)))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, end) for start, end in pairs if end - start >= _SHORTEST_ROWS]


def _meets(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether a span has anything in common with one of others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def _to_seconds(overlay: Overlay, line: Line, first: int, spans: Sequence[tuple[int, int]]) -> list[Span]:
    """Turn rows counted from the line's first into seconds: of the pictures that come on show there, within the line."""
    found = []
    for start, end in spans:
        edges = []
        for row in (first + start, first + end):
            own_s = row / GRID_HZ
            shown_s = float(overlay.a.times_s[min(row, overlay.a.rows - 1)])
            is_new = row < overlay.a.rows and own_s - shown_s < 1 / GRID_HZ
            edges.append(min(max(min(own_s, shown_s) if is_new else own_s, line.start_s), line.end_s))
        found.append((edges[0], edges[1]))
    return found
