"""The moments of an analysis, ranked and told to a person or a script."""

from collections.abc import Sequence
from typing import Any

from pipeline.encodings import Encodings
from pipeline.moments.candidates import Candidates
from pipeline.segments import find_candidates, rank_candidates
from pipeline.types import STREAM_WORDS, STREAMS, Analysis, Segment
from studio.choices import MomentChoices, list_spoilers


def rank_moments(
    analysis: Analysis,
    choices: MomentChoices,
    *,
    candidates: Candidates | None = None,
    encodings: Encodings | None = None,
) -> tuple[Segment, ...]:
    """Rank the moments of a cut as a person wants them, spoilers left out.

    Args:
        analysis: the cut's analysis.
        choices: what the person has decided.
        candidates: the cut's candidates, where they have been found before.
        encodings: what encoders made of the cut, for its candidates' likeness.

    Returns:
        Segments, best first.
    """
    if candidates is None:
        candidates = find_candidates(
            analysis.features, analysis.curves, analysis.lines, cut=analysis.cut, encodings=encodings
        )
    spoilers = list_spoilers(analysis, choices)
    return rank_candidates(candidates, spoilers=spoilers, weights=choices.weights, options=choices.options)


def describe_encoders(encodings: Encodings) -> str:
    """Say who judged how like one another moments are."""
    words = [STREAM_WORDS[stream] for i, stream in enumerate(STREAMS) if encodings.present[:, i].any()]
    told = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return f"How like one another moments are was judged by encoders of {told} from TensorFlow Hub."


def describe_ranking(analysis: Analysis, segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Describe segments as JSON types: rank, span in seconds and timecode, score, and reasons with weight and value."""
    return [
        {
            "rank": rank,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "start_timecode": analysis.cut.timecode(segment.start_s),
            "end_timecode": analysis.cut.timecode(segment.end_s),
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
        span = f"{analysis.cut.timecode(segment.start_s)} to {analysis.cut.timecode(segment.end_s)}"
        lines.append(f"{rank:>3}  {span}  {segment.end_s - segment.start_s:5.1f} s  score {segment.score:.2f}")
        told = [reason for reason in segment.reasons if abs(reason.weight) >= 0.005]
        reasons = sorted(told, key=lambda reason: -abs(reason.weight))
        lines.append("     " + ", ".join(f"{reason.name} {reason.weight:+.2f}" for reason in reasons))
    return "\n".join(lines)
