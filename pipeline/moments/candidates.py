"""The nouns of choosing moments: what counts, how much, and the candidates with what was measured of each."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.types import Aside, Bytes, Floats, Line, Segment

PARTS: Mapping[str, str] = {
    "tension_peak": "tension peak",
    "tension_rise": "tension rises",
    "emotion": "an emotion stands out",
    "rarity": "unlike the rest of the film",
    "face": "a face",
    "sound": "a sound event",
    "whole_line": "a whole line",
    "length": "near the wanted length",
}
"""What adds to a score, with what people call it."""

COSTS: Mapping[str, str] = {
    "credits": "looks like titles",
    "dark": "dark picture",
    "blur": "blurred picture",
    "spoiler": "in a soft spoiler zone",
    "likeness": "like a better moment",
}
"""What takes away from a score."""

ORDER = (*PARTS, *COSTS)
"""All parts, in the order of every axis P."""

CHOSEN_LATER = ("length", "spoiler", "likeness")
"""Parts that depend on what is wanted and on what else is chosen; they are found while ranking."""


@dataclass(frozen=True, kw_only=True)
class SegmentWeights:
    """How much each part counts: its value, 0 to 1, is multiplied by this. Set by judgement, fitted to nothing.

    Attributes:
        tension_peak: the highest tension, between the film's median and its 99th percentile.
        tension_rise: how far tension rises from the first second to the last, as a share of the film's range.
        emotion: the mean of the emotion that stands out most above its own median over the film.
        rarity: how far the means of picture and sound lie from those of the whole film.
        face: how large faces are: 1 where one fills half the height of the picture throughout.
        sound: the most sudden sound, the louder the more.
        whole_line: words of lines that are spoken whole; 1 from six words on.
        length: how near the length is to the one that is wanted.
        credits: share of seconds that look like titles on black.
        dark: share of seconds in which nearly all of the picture is black.
        blur: share of seconds in which the picture is blurred.
        spoiler: share of the time inside soft spoiler zones; hard ones are never entered.
        likeness: how like it is to the most similar of the better moments.
    """

    tension_peak: float = 1.0
    tension_rise: float = 0.5
    emotion: float = 0.6
    rarity: float = 0.5
    face: float = 0.4
    sound: float = 0.4
    whole_line: float = 0.3
    length: float = 0.2
    credits: float = 1.0
    dark: float = 0.6
    blur: float = 0.3
    spoiler: float = 1.0
    likeness: float = 0.8

    def __post_init__(self) -> None:
        """Check that the fields are the parts, and that none is negative or endless."""
        if tuple(field.name for field in fields(self)) != ORDER:
            raise ValueError("the weights are not those of the parts")
        if not all(0 <= weight < float("inf") for weight in astuple(self)):
            raise ValueError("a weight is a number, 0 or more")

    def list_signed(self) -> npt.NDArray[np.float64]:
        """The weights in the order of `ORDER`, those of costs negative: (P,)."""
        signs = [1.0] * len(PARTS) + [-1.0] * len(COSTS)
        return np.array(astuple(self), np.float64) * signs


@dataclass(frozen=True, kw_only=True)
class RankOptions:
    """What is wanted of a ranking.

    Attributes:
        most: how many segments are kept.
        shortest_s: they last at least this long, and
        longest_s: at most this long, wherever any candidate does.
        wanted_s: the length that counts as best.
    """

    most: int = 20
    shortest_s: float = 2.0
    longest_s: float = 12.0
    wanted_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Every moment that could be chosen, and what was measured of each; N of them, P parts.

    Attributes:
        starts_s: (N,) float64, seconds of the cut, ascending.
        ends_s: (N,) float64, exclusive.
        parts: (N, P) float32 in 0..1, in the order of `ORDER`; 0 where there is nothing to measure, and for
            `CHOSEN_LATER`.
        emotions: (N,) uint8, which of `emotion_names` stands out most.
        emotion_names: the emotions.
        looks: (N, K) float32 of length 1 or 0: how picture and sound differ from the film's means, for likeness.
        unmeasured: the parts for which this film has no measurement at all.
        borders_s: (M,) float64, where shots begin, and where the last one ends.
        lines: the dialogue.
        asides: what is not the film itself.
        shortest_s: no candidate is shorter, but for a film that is.
        longest_s: no candidate is longer.
    """

    starts_s: npt.NDArray[np.float64]
    ends_s: npt.NDArray[np.float64]
    parts: Floats
    emotions: Bytes
    emotion_names: tuple[str, ...]
    looks: Floats
    unmeasured: tuple[str, ...]
    borders_s: npt.NDArray[np.float64]
    lines: tuple[Line, ...]
    asides: tuple[Aside, ...]
    shortest_s: float
    longest_s: float

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        count = len(self.starts_s)
        for name, dtype, shape in (
            ("starts_s", np.float64, (count,)),
            ("ends_s", np.float64, (count,)),
            ("parts", np.float32, (count, len(ORDER))),
            ("emotions", np.uint8, (count,)),
            ("looks", np.float32, (count, None)),
            ("borders_s", np.float64, (None,)),
        ):
            object.__setattr__(self, name, freeze_array(getattr(self, name), dtype, shape, name))

    def __len__(self) -> int:
        """N."""
        return len(self.starts_s)


REFUSALS = ("aside", "spoiler", "line", "short", "outscored", "alike")
"""Why no segment covers an instant."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One reason for which no segment covers an instant.

    Attributes:
        kind: one of `REFUSALS`.
        text: a full sentence for a person.
    """

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PartShown:
    """One part of one candidate, beside the same part of the segment that was preferred.

    Attributes:
        name: what people call it.
        weight: how much the part counts, negative for a cost.
        value: what was measured, 0 to 1.
        adds: their product.
        better_value: of the segment preferred; None where there is none.
        better_adds: likewise.
    """

    name: str
    weight: float
    value: float
    adds: float
    better_value: float | None = None
    better_adds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why an instant is in a segment, or why it is not.

    Attributes:
        instant_s: the instant, seconds of the cut.
        rank: of the segment that covers it, from 1; None where none does.
        segment: that segment, or else the best candidate that would cover it; None where there is no candidate.
        parts: every part of it, measured or not.
        better: the segment that was preferred; None where none was.
        refusals: why no segment covers it; empty where one does.
    """

    instant_s: float
    rank: int | None
    segment: Segment | None
    parts: tuple[PartShown, ...] = ()
    better: Segment | None = None
    refusals: tuple[Refusal, ...] = ()
