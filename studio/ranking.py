"""The moments of an analysis, ranked and told to a person or a script."""

from collections.abc import Sequence
from typing import Any

from pipeline.clock import seconds_to_timecode
from pipeline.moments.candidates import RankOptions
from pipeline.segments import choose_lengths, find_candidates, rank_candidates
from pipeline.spoilers import place_spoilers
from pipeline.types import Analysis, Cut, Segment


def rank_moments(analysis: Analysis, *, top: int, template: str | None = None) -> tuple[Segment, ...]:
    """Rank the moments of a cut, its last turns left out.

    Args:
        analysis: the cut's analysis.
        top: how many.
        template: the kind of trailer whose lengths are wanted; None for lengths of any kind.

    Returns:
        Segments, best first.
    """
    cut, features, curves = analysis.cut, analysis.features, analysis.curves
    options = RankOptions(most=top) if template is None else choose_lengths(template, most=top)
    spoilers = place_spoilers(features, curves, duration_s=float(cut.duration_s))
    candidates = find_candidates(features, curves, analysis.lines, cut=cut)
    return rank_candidates(candidates, spoilers=spoilers, options=options)


def describe_ranking(analysis: Analysis, segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Describe segments as JSON types: rank, span in seconds and timecode, score, and reasons with weight and value."""
    return [
        {
            "rank": rank,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "start_timecode": _label(analysis.cut, segment.start_s),
            "end_timecode": _label(analysis.cut, segment.end_s),
            "score": segment.score,
            "reasons": [
                {"name": reason.name, "weight": reason.weight, "value": reason.value} for reason in segment.reasons
            ],
        }
        for rank, segment in enumerate(segments, start=1)
    ]


def write_ranking(analysis: Analysis, segments: Sequence[Segment]) -> str:
    """Write segments for a person, each followed by its reasons, what counts most first."""
    if not segments:
        return "No moment of this cut can be shown: every one is credits, a spoiler, or the middle of a line."
    lines = []
    for rank, segment in enumerate(segments, start=1):
        span = f"{_label(analysis.cut, segment.start_s)} to {_label(analysis.cut, segment.end_s)}"
        lines.append(f"{rank:>3}  {span}  {segment.end_s - segment.start_s:5.1f} s  score {segment.score:.2f}")
        told = [reason for reason in segment.reasons if abs(reason.weight) >= 0.005]
        reasons = sorted(told, key=lambda reason: -abs(reason.weight))
        lines.append("     " + ", ".join(f"{reason.name} {reason.weight:+.2f}" for reason in reasons))
    return "\n".join(lines)


def _label(cut: Cut, instant_s: float) -> str:
    """The timecode of an instant of a cut."""
    return seconds_to_timecode(instant_s, cut.timecode_rate, start_timecode=cut.start_timecode)
