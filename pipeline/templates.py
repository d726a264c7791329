"""The kinds of trailer: how long each is, the tension it wants from beginning to end, and how quickly it cuts.

The parts follow what the craft agrees on: a cold open, a medium beat, a low one that tells the story, a rise, a beat of
silence, a button. Lengths are those of the trade: exhibitors ask for 120 s, and show at most 150. The numbers inside
were set by judgement, and fitted to nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from pipeline.types import Floats

LEAST_PART_S = 0.8
"""A part that comes out shorter, in a trailer that must be shorter than its template, is left out."""

LEAST_SLOT_S = 0.4
"""No clip is wanted shorter than this."""

LEAST_MOMENT_S = 2.0
"""No moment of a film is offered shorter than this, whatever the trailer."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a template.

    Attributes:
        name: what people call it; clips carry it as their role.
        share: how much of the trailer it takes, 0 to 1.
        tension: what the arc wants at its beginning and at its end, 0 to 1.
        clip_s: how long clips are wanted at its beginning and at its end, seconds.
        keeps_story_order: whether its clips follow the film's order among themselves and after those of earlier parts
            that do.
        wants: for names of parts of a moment's score, and for `quiet`, how much each counts here.
    """

    name: str
    share: float
    tension: tuple[float, float]
    clip_s: tuple[float, float]
    keeps_story_order: bool = False
    wants: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Template:
    """A kind of trailer.

    Attributes:
        name: the word for it.
        title: what people call it.
        length_s: how long it is, whole seconds.
        parts: in playing order; their shares sum to 1.
        aspect: width over height of its picture; None for the film's own.
    """

    name: str
    title: str
    length_s: int
    parts: tuple[Part, ...]
    aspect: Fraction | None = None

    def __post_init__(self) -> None:
        """Check that the parts make a whole."""
        if abs(sum(part.share for part in self.parts) - 1) > 1e-9:
            raise ValueError(f"the parts of {self.name} are not a whole")

    @property
    def keeps_story_order(self) -> bool:
        """Whether any of it follows the film's order."""
        return any(part.keeps_story_order for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A place for one clip.

    Attributes:
        start_s: where it is meant to begin, seconds of the trailer.
        end_s: where it is meant to end.
        part: the part it belongs to.
        tension: what the arc wants in its middle, 0 to 1.
    """

    start_s: float
    end_s: float
    part: Part
    tension: float

    @property
    def length_s(self) -> float:
        """How long its clip is wanted, seconds."""
        return self.end_s - self.start_s


def choose_moment_lengths(template: Template) -> tuple[float, float, float]:
    """Choose how long the moments of a film should be that a template is made of.

    A moment is best as long as the template's longest clip, and may be twice as long; clips are cut out of it.

    Args:
        template: the template.

    Returns:
        The shortest, the longest and the best length, seconds.
    """
    longest_clip_s = max(max(part.clip_s) for part in template.parts)
    best_s = max(longest_clip_s, LEAST_MOMENT_S)
    return LEAST_MOMENT_S, 2 * best_s, best_s


def place_parts(template: Template, length_s: float) -> tuple[tuple[float, float, Part], ...]:
    """Place the parts of a template in a trailer of some length, those that come out too short left out.

    Args:
        template: the template.
        length_s: how long the trailer is, > 0.

    Returns:
        For each part where it begins and ends, seconds of the trailer, without a gap.
    """
    kept = [part for part in template.parts if part.share * length_s >= LEAST_PART_S]
    kept = kept or [max(template.parts, key=lambda part: part.share)]
    ends = np.cumsum([part.share for part in kept])
    ends = ends / ends[-1] * length_s
    starts = np.r_[0.0, ends[:-1]]
    return tuple(zip(starts.tolist(), ends.tolist(), kept, strict=True))


def draw_arc(template: Template, length_s: float) -> Floats:
    """Draw the tension that a template wants in each second of a trailer.

    Args:
        template: the template.
        length_s: how long the trailer is, > 0.

    Returns:
        (ceil(length_s),) float32 in [0, 1], the value in each second's middle: a straight line within every part, with
        the leaps between them that the template makes.
    """
    middles = np.minimum(np.arange(math.ceil(length_s)) + 0.5, length_s)
    arc = np.zeros(len(middles), np.float32)
    for start_s, end_s, part in place_parts(template, length_s):
        inside = middles >= start_s
        arc[inside] = np.interp(middles[inside], (start_s, end_s), part.tension)
    return arc


def plan_slots(
    template: Template, length_s: float, *, from_s: float = 0.0, to_s: float | None = None
) -> tuple[Slot, ...]:
    """Lay out places for clips along a template's pace.

    Args:
        template: the template.
        length_s: how long the whole trailer is, > 0.
        from_s: plan from this second of the trailer on,
        to_s: to this one; to its end if None. What lies outside is planned already.

    Returns:
        The slots in order, covering the stretch without a gap.
    """
    to_s = length_s if to_s is None else to_s
    slots = []
    for start_s, end_s, part in place_parts(template, length_s):
        first_s, last_s = max(start_s, from_s), min(end_s, to_s)
        if last_s - first_s <= 1e-9:
            continue
        wanted = np.interp(np.array([first_s, last_s]), (start_s, end_s), part.clip_s)
        count = max(1, round((last_s - first_s) / float(np.mean(wanted))))
        lengths = np.linspace(wanted[0], wanted[1], count) if count > 1 else np.ones(1)
        edges = first_s + np.r_[0.0, np.cumsum(lengths)] / lengths.sum() * (last_s - first_s)
        slots += [
            Slot(
                start_s=a,
                end_s=b,
                part=part,
                tension=float(np.interp((a + b) / 2, (start_s, end_s), part.tension)),
            )
            for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
    return _merge_slivers(slots)


def _merge_slivers(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Give slots that are too short for a clip to the one before, or behind."""
    merged: list[Slot] = []
    for slot in slots:
        if merged and min(slot.length_s, merged[-1].length_s) < LEAST_SLOT_S:
            longer = max(merged[-1], slot, key=lambda one: one.length_s)
            merged[-1] = replace(longer, start_s=merged[-1].start_s, end_s=slot.end_s)
        else:
            merged.append(slot)
    return tuple(merged)


def _make_parts(
    shares: tuple[float, ...], clips_s: tuple[tuple[float, float], ...], *, in_order: bool
) -> tuple[Part, ...]:
    """The six parts, with their shares and clip lengths; the middle ones follow the story where that is wanted."""
    wants: tuple[Mapping[str, float], ...] = (
        {"rarity": 0.5, "sound": 0.3, "face": 0.2},
        {"face": 0.4, "whole_line": 0.3},
        {"whole_line": 0.8, "face": 0.3},
        {"tension_peak": 0.3, "sound": 0.4, "emotion": 0.3},
        {"quiet": 1.0, "face": 0.3},
        {"whole_line": 0.5, "sound": 0.3, "emotion": 0.3},
    )
    names = ("cold open", "medium", "low for story", "rise", "silence", "button")
    tensions = ((0.8, 0.7), (0.4, 0.45), (0.2, 0.3), (0.45, 1.0), (0.1, 0.1), (0.75, 0.85))
    ordered = (False, True, True, True, False, False)
    return tuple(
        Part(name=name, share=share, tension=tension, clip_s=clip_s, keeps_story_order=in_order and follows, wants=want)
        for name, share, tension, clip_s, follows, want in zip(
            names, shares, tensions, clips_s, ordered, wants, strict=True
        )
    )


_FULL = (0.08, 0.17, 0.25, 0.38, 0.04, 0.08)
_FULL_PACE = ((2.5, 2.0), (3.0, 2.5), (4.0, 3.0), (2.0, 0.6), (3.0, 3.0), (2.5, 2.5))
_SHORT = (0.12, 0.15, 0.20, 0.35, 0.06, 0.12)

TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template(
            name="teaser",
            title="Teaser, 60 s",
            length_s=60,
            parts=_make_parts(
                _FULL, ((3.0, 2.5), (3.0, 2.5), (4.0, 3.0), (2.0, 0.8), (2.5, 2.5), (2.5, 2.5)), in_order=False
            ),
        ),
        Template(
            name="theatrical",
            title="Theatrical trailer, 150 s",
            length_s=150,
            parts=_make_parts(_FULL, _FULL_PACE, in_order=True),
        ),
        Template(
            name="theatrical120",
            title="Theatrical trailer, 120 s",
            length_s=120,
            parts=_make_parts(_FULL, _FULL_PACE, in_order=True),
        ),
        Template(
            name="spot30",
            title="TV spot, 30 s",
            length_s=30,
            parts=_make_parts(
                _SHORT, ((2.0, 1.6), (2.2, 1.8), (3.0, 2.0), (1.5, 0.7), (1.8, 1.8), (2.0, 2.0)), in_order=False
            ),
        ),
        Template(
            name="spot15",
            title="TV spot, 15 s",
            length_s=15,
            parts=_make_parts(
                _SHORT, ((1.8, 1.5), (1.6, 1.4), (2.0, 1.6), (1.2, 0.6), (1.0, 1.0), (1.8, 1.8)), in_order=False
            ),
        ),
        Template(
            name="social",
            title="Social, upright, 30 s",
            length_s=30,
            parts=_make_parts(
                _SHORT, ((2.0, 1.6), (3.0, 2.5), (5.0, 3.0), (2.0, 1.0), (1.8, 1.8), (2.5, 2.5)), in_order=False
            ),
            aspect=Fraction(9, 16),
        ),
    )
}
"""Every kind of trailer, by name."""
