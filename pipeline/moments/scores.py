"""What each candidate's parts come to with the weights, the lengths and the spoiler zones that are wanted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.moments.candidates import COSTS, ORDER, PARTS, Candidates, PartShown, RankOptions, SegmentWeights
from pipeline.moments.edges import touches_spans
from pipeline.types import Bools, Reason, Segment, SpoilerZone

Doubles = npt.NDArray[np.float64]

LIKE = 0.5
"""Moments whose looks have a cosine below this are not alike at all."""


def value_parts(candidates: Candidates, spoilers: Sequence[SpoilerZone], options: RankOptions) -> tuple[Doubles, Bools]:
    """Complete the parts with those that depend on what is wanted, all but the likeness.

    Args:
        candidates: what could be chosen.
        spoilers: the zones, hard and soft.
        options: which lengths are wanted.

    Returns:
        Values (N, P) float64, and which candidates may be chosen (N,) bool: those outside hard zones and of a length
        that is allowed; of any length, where none is.
    """
    starts, ends = candidates.starts_s, candidates.ends_s
    lengths = ends - starts
    values = candidates.parts.astype(np.float64)
    off = np.abs(lengths - options.wanted_s) / max(options.wanted_s, 1e-9)
    values[:, ORDER.index("length")] = np.clip(1 - off, 0, 1)
    soft = np.zeros(len(candidates))
    for zone in spoilers:
        if not zone.is_hard:
            soft += np.clip(np.minimum(ends, zone.end_s) - np.maximum(starts, zone.start_s), 0, None)
    values[:, ORDER.index("spoiler")] = np.minimum(soft / np.maximum(lengths, 1e-9), 1)
    allowed = ~touches_spans(starts, ends, [(zone.start_s, zone.end_s) for zone in spoilers if zone.is_hard])
    fits = (lengths >= options.shortest_s - 1e-9) & (lengths <= options.longest_s + 1e-9)
    return values, allowed & fits if (allowed & fits).any() else allowed


def compare_looks(candidates: Candidates, chosen: int) -> Doubles:
    """How like a chosen candidate each one is: (N,), the cosine of their looks from `LIKE` to 1, scaled to 0..1."""
    cosine = candidates.looks @ candidates.looks[chosen]
    return np.asarray(np.clip((cosine.astype(np.float64) - LIKE) / (1 - LIKE), 0, 1))


def show_parts(
    values: Doubles, weights: SegmentWeights, *, emotion: str, better: Doubles | None = None
) -> tuple[PartShown, ...]:
    """Show every part of a candidate with its weight and value, beside those of a better one.

    Args:
        values: (P,).
        weights: how much each counts.
        emotion: the emotion that stands out.
        better: (P,) of the segment that was preferred.
    """
    shown = []
    for i, (key, weight) in enumerate(zip(ORDER, weights.list_signed().tolist(), strict=True)):
        other = None if better is None else float(better[i])
        shown.append(
            PartShown(
                name=name_part(key, emotion),
                weight=weight,
                value=float(values[i]),
                adds=weight * float(values[i]),
                better_value=other,
                better_adds=None if other is None else weight * other,
            )
        )
    return tuple(shown)


def name_part(key: str, emotion: str) -> str:
    """What people call a part."""
    if key == "emotion" and emotion:
        return f"{emotion} stands out"
    return {**PARTS, **COSTS}[key]


def make_segment(candidates: Candidates, index: int, values: Doubles, weights: SegmentWeights) -> Segment:
    """Make a segment of a candidate: its reasons are the parts that add anything, and they add up to its score.

    Args:
        candidates: all of them.
        index: which one.
        values: (P,) its values, the likeness included.
        weights: how much each counts.
    """
    reasons = tuple(
        Reason(name=part.name, weight=part.adds, value=part.value)
        for part in show_parts(values, weights, emotion=name_emotion(candidates, index))
        if part.adds != 0
    )
    return Segment(
        start_s=float(candidates.starts_s[index]),
        end_s=float(candidates.ends_s[index]),
        score=float(sum(reason.weight for reason in reasons)),
        reasons=reasons,
    )


def name_emotion(candidates: Candidates, index: int) -> str:
    """The emotion that stands out most in a candidate; empty where there are none."""
    return candidates.emotion_names[candidates.emotions[index]] if candidates.emotion_names else ""
