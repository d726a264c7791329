"""Candidate moments of a cut: runs of whole shots, ranked by named parts that add up to the score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.types import CURVES, Curves, Features, Floats, Line, Reason, Segment


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """What makes a candidate.

    Attributes:
        shortest_s: a candidate lasts at least this long; a shorter film is one candidate.
        longest_s: and at most this long, where its shots allow.
        most: how many candidates are kept.
        tension_weight: for the mean tension above the film's median.
        rise_weight: for the rise of tension from the first to the last second.
        emotion_weight: for the strongest emotion's mean above that emotion's median over the film.
        broken_line_cost: for each line of dialogue that is cut off at either end.
    """

    shortest_s: float = 3.0
    longest_s: float = 12.0
    most: int = 20
    tension_weight: float = 1.0
    rise_weight: float = 0.5
    emotion_weight: float = 0.5
    broken_line_cost: float = 0.1


EMOTIONS = CURVES[3:]
"""All curves but tension, arousal and valence."""


def rank_segments(
    features: Features,
    curves: Curves,
    lines: Sequence[Line],
    *,
    duration_s: float,
    options: SegmentOptions | None = None,
) -> tuple[Segment, ...]:
    """Rank the moments of a cut.

    Every run of whole shots between the shortest and the longest length is scored; the best are taken one by one, each
    time passing over those that overlap one already taken.

    Args:
        features: the cut's measurements, for its shots.
        curves: its curves.
        lines: its dialogue; empty without a transcript.
        duration_s: where the last shot ends.
        options: weights and lengths.

    Returns:
        Candidates, best first, none overlapping.
    """
    options = options or SegmentOptions()
    borders = [*features.shot_starts_s, duration_s] if len(features.shot_starts_s) else [0.0, duration_s]
    found = [
        _score_segment(start, end, curves, lines, options)
        for start, end in _list_runs([float(border) for border in borders], options)
    ]
    found.sort(key=lambda segment: (-segment.score, segment.start_s))
    kept: list[Segment] = []
    for segment in found:
        if all(segment.end_s <= other.start_s or segment.start_s >= other.end_s for other in kept):
            kept.append(segment)
        if len(kept) == options.most:
            break
    return tuple(kept)


def _list_runs(borders: Sequence[float], options: SegmentOptions) -> list[tuple[float, float]]:
    """Every run of whole shots of a fitting length; a shot longer than the longest stands alone, cut to length."""
    runs = []
    for i, start in enumerate(borders[:-1]):
        for end in borders[i + 1 :]:
            if end - start > options.longest_s:
                if end == borders[i + 1]:
                    runs.append((start, start + options.longest_s))
                break
            if end - start >= options.shortest_s:
                runs.append((start, end))
    return runs or [(borders[0], borders[-1])]


def _score_segment(
    start_s: float, end_s: float, curves: Curves, lines: Sequence[Line], options: SegmentOptions
) -> Segment:
    """Give one candidate its reasons."""
    span = slice(int(start_s), max(int(np.ceil(end_s)), int(start_s) + 1))
    tension = curves.curve("tension")
    strongest, strength = max(
        ((name, _rise_above_median(curves.curve(name), span)) for name in EMOTIONS), key=lambda pair: pair[1]
    )
    inside = tension[span]
    reasons = [
        Reason(
            name="tension above the film's median", weight=options.tension_weight * _rise_above_median(tension, span)
        ),
        Reason(name="tension rises", weight=options.rise_weight * float(inside[-1] - inside[0])),
        Reason(name=f"{strongest} above the film's median", weight=options.emotion_weight * strength),
    ]
    broken = sum(line.start_s < edge < line.end_s for line in lines for edge in (start_s, end_s))
    if broken:
        reasons.append(Reason(name="cuts off a line of dialogue", weight=-options.broken_line_cost * broken))
    reasons = [reason for reason in reasons if reason.weight != 0]
    return Segment(start_s=start_s, end_s=end_s, score=sum(reason.weight for reason in reasons), reasons=tuple(reasons))


def _rise_above_median(curve: Floats, span: slice) -> float:
    return float(curve[span].mean() - np.median(curve))
