"""What a trailer may be cut from: stretches of a film, on its frames, with what was measured of each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.clock import count_frames, frames_to_seconds, nearest_frame, seconds_to_frames
from pipeline.moments.candidates import ORDER
from pipeline.moments.columns import find_story, rank_share, read_column
from pipeline.moments.edges import (
    LEAST_FRAMES,
    Edges,
    find_edges,
    join_spans,
    lies_inside,
    pair_edges,
    touches_spans,
)
from pipeline.moments.parts import Windows, list_emotions, measure_parts
from pipeline.sequence import Clip
from pipeline.types import Bools, Bytes, Curves, Cut, Features, Floats, Line

Doubles = npt.NDArray[np.float64]
Frames = npt.NDArray[np.int64]

SIZES_S = ((0.5, 1.5, 1.0), (1.5, 4.0, 2.0), (4.0, 10.0, 6.0))
"""Stretches are looked for in three sizes: how short and how long they are, and from what length on a shot is divided for
them, at whole seconds and in pauses."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Every stretch that a trailer could show, N of them, by start and then by end; frames are those of the cut.

    Attributes:
        cut: the cut.
        starts: (N,) int64, the first frame of each.
        ends: (N,) int64, the frame behind the last.
        parts: (N, P) float32 in 0..1, in the order of `pipeline.moments.candidates.ORDER`.
        quiet: (N,) float32 in 0..1, how much of the film is louder; 0.5 without sound.
        emotions: (N,) uint8, which of `emotion_names` stands out most.
        emotion_names: the emotions.
        looks: (N, K) float32 of length 1 or 0, for likeness.
        tension: (T,) float32, the film's tension in each second, as the network gives it.
        story: (T,) bool, which seconds belong to the film itself.
        borders: (M,) int64, the frames at which shots begin, and the one behind the film's last.
        spoken: (L, 2) int64, stretches of frames that lines cover; those that overlap are one.
        free: (S, 2) int64, stretches of frames between asides.
    """

    cut: Cut
    starts: Frames
    ends: Frames
    parts: Floats
    quiet: Floats
    emotions: Bytes
    emotion_names: tuple[str, ...]
    looks: Floats
    tension: Floats
    story: Bools
    borders: Frames
    spoken: Frames
    free: Frames

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        count = len(self.starts)
        for name, dtype, shape in (
            ("starts", np.int64, (count,)),
            ("ends", np.int64, (count,)),
            ("parts", np.float32, (count, len(ORDER))),
            ("quiet", np.float32, (count,)),
            ("emotions", np.uint8, (count,)),
            ("looks", np.float32, (count, None)),
            ("tension", np.float32, (None,)),
            ("story", np.bool_, (len(self.tension),)),
            ("borders", np.int64, (None,)),
            ("spoken", np.int64, (None, 2)),
            ("free", np.int64, (None, 2)),
        ):
            object.__setattr__(self, name, freeze_array(getattr(self, name), dtype, shape, name))

    def __len__(self) -> int:
        """N."""
        return len(self.starts)

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.cut.timecode_rate


def find_material(features: Features, curves: Curves, lines: Sequence[Line], *, cut: Cut) -> Material:
    """Find every stretch of a film that a trailer could show, and measure it, once a film.

    A stretch is a run of whole shots, or a part of one shot of `LEAST_FRAMES` at least. It touches no aside and breaks no
    line.

    Args:
        features: the cut's measurements.
        curves: its curves.
        lines: its dialogue; empty without a transcript.
        cut: the cut.

    Returns:
        The material; without a stretch where nothing may be shown.
    """
    pairs = []
    for shortest_s, longest_s, long_s in SIZES_S:
        edges = find_edges(cut, features.shot_starts_s, lines, features.asides, long_s=long_s)
        pairs.append(np.stack(pair_edges(edges, cut, shortest_s=shortest_s, longest_s=longest_s), axis=1))
    rate, last = cut.timecode_rate, count_frames(cut.duration_s, cut.timecode_rate)
    spoken = _lay_lines(lines, rate)
    free = _snap_free(edges, cut)
    frames = np.minimum(snap_frames(np.concatenate(pairs).ravel(), cut), last).reshape(-1, 2)
    frames = _keep_free(np.unique(frames, axis=0), free)
    borders = np.unique(np.minimum(snap_frames(edges.borders_s, cut), last))
    frames = frames[_is_legal(frames, spoken, borders)]
    seconds = frames_to_seconds(frames, rate)
    parts, emotions, looks, _ = measure_parts(seconds[:, 0], seconds[:, 1], features, curves, lines)
    story = find_story(features)
    loudness = rank_share(read_column(features, "audio", "loudness"), story)
    windows = Windows(seconds[:, 0], seconds[:, 1], features.seconds)
    return Material(
        cut=cut,
        starts=frames[:, 0],
        ends=frames[:, 1],
        parts=parts,
        quiet=(1 - windows.average(np.where(np.isfinite(loudness), loudness, 0.5))).astype(np.float32),
        emotions=emotions,
        emotion_names=list_emotions(curves),
        looks=looks,
        tension=curves.curve("tension"),
        story=story,
        borders=borders,
        spoken=spoken,
        free=free,
    )


def snap_frames(instants_s: Doubles, cut: Cut) -> Frames:
    """The first frame that comes on show at each instant or later, a float's slack allowed: (N,) int64."""
    return -seconds_to_frames(-instants_s, cut.timecode_rate)


def list_barred(spans_s: Iterable[tuple[float, float]], rate: Fraction) -> Frames:
    """The frames that stretches of a film cover wholly or in part, as stretches of frames: (S, 2) int64."""
    frame = float(rate)
    rows = [(math.floor(start * frame + 1e-6), math.ceil(end * frame - 1e-6)) for start, end in spans_s]
    return np.array(rows, np.int64).reshape(-1, 2)


def clip_to_frames(clip: Clip, rate: Fraction) -> tuple[int, int]:
    """The first frame of a clip and the one behind its last."""
    return nearest_frame(clip.start_s, rate), nearest_frame(clip.end_s, rate)


def find_allowed(material: Material, barred: Frames) -> Bools:
    """Say which stretches of the material touch nothing that is barred: (N,) bool."""
    return ~touches_spans(material.starts.astype(np.float64), material.ends.astype(np.float64), _pair(barred))


def count_allowed(material: Material, barred: Frames) -> int:
    """How many frames of the film may be shown at all: those of any stretch that is allowed."""
    allowed = find_allowed(material, barred)
    joined = join_spans(zip(material.starts[allowed].tolist(), material.ends[allowed].tolist(), strict=True))
    return int((joined[:, 1] - joined[:, 0]).sum())


def _lay_lines(lines: Sequence[Line], rate: Fraction) -> Frames:
    """The frames on show while anything is said: (L, 2) int64."""
    spans = list_barred([(line.start_s, line.end_s) for line in lines if line.end_s > line.start_s], rate)
    return join_spans((float(a), float(b)) for a, b in spans).astype(np.int64)


def _snap_free(edges: Edges, cut: Cut) -> Frames:
    """The frames between asides, none of which an aside covers in part: (S, 2) int64."""
    first = snap_frames(edges.spans_s[:, 0], cut)
    end = np.minimum(
        seconds_to_frames(edges.spans_s[:, 1], cut.timecode_rate), count_frames(cut.duration_s, cut.timecode_rate)
    )
    return np.stack([first, np.maximum(end, first)], axis=1)


def _keep_free(frames: Frames, free: Frames) -> Frames:
    """Stretches without the frame that an aside covers in part, where they reach one: (N, 2) int64."""
    if not len(free):
        return frames[:0]
    span = np.maximum(np.searchsorted(free[:, 0], frames[:, 0], side="right") - 1, 0)
    starts, ends = np.maximum(frames[:, 0], free[span, 0]), np.minimum(frames[:, 1], free[span, 1])
    return np.stack([starts, ends], axis=1)


def _is_legal(frames: Frames, spoken: Frames, borders: Frames) -> Bools:
    """Say which stretches, once on frames, still have a length, break no line, and show no sliver of a shot: (N,) bool."""
    starts, ends = frames.T
    blocks = spoken.astype(np.float64)
    breaks = lies_inside(starts + 0.0, blocks) | lies_inside(ends + 0.0, blocks)
    following = borders[np.minimum(np.searchsorted(borders, starts, side="right"), len(borders) - 1)]
    preceding = borders[np.maximum(np.searchsorted(borders, ends, side="left") - 1, 0)]
    is_whole_head, is_whole_tail = np.isin(starts, borders), np.isin(ends, borders)
    head = is_whole_head | (np.minimum(following, ends) - starts >= LEAST_FRAMES)
    tail = is_whole_tail | (ends - np.maximum(preceding, starts) >= LEAST_FRAMES)
    return np.asarray((ends > starts) & ~breaks & head & tail, np.bool_)


def _pair(spans: Frames) -> list[tuple[float, float]]:
    """Spans as pairs of floats."""
    return [(float(a), float(b)) for a, b in spans]
