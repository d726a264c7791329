"""Candidate moments of a cut, ranked by named parts that add up to the score.

Two steps: finding and measuring every candidate, once a film; and ranking them, which is quick enough to follow a
person's hand on the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.clock import count_frames, frame_to_seconds, seconds_to_frame, seconds_to_next_frame
from pipeline.encodings import Encodings
from pipeline.moments.candidates import ORDER, Candidates, RankOptions, SegmentWeights
from pipeline.moments.columns import find_story
from pipeline.moments.edges import find_edges, pair_edges
from pipeline.moments.likeness import encode_looks
from pipeline.moments.parts import list_emotions, measure_parts
from pipeline.moments.scores import compare_looks, make_segment, value_parts
from pipeline.sequence import Clip
from pipeline.templates import TEMPLATES, choose_moment_lengths
from pipeline.types import Curves, Cut, Features, Line, Segment, SpoilerZone


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """What makes a candidate.

    Attributes:
        shortest_s: a candidate lasts at least this long; a shorter film is one candidate.
        longest_s: and at most this long.
    """

    shortest_s: float = 2.0
    longest_s: float = 12.0


def rank_segments(
    features: Features,
    curves: Curves,
    lines: Sequence[Line],
    *,
    cut: Cut,
    spoilers: Sequence[SpoilerZone] = (),
    weights: SegmentWeights | None = None,
    options: RankOptions | None = None,
) -> tuple[Segment, ...]:
    """Rank the moments of a cut: `find_candidates`, then `rank_candidates`.

    Args:
        features: the cut's measurements.
        curves: its curves.
        lines: its dialogue; empty without a transcript.
        cut: the cut, for its length and its rate.
        spoilers: what gives the story away.
        weights: how much each part counts.
        options: lengths, and how many.

    Returns:
        Segments, best first, none overlapping.
    """
    candidates = find_candidates(features, curves, lines, cut=cut)
    return rank_candidates(candidates, spoilers=spoilers, weights=weights, options=options)


def find_candidates(
    features: Features,
    curves: Curves,
    lines: Sequence[Line],
    *,
    cut: Cut,
    options: SegmentOptions | None = None,
    encodings: Encodings | None = None,
) -> Candidates:
    """Find every moment that could be chosen, and measure it.

    A candidate is a run of whole shots that touches no aside and breaks no line. Where a line runs over a shot's border,
    or a shot is longer than a candidate may be, it begins or ends in a pause inside a shot, of which it then shows 12
    frames at least.

    Args:
        features: the cut's measurements. Parts whose measurement is missing or NaN are no parts.
        curves: its curves.
        lines: its dialogue.
        cut: the cut.
        options: lengths.
        encodings: what encoders made of the cut: with them, likeness is judged by what is seen, heard and said; without,
            by the measurements of picture and sound.

    Returns:
        The candidates.
    """
    options = options or SegmentOptions()
    edges = find_edges(cut, features.shot_starts_s, lines, features.asides, long_s=options.longest_s)
    starts, ends = pair_edges(edges, cut, shortest_s=options.shortest_s, longest_s=options.longest_s)
    parts, emotions, looks, unmeasured = measure_parts(starts, ends, features, curves, lines)
    if encodings is not None:
        looks = encode_looks(starts, ends, encodings, story=find_story(features))
    return Candidates(
        starts_s=starts,
        ends_s=ends,
        parts=parts,
        emotions=emotions,
        emotion_names=list_emotions(curves),
        looks=looks,
        unmeasured=unmeasured,
        borders_s=edges.borders_s,
        lines=tuple(lines),
        asides=tuple(features.asides),
        shortest_s=options.shortest_s,
        longest_s=options.longest_s,
    )


def rank_candidates(
    candidates: Candidates,
    *,
    spoilers: Sequence[SpoilerZone] = (),
    weights: SegmentWeights | None = None,
    options: RankOptions | None = None,
) -> tuple[Segment, ...]:
    """Rank candidates: again and again the best of those left, which costs those that are like it.

    Args:
        candidates: what could be chosen.
        spoilers: nothing chosen touches a hard zone; soft ones cost.
        weights: how much each part counts.
        options: lengths, and how many.

    Returns:
        Segments, best first, none overlapping. Each one's reasons add up to its score.
    """
    weights, options = weights or SegmentWeights(), options or RankOptions()
    values, left = value_parts(candidates, spoilers, options)
    scores = values @ weights.list_signed()
    likeness = np.zeros(len(candidates))
    segments: list[Segment] = []
    while left.any() and len(segments) < options.most:
        best = int(np.where(left, scores - weights.likeness * likeness, -np.inf).argmax())
        values[best, ORDER.index("likeness")] = likeness[best]
        segments.append(make_segment(candidates, best, values[best], weights))
        left &= (candidates.ends_s <= candidates.starts_s[best]) | (candidates.starts_s >= candidates.ends_s[best])
        likeness = np.maximum(likeness, compare_looks(candidates, best))
    return tuple(sorted(segments, key=lambda segment: (-segment.score, segment.start_s)))


def choose_lengths(template: str, *, most: int) -> RankOptions:
    """Choose the lengths that suit a kind of trailer, one of `TEMPLATES`."""
    shortest_s, longest_s, wanted_s = choose_moment_lengths(TEMPLATES[template])
    return RankOptions(most=most, shortest_s=shortest_s, longest_s=longest_s, wanted_s=wanted_s)


def segments_to_clips(segments: Sequence[Segment], cut: Cut, *, role: str = "segment") -> tuple[Clip, ...]:
    """Turn segments into clips that are exact on the cut's frames, in their order.

    A clip begins with the frame on show at the segment's start and ends behind the last one of which it shows anything,
    or with the cut.

    Args:
        segments: in playing order.
        cut: the cut, for its rate.
        role: what the clips are there for: a bin's name, say.

    Returns:
        A clip for each segment that holds a frame.
    """
    rate, clips = cut.timecode_rate, []
    last = count_frames(cut.duration_s, rate)
    for segment in segments:
        start = max(seconds_to_frame(float(segment.start_s), rate), 0)
        end = min(max(seconds_to_next_frame(float(segment.end_s), rate), start + 1), last)
        if start < end:
            start_s, end_s = (frame_to_seconds(frame, rate) for frame in (start, end))
            clips.append(Clip(start_s=start_s, end_s=end_s, role=role, reasons=segment.reasons))
    return tuple(clips)
