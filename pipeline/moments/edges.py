"""Where a moment may begin and end: at shots, never inside a line, never leaving a sliver of a shot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.clock import (
    frame_to_seconds,
    frames_to_seconds,
    seconds_to_frame,
    seconds_to_frames,
    seconds_to_next_frame,
)
from pipeline.types import Aside, Bools, Cut, Line

Doubles = npt.NDArray[np.float64]

LEAST_FRAMES = 12
"""A part of a shot is shown for at least so many frames of the cut, half a second at 24; a whole shot may be shorter."""

ENDS_PER_START = 8
"""From one start at most so many lengths are tried, evenly chosen among those that fit."""


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Where candidates may begin and end.

    Attributes:
        starts_s: (A,) float64, ascending.
        ends_s: (B,) float64, ascending.
        borders_s: (M,) float64, where shots begin, and the film's end.
        spans_s: (S, 2) float64, the stretches between asides.
    """

    starts_s: Doubles
    ends_s: Doubles
    borders_s: Doubles
    spans_s: Doubles


def find_edges(
    cut: Cut, shot_starts_s: Doubles, lines: Sequence[Line], asides: Sequence[Aside], *, long_s: float
) -> Edges:
    """Find where candidates may begin and end.

    Those are the borders of shots and of asides. Where a line runs over such a border, the line's own beginning and end
    take its place; in a shot longer than `long_s` there are also the lines' beginnings and ends, and every second in
    between. None lies inside a line, and what is shown of a shot that is not whole lasts `LEAST_FRAMES` at least.

    Args:
        cut: the cut, for its length and its rate.
        shot_starts_s: (N,) where its shots begin.
        lines: its dialogue.
        asides: what is not the film itself.
        long_s: seconds from which on a shot is long.

    Returns:
        The edges. Those that are no shot's border lie on a frame of the cut.
    """
    end_s = float(cut.duration_s)
    borders = np.unique(np.r_[0.0, shot_starts_s[(shot_starts_s > 0) & (shot_starts_s < end_s)], end_s])
    spans = list_free_spans(asides, end_s)
    blocks = join_spans((line.start_s, line.end_s) for line in lines)
    edges = np.unique(np.r_[borders, spans.ravel()])
    points = np.unique(np.r_[edges, _list_extras(cut, borders, edges, blocks, long_s)])
    points = points[(points >= 0) & (points <= end_s)]
    frames = seconds_to_frames(points, cut.timecode_rate)
    on_frames = frames_to_seconds(frames, cut.timecode_rate)
    clean = ~(lies_inside(points, blocks) | lies_inside(on_frames, blocks))
    points, frames = points[clean], frames[clean]
    border_frames = seconds_to_frames(borders, cut.timecode_rate)
    is_border = np.isin(points, borders)
    following = np.minimum(np.searchsorted(borders, points, side="right"), len(borders) - 1)
    preceding = np.maximum(np.searchsorted(borders, points, side="left") - 1, 0)
    starts = is_border | (border_frames[following] - frames >= LEAST_FRAMES)
    ends = is_border | (frames - border_frames[preceding] >= LEAST_FRAMES)
    return Edges(starts_s=points[starts], ends_s=points[ends], borders_s=borders, spans_s=spans)


def pair_edges(edges: Edges, cut: Cut, *, shortest_s: float, longest_s: float) -> tuple[Doubles, Doubles]:
    """Pair starts with ends, never across an aside.

    Args:
        edges: where candidates may begin and end.
        cut: the cut.
        shortest_s: a candidate lasts at least this long. A film that is shorter altogether is one candidate.
        longest_s: and at most this long.

    Returns:
        Starts and ends, each (N,) float64, by start and then by end.
    """
    starts, ends, spans = edges.starts_s, edges.ends_s, edges.spans_s
    if not len(spans):
        return np.zeros(0), np.zeros(0)
    span = np.maximum(np.searchsorted(spans[:, 0], starts, side="right") - 1, 0)
    is_free = (starts >= spans[span, 0]) & (starts < spans[span, 1])
    limit = np.minimum(starts + longest_s + 1e-9, np.where(is_free, spans[span, 1], -1))
    first = np.searchsorted(ends, starts + shortest_s - 1e-9, side="left")
    count = np.maximum(np.searchsorted(ends, limit, side="right") - first, 0)
    taken = np.minimum(count, ENDS_PER_START)
    start = np.repeat(np.arange(len(starts)), taken)
    nth = np.arange(len(start)) - np.repeat(np.cumsum(taken) - taken, taken)
    end = first[start] + nth * (count[start] - 1) // np.maximum(taken[start] - 1, 1)
    found = starts[start], ends[end]
    kept = _shows_enough(*found, edges, cut)
    if not kept.any() and (spans[:, 1] - spans[:, 0]).max() < shortest_s:
        found = _take_whole(edges)
        kept = _shows_enough(*found, edges, cut)
    return found[0][kept], found[1][kept]


def list_free_spans(asides: Iterable[Aside], end_s: float) -> Doubles:
    """List the stretches of a film between asides: (S, 2) float64, ascending, none without length."""
    taken = join_spans((max(aside.start_s, 0.0), min(aside.end_s, end_s)) for aside in asides)
    free = np.stack([np.r_[0.0, taken[:, 1]], np.r_[taken[:, 0], end_s]], axis=1)
    return free[free[:, 1] > free[:, 0]]


def join_spans(spans: Iterable[tuple[float, float]]) -> Doubles:
    """Join spans that overlap: (S, 2) float64, ascending; those that only touch stay apart, those without length go."""
    rows = sorted(span for span in spans if span[1] > span[0])
    joined: list[list[float]] = []
    for start, end in rows:
        if joined and start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return np.array(joined, np.float64).reshape(-1, 2)


def lies_inside(instants_s: Doubles, spans_s: Doubles) -> Bools:
    """Say which instants lie strictly inside one of the spans, which do not overlap: (N,) bool."""
    if not len(spans_s):
        return np.zeros(len(instants_s), np.bool_)
    at = np.searchsorted(spans_s[:, 0], instants_s, side="left") - 1
    return np.asarray((at >= 0) & (instants_s < spans_s[np.maximum(at, 0), 1]))


def touches_spans(starts_s: Doubles, ends_s: Doubles, spans_s: Iterable[tuple[float, float]]) -> Bools:
    """Say which stretches share any time with one of the spans: (N,) bool."""
    touched = np.zeros(len(starts_s), np.bool_)
    for start_s, end_s in spans_s:
        touched |= (starts_s < end_s) & (ends_s > start_s)
    return touched


def _list_extras(cut: Cut, borders: Doubles, edges: Doubles, blocks: Doubles, long_s: float) -> Doubles:
    """Where else to begin and end: at lines that run over an edge, and in long shots."""
    lengths = np.diff(borders)
    long_shots = [(a, a + length) for a, length in zip(borders, lengths, strict=False) if length > long_s]
    crossed = np.zeros(len(blocks), np.bool_)
    if len(blocks):
        within = np.searchsorted(edges, blocks[:, 1], "left") - np.searchsorted(edges, blocks[:, 0], "right")
        crossed = (within > 0) | touches_spans(blocks[:, 0], blocks[:, 1], long_shots)
    rate = cut.timecode_rate
    before = [frame_to_seconds(seconds_to_frame(Fraction(float(start)), rate), rate) for start in blocks[crossed, 0]]
    after = [frame_to_seconds(seconds_to_next_frame(Fraction(float(end)), rate), rate) for end in blocks[crossed, 1]]
    whole = np.concatenate([np.arange(a + 1, b, 1.0) for a, b in long_shots]) if long_shots else np.zeros(0)
    steps = frames_to_seconds(seconds_to_frames(whole, rate), rate)
    return np.array([*map(float, (*before, *after)), *steps.tolist()], np.float64)


def _shows_enough(starts: Doubles, ends: Doubles, edges: Edges, cut: Cut) -> Bools:
    """Say which candidates are whole shots, go over a border, or show enough of the one shot they are in: (N,) bool."""
    following = np.searchsorted(edges.borders_s, starts, side="right")
    crosses = edges.borders_s[np.minimum(following, len(edges.borders_s) - 1)] < ends
    whole = np.isin(starts, edges.borders_s) & np.isin(ends, edges.borders_s)
    return np.asarray(
        crosses | whole | (ends - starts >= float(frame_to_seconds(LEAST_FRAMES, cut.timecode_rate)) - 1e-9)
    )


def _take_whole(edges: Edges) -> tuple[Doubles, Doubles]:
    """The longest of the stretches between asides as one candidate, from its first start to its last end."""
    best = np.zeros(2)
    for start_s, end_s in edges.spans_s:
        starts = edges.starts_s[(edges.starts_s >= start_s) & (edges.starts_s < end_s)]
        ends = edges.ends_s[(edges.ends_s > start_s) & (edges.ends_s <= end_s)]
        if len(starts) and len(ends) and ends[-1] - starts[0] > best[1] - best[0]:
            best = np.array([starts[0], ends[-1]])
    return (best[:1], best[1:]) if best[1] > best[0] else (np.zeros(0), np.zeros(0))
