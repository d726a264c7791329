"""The nouns of a sequence: a stretch of a cut that is placed, and the trailer that it is placed in."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from pipeline.arrays import freeze_array
from pipeline.types import Floats, Reason


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A stretch of a cut that is placed in a trailer or a string-out.

    Attributes:
        start_s: the instant of its first frame, seconds of the cut, exact: a multiple of the frame's length.
        end_s: the instant of the frame behind its last, likewise.
        role: what it is there for, in words for a person: a part of the template ("cold open"), or a bin ("screams").
        reasons: why it was chosen.
        is_locked: whether a person has put it there, so that nothing but a person moves it.
    """

    start_s: Fraction
    end_s: Fraction
    role: str
    reasons: tuple[Reason, ...] = ()
    is_locked: bool = False

    def __post_init__(self) -> None:
        """Check what later stages rely on."""
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a clip from {self.start_s} to {self.end_s} s has no length")


@dataclass(frozen=True, kw_only=True)
class Trailer:
    """Clips in playing order.

    Attributes:
        cut_id: the cut that they are from.
        template: the name of the template that it follows.
        target_s: how long it is meant to be, seconds.
        clips: in playing order.
        arc: (N,) float32 in [0, 1], the tension that the template wants in each second of the trailer.
        fit: how well the clips' tension follows the arc, Pearson's r over the trailer's seconds; NaN where one of them
            does not move, or without clips.
        tension: (N,) float32 in [0, 1], the clips' own tension in each second, between the film's lowest and highest
            that may be shown; empty where it was not measured.
        bans: stretches of the cut, from one instant to another, that a person will not have shown.
        notes: what a person should know about this trailer, in full sentences.
    """

    cut_id: str
    template: str
    target_s: Fraction
    clips: tuple[Clip, ...]
    arc: Floats
    fit: float
    tension: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    bans: tuple[tuple[Fraction, Fraction], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("arc", "tension"):
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float32, (None,), name))

    @property
    def duration_s(self) -> Fraction:
        """How long the clips last together, seconds, exact."""
        return sum((clip.end_s - clip.start_s for clip in self.clips), Fraction(0))
