"""What an edit did: to tension, emotion and pace around every change, and to the film as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.comparison import Change, Comparison, Consequence, Effect, Levels, Passage
from pipeline.passages import PassageOptions, find_passages, measure_spread
from pipeline.sentences import describe_change, describe_whole
from pipeline.story_clock import align_curves, find_new_place, map_back, map_instant, mean_over
from pipeline.types import Analysis

TENSION = "tension"


@dataclass(frozen=True, kw_only=True)
class ConsequenceOptions:
    """How consequences are judged.

    Attributes:
        around_s: so many seconds before and behind a change are looked at.
        passages: what counts as flat, and as a turn.
        near_s: a peak that lies within so many seconds of where it was is the same peak.
        shortened_share: a build-up that lasts less than this share of what it did is shortened.
    """

    around_s: float = 15.0
    passages: PassageOptions = field(default_factory=PassageOptions)
    near_s: float = 5.0
    shortened_share: float = 0.8


def judge_changes(
    comparison: Comparison, a: Analysis, b: Analysis, *, options: ConsequenceOptions | None = None
) -> Consequence:
    """Judge what the changes between two cuts did.

    Args:
        comparison: from `compare_cuts`.
        a: the first cut's analysis.
        b: the second's.
        options: thresholds; None for the usual ones.

    Returns:
        The effect of every change, both cuts' curves on one clock, and what became of flat stretches, peaks and build-ups.
    """
    options = options or ConsequenceOptions()
    spread = measure_spread(a.curves.curve(TENSION), options.passages)
    scaled = replace(options.passages, spread=spread)
    before, behind = (find_passages(cut.curves.curve(TENSION), scaled) for cut in (a, b))
    gone = tuple(passage for passage in before if not _survives(passage, behind, comparison, options))
    new = tuple(passage for passage in behind if not _existed(passage, before, comparison, options))
    shortened = _find_shortened(before, behind, comparison, options)
    effects = []
    for change in comparison.changes:
        effect = measure_effect(change, a, b, around_s=options.around_s)
        sentence = describe_change(
            effect, a, b, gone=gone, new=new, passages=(before, behind), around_s=options.around_s
        )
        effects.append(replace(effect, sentence=sentence))
    return Consequence(
        comparison=comparison,
        effects=tuple(effects),
        aligned=align_curves(comparison, a.curves, b.curves),
        gone=gone,
        new=new,
        shortened=shortened,
        sentences=describe_whole(comparison, a, b, gone=gone, new=new, shortened=shortened),
    )


def measure_effect(change: Change, a: Analysis, b: Analysis, *, around_s: float) -> Effect:
    """Measure what one change did to every curve and to the pace.

    Args:
        change: the change.
        a: the first cut's analysis.
        b: the second's.
        around_s: how far before and behind it to look, seconds.

    Returns:
        The effect, its sentence still empty.
    """
    spans_a, spans_b = (change.a_start_s, change.a_end_s), (change.b_start_s, change.b_end_s)
    windows = [
        (_window(spans_a, part, around_s), _window(spans_b, part, around_s))
        for part in ("before", "inside", "after", "all")
    ]
    before, inside, after, whole = (_measure_levels(a, b, *window) for window in windows)
    bands = {name: _measure_band(a, b, name, *windows[3]) for name in a.curves.names}
    return Effect(
        change=change,
        before=before,
        inside=inside,
        after=after,
        differences={name: whole.b[name] - whole.a[name] for name in a.curves.names},
        bands=bands,
        pace_difference=whole.b_pace - whole.a_pace,
        sentence="",
    )


def _window(span: tuple[float, float], part: str, around_s: float) -> tuple[float, float]:
    """Return the seconds before, inside, behind or all around a span."""
    start, end = span
    match part:
        case "before":
            return start - around_s, start
        case "inside":
            return start, end
        case "after":
            return end, end + around_s
    return start - around_s, end + around_s


def _measure_levels(a: Analysis, b: Analysis, span_a: tuple[float, float], span_b: tuple[float, float]) -> Levels:
    """Measure curves and pace of a span in both cuts."""
    return Levels(
        a=_mean_curves(a, span_a),
        b=_mean_curves(b, span_b),
        a_pace=measure_pace(a, span_a),
        b_pace=measure_pace(b, span_b),
    )


def _mean_curves(cut: Analysis, span: tuple[float, float]) -> Mapping[str, float]:
    """Average every curve over a span."""
    return {name: mean_over(cut.curves.curve(name), [span]) for name in cut.curves.names}


def measure_pace(cut: Analysis, span: tuple[float, float]) -> float:
    """Measure how many shots a minute a span has: boundaries inside of it over its length; NaN where it has none.

    Args:
        cut: the cut's analysis.
        span: seconds of the cut; what lies outside of it does not count.
    """
    start, end = max(0.0, span[0]), min(float(cut.cut.duration_s), span[1])
    if end - start <= 0 or not len(cut.features.shot_starts_s):
        return float("nan")
    starts = cut.features.shot_starts_s
    return float(((starts >= start) & (starts < end)).sum() * 60 / (end - start))


def _measure_band(
    a: Analysis, b: Analysis, name: str, span_a: tuple[float, float], span_b: tuple[float, float]
) -> float:
    """Return half the width of a curve's band around a change, the wider of both cuts'."""
    widths = []
    for cut, span in ((a, span_a), (b, span_b)):
        column = cut.curves.names.index(name)
        widths.append(mean_over((cut.curves.high - cut.curves.low)[:, column], [span]) / 2)
    return float(np.nanmax(widths))


def _survives(
    passage: Passage, others: tuple[Passage, ...], comparison: Comparison, options: ConsequenceOptions
) -> bool:
    """Whether the second cut still has a passage of the first."""
    if passage.kind == "peak":
        place = map_instant(comparison, passage.start_s)
        return place is not None and any(
            other.kind == "peak" and abs(other.start_s - place) <= options.near_s for other in others
        )
    start, end = find_new_place(comparison, passage.start_s), find_new_place(comparison, passage.end_s - 1e-6)
    return _overlaps(passage, (min(start, end), max(start, end)), others)


def _existed(
    passage: Passage, others: tuple[Passage, ...], comparison: Comparison, options: ConsequenceOptions
) -> bool:
    """Whether the first cut has a passage of the second already."""
    edges = [map_back(comparison, t) for t in np.arange(passage.start_s, passage.end_s, 1.0)]
    known = [edge for edge in edges if edge is not None]
    if passage.kind == "peak":
        return bool(known) and any(
            other.kind == "peak" and abs(other.start_s - known[0]) <= options.near_s for other in others
        )
    if len(known) < len(edges) / 2:
        return False
    return _overlaps(passage, (min(known), max(known)), others)


def _overlaps(passage: Passage, span: tuple[float, float], others: tuple[Passage, ...]) -> bool:
    """Whether others of its kind cover half of a span."""
    covered = sum(
        max(0.0, min(span[1], other.end_s) - max(span[0], other.start_s))
        for other in others
        if other.kind == passage.kind
    )
    return span[1] > span[0] and covered >= (span[1] - span[0]) / 2


def _find_shortened(
    before: tuple[Passage, ...], behind: tuple[Passage, ...], comparison: Comparison, options: ConsequenceOptions
) -> tuple[tuple[Passage, Passage], ...]:
    """Find build-ups whose peak is still there, and that lead up to it in clearly less time."""
    found = []
    for passage in before:
        place = map_instant(comparison, passage.end_s)
        if passage.kind != "build-up" or place is None:
            continue
        ends = [other for other in behind if other.kind == "build-up" and abs(other.end_s - place) <= options.near_s]
        if ends and ends[0].length_s < options.shortened_share * passage.length_s:
            found.append((passage, ends[0]))
    return tuple(found)
