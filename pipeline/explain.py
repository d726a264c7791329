"""Why a moment was chosen, and why another was not."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.moments.candidates import (
    ORDER,
    Candidates,
    Explanation,
    PartShown,
    RankOptions,
    Refusal,
    SegmentWeights,
)
from pipeline.moments.edges import join_spans, lies_inside, list_free_spans
from pipeline.moments.scores import compare_looks, make_segment, name_emotion, show_parts, value_parts
from pipeline.types import Line, Segment, SpoilerZone

Doubles = npt.NDArray[np.float64]


def explain_second(
    instant_s: float,
    candidates: Candidates,
    segments: Sequence[Segment],
    *,
    spoilers: Sequence[SpoilerZone] = (),
    weights: SegmentWeights | None = None,
    options: RankOptions | None = None,
    name_instant: Callable[[float], str] = "{:.2f} s".format,
) -> Explanation:
    """Explain for any instant why it is in a segment, or why it is in none.

    Args:
        instant_s: seconds of the cut.
        candidates: what could be chosen.
        segments: what was chosen of them, from `rank_candidates` with the same spoilers, weights and options.
        spoilers: the zones.
        weights: how much each part counts.
        options: lengths, and how many.
        name_instant: how the sentences write an instant of the cut; in seconds by default.

    Returns:
        The segment with its rank and all its parts; or the reasons for which there is none, with the best candidate
        that would cover the instant, beside the segment that was preferred to it.
    """
    weights, options = weights or SegmentWeights(), options or RankOptions()
    values, allowed = value_parts(candidates, spoilers, options)
    values[:, ORDER.index("likeness")] = _compare_with_better(candidates, segments)
    for rank, segment in enumerate(segments, start=1):
        if segment.start_s <= instant_s < segment.end_s:
            parts = _show_candidate(candidates, _find_index(candidates, segment), values, weights)
            return Explanation(instant_s=instant_s, rank=rank, segment=segment, parts=parts)
    covering = (candidates.starts_s <= instant_s) & (candidates.ends_s > instant_s)
    refusal = _refuse_place(instant_s, candidates, spoilers, covering, allowed, name_instant)
    if refusal is not None:
        return Explanation(instant_s=instant_s, rank=None, segment=None, refusals=(refusal,))
    scores = np.where(covering & allowed, values @ weights.list_signed(), -np.inf)
    best = int(scores.argmax())
    mine = make_segment(candidates, best, values[best], weights)
    refusal, better = _compare_with_chosen(candidates, best, mine, segments, values, weights, name_instant)
    theirs = None if better is None else values[_find_index(candidates, better)]
    return Explanation(
        instant_s=instant_s,
        rank=None,
        segment=mine,
        parts=_show_candidate(candidates, best, values, weights, theirs),
        better=better,
        refusals=(refusal,),
    )


def _show_candidate(
    candidates: Candidates, index: int, values: Doubles, weights: SegmentWeights, better: Doubles | None = None
) -> tuple[PartShown, ...]:
    """Every part of one candidate."""
    return show_parts(values[index], weights, emotion=name_emotion(candidates, index), better=better)


def _find_index(candidates: Candidates, segment: Segment) -> int:
    """Which candidate a segment is."""
    at = np.flatnonzero((candidates.starts_s == segment.start_s) & (candidates.ends_s == segment.end_s))
    if not len(at):
        raise ValueError(f"the segment at {segment.start_s} s is none of the candidates")
    return int(at[0])


def _compare_with_better(candidates: Candidates, segments: Sequence[Segment]) -> Doubles:
    """How like each candidate is to the most similar segment that was chosen before it: (N,).

    A segment is compared with those ranked above it, any other candidate with all of them.
    """
    likeness = np.zeros(len(candidates))
    own: list[tuple[int, float]] = []
    for segment in segments:
        index = _find_index(candidates, segment)
        own.append((index, float(likeness[index])))
        likeness = np.maximum(likeness, compare_looks(candidates, index))
    for index, value in own:
        likeness[index] = value
    return likeness


def _refuse_place(
    instant_s: float,
    candidates: Candidates,
    spoilers: Sequence[SpoilerZone],
    covering: npt.NDArray[np.bool_],
    allowed: npt.NDArray[np.bool_],
    name: Callable[[float], str],
) -> Refusal | None:
    """Say what keeps every candidate from an instant, whatever its score; None where one may cover it."""
    end_s = float(candidates.borders_s[-1])
    if not 0 <= instant_s < end_s:
        return Refusal(kind="short", text=f"The cut lasts from {name(0.0)} to {name(end_s)}.")
    for aside in candidates.asides:
        if aside.start_s <= instant_s < aside.end_s:
            return Refusal(
                kind="aside",
                text=f"It is not the film itself: {aside.kind} from {name(aside.start_s)} to {name(aside.end_s)}.",
            )
    hard = [zone for zone in spoilers if zone.is_hard]
    for zone in hard:
        if zone.start_s <= instant_s < zone.end_s:
            return Refusal(
                kind="spoiler",
                text=f"It lies in a spoiler zone from {name(zone.start_s)} to {name(zone.end_s)}: {zone.why}.",
            )
    if (covering & allowed).any():
        return None
    starts, ends = candidates.starts_s[covering], candidates.ends_s[covering]
    for zone in hard:
        if len(starts) and ((starts < zone.end_s) & (ends > zone.start_s)).any():
            return Refusal(kind="spoiler", text=f"Every moment around it reaches into a spoiler zone: {zone.why}.")
    if len(starts):
        return Refusal(kind="short", text="No moment around it has a length that is wanted.")
    return _refuse_edges(instant_s, candidates, name)


def _refuse_edges(instant_s: float, candidates: Candidates, name: Callable[[float], str]) -> Refusal:
    """Say why no candidate begins before an instant and ends behind it: a line that would be cut, or too little film."""
    spans = list_free_spans(candidates.asides, float(candidates.borders_s[-1]))
    span = spans[np.maximum(np.searchsorted(spans[:, 0], instant_s, side="right") - 1, 0)]
    if span[1] - span[0] < candidates.shortest_s:
        where = f"Between {name(span[0])} and {name(span[1])}"
        text = f"{where} there is too little film for a moment of {candidates.shortest_s:g} s."
        return Refusal(kind="short", text=text)
    blocks = join_spans((line.start_s, line.end_s) for line in candidates.lines)
    near = candidates.borders_s[np.abs(candidates.borders_s - instant_s) <= candidates.longest_s]
    broken = np.r_[
        near[lies_inside(near, blocks)], [instant_s] if lies_inside(np.array([instant_s]), blocks)[0] else []
    ]
    if len(broken):
        edge_s = float(broken[np.abs(broken - instant_s).argmin()])
        line = _find_line(candidates.lines, edge_s)
        return Refusal(kind="line", text=f"Any moment around it would cut a line at {name(edge_s)}: “{line.text}”.")
    after = int(np.searchsorted(candidates.borders_s, instant_s, side="right"))
    shot = candidates.borders_s[max(after - 1, 0)], candidates.borders_s[min(after, len(candidates.borders_s) - 1)]
    text = f"The shot from {name(shot[0])} to {name(shot[1])} is too short, and so is what could be shown around it."
    return Refusal(kind="short", text=text)


def _find_line(lines: Sequence[Line], instant_s: float) -> Line:
    """The first line that an instant lies inside, or that it lies in a run of."""
    inside = [line for line in lines if line.start_s < instant_s < line.end_s]
    return inside[0] if inside else min(lines, key=lambda line: abs(line.start_s - instant_s))


def _compare_with_chosen(
    candidates: Candidates,
    index: int,
    mine: Segment,
    segments: Sequence[Segment],
    values: Doubles,
    weights: SegmentWeights,
    name: Callable[[float], str],
) -> tuple[Refusal, Segment | None]:
    """Say which segment was preferred to a candidate, and in what: one in its place, one like it, or the last one."""
    if not segments:
        return Refusal(kind="outscored", text="No segments were asked for."), None
    rivals = [s for s in segments if s.start_s < mine.end_s and s.end_s > mine.start_s]
    if rivals:
        better, kind, how = rivals[0], "outscored", "takes its place"
    elif mine.score + weights.likeness * values[index, ORDER.index("likeness")] > segments[-1].score:
        likest = [float(compare_looks(candidates, _find_index(candidates, segment))[index]) for segment in segments]
        better, kind, how = segments[int(np.argmax(likest))], "alike", "is much like it and better"
    else:
        better, kind, how = segments[-1], "outscored", "is the last that was wanted"
    names = show_parts(values[index], weights, emotion="", better=values[_find_index(candidates, better)])
    ahead = sorted(names, key=lambda part: part.adds - (part.better_adds or 0.0))[:3]
    told = ", ".join(
        f"{part.name} {_signed(part.adds)} against {_signed(part.better_adds)}"
        for part in ahead
        if part.better_adds is not None and part.better_adds > part.adds
    )
    text = f"The moment from {name(better.start_s)} to {name(better.end_s)} {how}: {better.score:.2f} against {mine.score:.2f}"
    return Refusal(kind=kind, text=f"{text} ({told})." if told else f"{text}."), better


def _signed(number: float) -> str:
    """Write a number with its sign, and no negative zero."""
    return f"{round(number, 2) + 0.0:+.2f}".replace("-", "\u2212")
