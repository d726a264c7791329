"""Two cuts laid over each other: what was removed, added, moved, retimed, and what has another picture or another sound."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from pipeline.alignment.edges import settle_edges
from pipeline.alignment.likeness import prepare_track, stretch_track
from pipeline.alignment.lines import Line, Overlay, draw_lines, join_lines
from pipeline.alignment.order import order_lines
from pipeline.alignment.path import estimate_lag, trace_path
from pipeline.alignment.replaced import find_replaced
from pipeline.alignment.retimes import settle_retimes
from pipeline.alignment.seeds import find_seeds, find_sound_seeds
from pipeline.alignment.speed import estimate_speed
from pipeline.comparison import Change, Comparison, FingerprintedCut, Match
from pipeline.types import Cut

SHORTEST_S = 0.09
"""What is shorter, two frames, is no change: it is what two frame rates do to each other."""

Spanned = TypeVar("Spanned", Match, Change)

SHORTEST_LINE_S = 0.4
"""What looks alike for no longer than this in the middle of what does not is chance."""


def compare_cuts(a: FingerprintedCut, b: FingerprintedCut) -> Comparison:
    """Lay one cut over another.

    Size, letterbox, codec, grading, loudness and frame rate make no difference, nor does a watermark. Of a stretch that
    changed places with another, the shorter one has moved. Edges are exact to the frame where both rates are the same.

    Args:
        a: the first cut.
        b: the second cut.

    Returns:
        What both have, and what differs.
    """
    track_a, track_b = prepare_track(a.fingerprint), prepare_track(b.fingerprint)
    seeds = find_seeds(track_a, track_b)
    speed = estimate_speed(seeds)
    if speed != 1:
        played = [stretch_track(track_b, 1 / float(speed), is_pitched=is_pitched) for is_pitched in (False, True)]
        track_b = max(played, key=lambda track: len(find_sound_seeds(track_a, track).rows_a))
        seeds = find_seeds(track_a, track_b)
    lag = estimate_lag(track_a, track_b, seeds)
    path = trace_path(track_a, track_b, seeds, lag=lag)
    overlay = Overlay(a=track_a, b=track_b, lag=lag, frame_s=_find_frame_s(a.cut, b.cut, speed))
    kept, moved = order_lines(draw_lines(overlay, path))
    kept, moved = _settle_lines(overlay, kept, moved)
    kept = settle_retimes(overlay, kept)
    return _describe(overlay, kept, moved, speed=speed, a=a.cut, b=b.cut)


def _settle_lines(overlay: Overlay, kept: list[Line], moved: list[Line]) -> tuple[list[Line], list[Line]]:
    """Settle all edges; what turns out to be next to nothing goes, and its neighbours are settled without it."""
    while True:
        settled = settle_edges(overlay, sorted(kept + moved, key=lambda line: line.start_s))
        lasting = [line for line in settled if line.end_s - line.start_s >= SHORTEST_LINE_S]
        kept, moved = order_lines(lasting)
        kept = join_lines(kept)
        if len(kept) + len(moved) == len(settled):
            return kept, moved


def _find_frame_s(a: Cut, b: Cut, speed: Fraction) -> float | None:
    """Return the length of a frame, if both cuts have the same rate."""
    if a.frame_rate is None or b.frame_rate is None or Fraction(b.frame_rate, a.frame_rate) != speed:
        return None
    return float(1 / a.frame_rate)


def _describe(
    overlay: Overlay, kept: Sequence[Line], moved: Sequence[Line], *, speed: Fraction, a: Cut, b: Cut
) -> Comparison:
    """Put into words what lines, their order and their gaps mean."""
    matches: list[Match] = []
    changes: list[Change] = []
    for line in (*kept, *moved):
        kind = "moved" if line in moved else "kept" if line.slope == 1 else "retimed"
        pictures, sounds, both = find_replaced(overlay, line)
        for part in _leave_out(line, both):
            matches.append(_match(part, kind))
            if kind != "kept":
                changes.append(_change(kind, part.start_s, part.end_s, part))
        changes += [_change("picture", start, end, line) for start, end in pictures]
        changes += [_change("sound", start, end, line) for start, end in sounds]
    matches = _close_gaps(matches)
    ends_s = float(a.duration_s), float(b.duration_s * speed)
    changes += _find_gaps(matches, ends_s)
    return Comparison(
        a_id=a.cut_id,
        b_id=b.cut_id,
        speed=speed,
        matches=tuple(_replay(match, speed) for match in sorted(matches, key=lambda one: one.a_start_s)),
        changes=tuple(
            _replay(change, speed) for change in sorted(changes, key=lambda one: (one.a_start_s, one.b_start_s))
        ),
    )


def _leave_out(line: Line, spans: Sequence[tuple[float, float]]) -> list[Line]:
    """Return what is left of a line without some spans of it."""
    edges = [line.start_s, *(edge for span in sorted(spans) for edge in span), line.end_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [replace(line, start_s=start, end_s=end) for start, end in pairs if end - start > SHORTEST_S]


def _match(line: Line, kind: str) -> Match:
    """Write a line as a match."""
    return Match(a_start_s=line.start_s, a_end_s=line.end_s, b_start_s=line.b_start_s, b_end_s=line.b_end_s, kind=kind)


def _change(kind: str, start_s: float, end_s: float, line: Line) -> Change:
    """Write a part of a line as a change."""
    return Change(kind=kind, a_start_s=start_s, a_end_s=end_s, b_start_s=line.place(start_s), b_end_s=line.place(end_s))


def _close_gaps(matches: Sequence[Match]) -> list[Match]:
    """Let neighbours meet in either cut where less than a frame and a half lies between them."""
    closed = sorted(matches, key=lambda match: match.a_start_s)
    for i, (before, behind) in enumerate(pairwise(closed)):
        if abs(behind.a_start_s - before.a_end_s) < SHORTEST_S:
            closed[i] = replace(before, a_end_s=behind.a_start_s)
    closed.sort(key=lambda match: match.b_start_s)
    for i, (before, behind) in enumerate(pairwise(closed)):
        if abs(behind.b_start_s - before.b_end_s) < SHORTEST_S:
            closed[i] = replace(before, b_end_s=behind.b_start_s)
    return closed


def _find_gaps(matches: Sequence[Match], ends_s: tuple[float, float]) -> list[Change]:
    """Find what only one of the cuts has, and the place in the other where it is missing."""
    changes = []
    chain = sorted((match for match in matches if match.kind != "moved"), key=lambda match: match.a_start_s)
    taken_b = sorted((match.b_start_s, match.b_end_s) for match in matches)
    for start, end in _list_free([(match.a_start_s, match.a_end_s) for match in matches], ends_s[0]):
        before = max((match.b_end_s for match in chain if match.a_end_s <= start + 1e-6), default=0.0)
        behind = min((match.b_start_s for match in chain if match.a_start_s >= end - 1e-6), default=ends_s[1])
        is_filled = not _list_free([span for span in taken_b if span[0] < behind and span[1] > before], behind, before)
        place = behind if is_filled else before
        changes.append(Change(kind="removed", a_start_s=start, a_end_s=end, b_start_s=place, b_end_s=place))
    for start, end in _list_free(taken_b, ends_s[1]):
        before = max((match.a_end_s for match in chain if match.b_end_s <= start + 1e-6), default=0.0)
        changes.append(Change(kind="added", a_start_s=before, a_end_s=before, b_start_s=start, b_end_s=end))
    return changes


def _list_free(spans: Sequence[tuple[float, float]], end_s: float, start_s: float = 0.0) -> list[tuple[float, float]]:
    """Return what no span covers from start to end, in order, without what is too short to matter."""
    free, position = [], start_s
    for start, end in sorted(spans):
        if start - position >= SHORTEST_S:
            free.append((position, start))
        position = max(position, end)
    if end_s - position >= SHORTEST_S:
        free.append((position, end_s))
    return free


def _replay(span: Spanned, speed: Fraction) -> Spanned:
    """Put a span of the second cut back to the speed at which it plays."""
    return replace(span, b_start_s=span.b_start_s / float(speed), b_end_s=span.b_end_s / float(speed))
