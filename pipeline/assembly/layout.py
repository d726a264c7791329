"""Where clips are wanted in a trailer: the template's slots, laid out around the clips that a person has locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.assembly.material import Frames, list_barred
from pipeline.clock import nearest_frame
from pipeline.sequence import Clip, Trailer
from pipeline.templates import Slot, Template, plan_slots
from pipeline.types import SpoilerZone

LEAST_GAP_S = 0.4
"""A gap between two locked clips that is shorter is closed."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A slot of a trailer, and what a person wants there.

    Attributes:
        slot: the slot.
        clip: the locked clip that fills it; None where the choice is free.
        frame: the frame of the trailer at which that clip begins; None for a free one.
    """

    slot: Slot
    clip: Clip | None = None
    frame: int | None = None


def list_locked(trailer: Trailer | None) -> list[tuple[Clip, Fraction]]:
    """List the locked clips of a trailer, each with the second at which it plays."""
    locked, at_s = [], Fraction(0)
    for clip in trailer.clips if trailer is not None else ():
        if clip.is_locked:
            locked.append((clip, at_s))
        at_s += clip.end_s - clip.start_s
    return locked


def lay_out(
    template: Template, length_s: float, locked: Sequence[tuple[Clip, Fraction]], *, rate: Fraction
) -> tuple[Place, ...]:
    """Lay out the slots of a trailer around what is locked.

    A locked clip keeps its second of the trailer, unless the trailer ends before that; then it comes as late as what
    follows it allows.

    Args:
        template: the kind of trailer.
        length_s: how long it is to be, seconds.
        locked: the locked clips, in playing order, each with the second at which it plays.
        rate: frames a second.

    Returns:
        The places in playing order.
    """
    places: list[Place] = []
    at_s, rest_s = 0.0, sum(float(clip.end_s - clip.start_s) for clip, _ in locked)
    for clip, plays_s in locked:
        lasts_s = float(clip.end_s - clip.start_s)
        start_s = max(at_s, min(float(plays_s), length_s - rest_s))
        start_s = start_s if start_s - at_s >= LEAST_GAP_S else at_s
        places += [Place(slot=slot) for slot in plan_slots(template, length_s, from_s=at_s, to_s=start_s)]
        middle_s = min(start_s + lasts_s / 2, length_s - 1e-6)
        (around,) = plan_slots(template, length_s, from_s=middle_s, to_s=middle_s + 1e-6)
        slot = Slot(start_s=start_s, end_s=start_s + lasts_s, part=around.part, tension=around.tension)
        places.append(Place(slot=slot, clip=clip, frame=nearest_frame(start_s, rate)))
        at_s, rest_s = start_s + lasts_s, rest_s - lasts_s
    if length_s - at_s >= LEAST_GAP_S or not places:
        places += [Place(slot=slot) for slot in plan_slots(template, length_s, from_s=at_s)]
    return tuple(places)


def bar_frames(
    rate: Fraction,
    *,
    spoilers: Sequence[SpoilerZone],
    bans: Sequence[tuple[Fraction, Fraction]],
    clips: Sequence[Clip] = (),
) -> Frames:
    """List the frames that may not be shown: hard zones, bans, and footage that other clips show: (S, 2) int64."""
    zones = [(zone.start_s, zone.end_s) for zone in spoilers if zone.is_hard]
    spans = [*zones, *((float(a), float(b)) for a, b in bans), *((float(c.start_s), float(c.end_s)) for c in clips)]
    return list_barred(spans, rate) if spans else np.zeros((0, 2), np.int64)
