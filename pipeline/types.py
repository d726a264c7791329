"""The nouns every stage speaks in: frozen, keyword-only, arrays read-only, shapes checked once.

Axis letters: B batch, T seconds, C curves, D features, N items, H W pixels. Row t of every per-second array
covers the seconds [t, t+1) of its cut, and T = ceil(duration).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.clock import find_label_rate, seconds_to_timecode
from pipeline.effects import Effects

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

STREAMS = ("frames", "audio", "transcript")
"""The three streams, in the order of every axis of length 3."""

STREAM_WORDS: Mapping[str, str] = {"frames": "picture", "audio": "sound", "transcript": "words"}
"""What people call each stream."""

CURVES = ("tension", "arousal", "valence", "joy", "love", "fear", "anger", "sadness", "relief")
"""The curves, in the order of every axis C."""

CURVE_RANGE: Mapping[str, tuple[float, float]] = {
    name: (-1.0, 1.0) if name == "valence" else (0.0, 1.0) for name in CURVES
}
"""The range of each curve."""

GRID_HZ = 25
"""Pictures and sound are measured this many times a second, as in the studyforrest measurements."""

LEVEL_BANDS = 24
"""So many bands of the sound are measured to know it again."""

BOUNDARIES = ("cut", "fade", "dissolve")
"""How one shot can give way to the next."""

ASIDES = ("bars", "slate", "black", "logo", "credits")
"""What stands before the beginning of a film and behind its end."""

SOUND_HZ = 48_000
"""The sample rate at which sound is measured."""

SOUND_ONLY_RATE = Fraction(25)
"""Frames a second that timecode counts where a cut has no picture to set a rate."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One version of an edit, as its file describes it.

    Attributes:
        cut_id: content id: the first 16 hex digits of the SHA-256 of the file's bytes.
        path: the media file.
        title: what people call it.
        duration_s: seconds, exact, > 0: the longer of picture and sound.
        frame_rate: pictures a second, exact (24000/1001, never 23.976), nominal where it varies; None without a picture.
        start_timecode: the label of second 0, the container's or a person's, `HH:MM:SS:FF` or `HH:MM:SS;FF` for
            drop-frame; None for 00:00:00:00.
        width: pixels of the picture as stored; 0 without a picture.
        height: pixels of the picture as stored; 0 without a picture.
        streams: which of `STREAMS` it has.
        transcript_path: the subtitle file given beside it; None where the container's own track is used, or there is none.
        audio_channels: channels of the sound; 0 without sound, and where the file does not say before it is decoded.
    """

    cut_id: str
    path: Path
    title: str
    duration_s: Fraction
    frame_rate: Fraction | None
    start_timecode: str | None
    width: int
    height: int
    streams: tuple[str, ...]
    transcript_path: Path | None = None
    audio_channels: int = 0

    def __post_init__(self) -> None:
        """Check what later stages rely on."""
        if self.duration_s <= 0:
            raise ValueError("a cut lasts longer than 0 seconds")
        if not set(self.streams) <= set(STREAMS):
            raise ValueError(f"unknown streams {self.streams}")
        if ("frames" in self.streams) != (self.frame_rate is not None):
            raise ValueError("a cut has a frame rate when, and only when, it has a picture")

    @property
    def seconds(self) -> int:
        """T, the number of rows of every per-second array."""
        return math.ceil(self.duration_s)

    @property
    def timecode_rate(self) -> Fraction:
        """Frames a second in which places are counted: the frame rate, if there is a picture to have one."""
        return self.frame_rate or SOUND_ONLY_RATE

    @property
    def label_rate(self) -> Fraction:
        """Frames a second that timecode's labels count: the same, or as `find_label_rate` where that is no such rate."""
        return find_label_rate(self.timecode_rate)

    def timecode(self, instant_s: Fraction | float) -> str:
        """The timecode of the frame on show at an instant, seconds of the cut, as `seconds_to_timecode` takes it."""
        return seconds_to_timecode(instant_s, self.label_rate, start_timecode=self.start_timecode)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One timed line of the transcript.

    Attributes:
        start_s: when it begins, seconds of the cut, >= 0.
        end_s: when it ends, >= start_s.
        text: what is said, without markup; line breaks are spaces.
    """

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A stretch of a cut that is not the film itself: before its beginning or behind its end.

    Attributes:
        start_s: where it begins, seconds of the cut.
        end_s: where it ends, exclusive.
        kind: one of `ASIDES`.
    """

    start_s: float
    end_s: float
    kind: str


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is measured of each second, per stream.

    Attributes:
        frames: (T, Df) float32.
        audio: (T, Da) float32.
        transcript: (T, Dt) float32.
        present: (T, 3) bool, which streams have something to say in that second; rows of an absent stream are 0.
        shot_starts_s: (N,) float64, the presentation time of each shot's first picture; the first is the film's.
        columns: for each stream the name of every column.
        extractors: for each stream what made it, with its version.
        draft: (T,) bool, seconds whose picture was measured from key frames alone, until all of it has been read.
        unmeasured: the columns of `frames` that key frames alone do not tell; in seconds of a draft they mean nothing.
        details: by name, (T,) float32 of what is measured beside, and no network reads; NaN where there is nothing to
            measure. `pipeline.features.details` lists them.
        shot_kinds: how each shot begins, one of `BOUNDARIES`; empty where that was not found out.
        asides: stretches that are not the film itself, in order.
    """

    frames: Floats
    audio: Floats
    transcript: Floats
    present: Bools
    shot_starts_s: npt.NDArray[np.float64]
    columns: Mapping[str, tuple[str, ...]]
    extractors: Mapping[str, str]
    draft: Bools
    unmeasured: tuple[str, ...] = ()
    details: Mapping[str, Floats] = field(default_factory=dict)
    shot_kinds: tuple[str, ...] = ()
    asides: tuple[Aside, ...] = ()

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        seconds = len(self.present)
        for name in STREAMS:
            shape = (seconds, len(self.columns[name]))
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float32, shape, name))
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds values that are not finite")
        object.__setattr__(self, "present", freeze_array(self.present, np.bool_, (seconds, 3), "present"))
        object.__setattr__(self, "draft", freeze_array(self.draft, np.bool_, (seconds,), "draft"))
        starts = freeze_array(self.shot_starts_s, np.float64, (None,), "shot_starts_s")
        object.__setattr__(self, "shot_starts_s", starts)
        if self.shot_kinds and len(self.shot_kinds) != len(starts):
            raise ValueError(f"{len(self.shot_kinds)} kinds of boundary for {len(starts)} shots")
        details = {name: freeze_array(row, np.float32, (seconds,), name) for name, row in self.details.items()}
        object.__setattr__(self, "details", details)

    @property
    def seconds(self) -> int:
        """T."""
        return len(self.present)


@dataclass(frozen=True, kw_only=True)
class Curves:
    """What the network says of each second.

    Attributes:
        names: the curves, C of them, in the order of `CURVES`.
        values: (T, C) float32, each in its `CURVE_RANGE`.
        low: (T, C) float32, the lower edge of the band, <= values.
        high: (T, C) float32, the upper edge of the band, >= values.
        shares: (T, C, 3) float32 in [0, 1], how much each stream had to do with it; sums to 1, or to 0 where all are absent.
        model_id: which weights said so.
    """

    names: tuple[str, ...]
    values: Floats
    low: Floats
    high: Floats
    shares: Floats
    model_id: str

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        shape = (len(self.values), len(self.names))
        for name in ("values", "low", "high"):
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float32, shape, name))
        object.__setattr__(self, "shares", freeze_array(self.shares, np.float32, (*shape, 3), "shares"))
        for name in ("values", "low", "high", "shares"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds values that are not finite")
        if not ((self.low <= self.values) & (self.values <= self.high)).all():
            raise ValueError("a curve lies outside its band")

    def curve(self, name: str) -> Floats:
        """The values of one curve: (T,)."""
        values: Floats = self.values[:, self.names.index(name)]
        return values


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One named part of a segment's score.

    Attributes:
        name: what it is, in words people use.
        weight: how much it adds to the score (takes away, if negative).
        value: what was measured, 0 to 1; the weight is this times what a person lets the part count. None where the
            weight is all there is to say.
    """

    name: str
    weight: float
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A candidate moment of a cut.

    Attributes:
        start_s: where it begins, seconds of the cut.
        end_s: where it ends, exclusive.
        score: the sum of its reasons' weights.
        reasons: why it is a candidate.
    """

    start_s: float
    end_s: float
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class SpoilerZone:
    """A stretch of a cut that gives the story away.

    Attributes:
        start_s: where it begins, seconds of the cut.
        end_s: where it ends, exclusive.
        why: what is given away, or what makes the program think so, in words for a person.
        is_hard: whether nothing of it may be shown; a soft zone only costs.
    """

    start_s: float
    end_s: float
    why: str
    is_hard: bool = True

    def __post_init__(self) -> None:
        """Check what later stages rely on."""
        if not self.start_s < self.end_s:
            raise ValueError(f"a spoiler zone from {self.start_s} to {self.end_s} s has no length")


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """All that is known of one cut, with where it came from: what the library keeps.

    Attributes:
        cut: the cut.
        features: its measurements.
        curves: its curves.
        segments: its candidate moments, best first.
        lines: the transcript's lines; empty without a transcript.
        notes: what a person should know about this analysis, in full sentences (a stream that is absent, say).
        effects: what moved the curves where; None for a draft.
        provenance: what made it: program, models, extractors, each with its version. Holds no clock time, so two
            analyses of one file by one version are equal.
    """

    cut: Cut
    features: Features
    curves: Curves
    segments: tuple[Segment, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    effects: Effects | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a piece of long work has come.

    Attributes:
        stage: what is being done, in words for a person ("Reading picture and sound").
        done: share of the whole work that is finished, 0 to 1, never falling.
        position_s: where in the film the stage is, seconds of the cut.
    """

    stage: str
    done: float
    position_s: float


Report = Callable[[Progress], None]
"""Called as work goes along; it may raise `Cancelled` to stop the work."""


def ignore_progress(progress: Progress) -> None:
    """Report to nobody."""
