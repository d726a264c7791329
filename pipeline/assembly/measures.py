"""What every stretch of the material costs in every slot of a trailer, by named parts."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.assembly.layout import Place
from pipeline.assembly.material import Frames, Material, clip_to_frames, find_allowed, list_barred
from pipeline.assembly.problem import AssemblyWeights, Options, Problem
from pipeline.clock import frames_to_seconds, nearest_frame
from pipeline.moments.candidates import COSTS, ORDER, PARTS, SegmentWeights
from pipeline.sequence import Clip
from pipeline.templates import Slot
from pipeline.types import Reason, SpoilerZone

Doubles = npt.NDArray[np.float64]

FLAWS = ("credits", "dark", "blur", "spoiler")
"""The costs of a moment that count wherever it stands."""

WORDS: Mapping[str, str] = {
    **PARTS,
    **COSTS,
    "arc": "tension off the arc",
    "pace": "length off the pace",
    "place": "off its place in the story",
    "quiet": "quiet",
}
"""What people call the parts of a clip's cost."""

PLACES = 20
"""A slot's options come from every twentieth of the film."""


class Measures:
    """What the stretches that may be shown, N of them, come to, whatever the slot."""

    def __init__(
        self, material: Material, *, spoilers: Sequence[SpoilerZone], barred: Frames, weights: AssemblyWeights
    ) -> None:
        """Measure.

        Args:
            material: what could be shown.
            spoilers: soft zones cost; hard ones are among `barred`.
            barred: (S, 2) frames that may not be shown.
            weights: what counts.
        """
        self._material, self._weights = material, weights
        rate = material.rate
        self.allowed = np.flatnonzero(find_allowed(material, barred))
        self.starts, self.ends = material.starts[self.allowed], material.ends[self.allowed]
        self.lengths_s = frames_to_seconds(self.ends - self.starts, rate)
        self.tension = average_tension(
            scale_tension(material, barred), *(frames_to_seconds(edges, rate) for edges in (self.starts, self.ends))
        )
        self._values: dict[str, Doubles] = {
            name: material.parts[self.allowed, i].astype(np.float64) for i, name in enumerate(ORDER)
        }
        self._values["quiet"] = material.quiet[self.allowed].astype(np.float64)
        inside = np.zeros(len(self.allowed))
        for start, end in list_barred([(z.start_s, z.end_s) for z in spoilers if not z.is_hard], material.rate):
            inside += frames_to_seconds(
                np.clip(np.minimum(self.ends, end) - np.maximum(self.starts, start), 0, None), rate
            )
        self._values["spoiler"] = np.minimum(inside / np.maximum(self.lengths_s, 1e-9), 1)
        places = self.starts / max(float(material.borders[-1]), 1.0)
        self.places = places / max(float(places.max(initial=0)), 1e-9)

    def cost_parts(self, slot: Slot, *, expected: float | None) -> Mapping[str, tuple[Doubles, Doubles]]:
        """Say what each stretch costs in a slot.

        Args:
            slot: the slot.
            expected: where in what may be shown the story should be by then, 0 to 1; None where no order is kept.

        Returns:
            By part, what it costs, below 0 for a gain, and the value that was measured, (N,) each.
        """
        weights = self._weights
        off_arc = np.abs(self.tension - slot.tension)
        off_pace = np.abs(np.log(np.maximum(self.lengths_s, 1e-9) / slot.length_s))
        costs = {
            "arc": (weights.arc * slot.length_s * off_arc**2, off_arc),
            "pace": (weights.pace * off_pace, np.minimum(off_pace, 1)),
        }
        for name, worth in slot.part.wants.items():
            costs[name] = (-weights.wants * worth * self._values[name], self._values[name])
        for name in FLAWS:
            costs[name] = (weights.flaws * getattr(SegmentWeights(), name) * self._values[name], self._values[name])
        if expected is not None:
            off = np.abs(self.places - expected)
            costs["place"] = (weights.place * off, off)
        return costs

    def sum_parts(self, slot: Slot, *, expected: float | None) -> Doubles:
        """What each stretch costs in a slot altogether: (N,)."""
        return sum((cost for cost, _ in self.cost_parts(slot, expected=expected).values()), np.zeros(len(self.allowed)))

    def list_options(self, slot: Slot, *, expected: float | None, most: int) -> Options:
        """List the best options of a slot, half of them from everywhere in the film, so that order can be kept."""
        total = self.sum_parts(slot, expected=expected)
        kept = np.argsort(total, kind="stable")
        place = np.minimum((self.places[kept] * PLACES).astype(np.int64), PLACES - 1)
        spread = [kept[place == number][: max(1, most // 2 // PLACES)] for number in range(PLACES)]
        chosen = np.unique(np.concatenate([kept[: most // 2], *spread]))
        return Options(
            windows=self.allowed[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
            shots=find_shots(self._material, self.starts[chosen]),
            looks=self._material.looks[self.allowed[chosen]],
            costs=total[chosen],
        )

    def explain(self, slot: Slot, window: int, *, expected: float | None = None) -> tuple[Reason, ...]:
        """Say what speaks for a stretch in a slot, and against it: reasons whose weights are its cost, turned round.

        Args:
            slot: the slot.
            window: which stretch of the material; it may be shown.
            expected: as for `cost_parts`.
        """
        at = int(np.searchsorted(self.allowed, window))
        return tuple(
            Reason(name=WORDS[name], weight=-float(cost[at]), value=float(value[at]))
            for name, (cost, value) in self.cost_parts(slot, expected=expected).items()
            if cost[at] != 0
        )


def make_problem(
    material: Material,
    places: Sequence[Place],
    *,
    measures: Measures,
    weights: AssemblyWeights,
    most: int,
) -> Problem:
    """Set up the choice.

    Args:
        material: what could be shown.
        places: the slots, with what is locked there.
        measures: of what may be shown, locked clips left out.
        weights: what counts.
        most: how many options a slot has at most.

    Returns:
        The problem; a slot may have no option at all.
    """
    ordered = np.array([place.slot.part.keeps_story_order and place.clip is None for place in places])
    expected = expect_places(ordered)
    options = [
        measures.list_options(place.slot, expected=at, most=most)
        if place.clip is None
        else _lock_options(material, place.clip)
        for place, at in zip(places, expected, strict=True)
    ]
    return Problem(
        slots=tuple(place.slot for place in places),
        options=tuple(options),
        planned=np.array([nearest_frame(place.slot.end_s, material.rate) for place in places], np.int64),
        ordered=ordered,
        frame_s=float(1 / material.rate),
        weights=weights,
    )


def expect_places(ordered: npt.NDArray[np.bool_]) -> tuple[float | None, ...]:
    """Say where the story should be at each slot that keeps its order, evenly from 0 to 1; None at the others."""
    places = (np.cumsum(ordered) - 0.5) / max(int(ordered.sum()), 1)
    return tuple(float(place) if follows else None for place, follows in zip(places, ordered, strict=True))


def scale_tension(material: Material, barred: Frames) -> Doubles:
    """The film's tension from 0, the lowest second that may be shown, to 1, the highest; outside them the nearer one.

    The lowest and highest are the 2nd and 98th percentile of the story's seconds that are not barred; a film whose
    tension does not move has 0 throughout.

    Args:
        material: the film.
        barred: (S, 2) frames that may not be shown.

    Returns:
        (T,) float64 in 0..1.
    """
    known = material.story.copy()
    for start, end in frames_to_seconds(barred, material.rate):
        known[int(start) : int(np.ceil(end))] = False
    known = known if known.any() else material.story
    low, high = np.percentile(material.tension[known].astype(np.float64), (2, 98))
    if high - low < 1e-6:
        return np.zeros(len(material.tension))
    return np.asarray(np.clip((material.tension - low) / (high - low), 0, 1), np.float64)


def average_tension(scaled: Doubles, starts_s: Doubles, ends_s: Doubles) -> Doubles:
    """The mean of a curve over stretches of a film: (T,), (N,), (N,) -> (N,)."""
    reach = np.r_[0.0, np.cumsum(scaled)]
    seconds = np.arange(len(reach), dtype=np.float64)
    area = np.interp(ends_s, seconds, reach) - np.interp(starts_s, seconds, reach)
    return np.asarray(area / np.maximum(ends_s - starts_s, 1e-9), np.float64)


def find_shots(material: Material, frames: Frames) -> Frames:
    """The shot that each frame lies in: (N,) int64."""
    return np.asarray(np.searchsorted(material.borders, frames, side="right") - 1, np.int64)


def _lock_options(material: Material, clip: Clip) -> Options:
    """The one option of a slot in which a person has locked a clip."""
    start, end = clip_to_frames(clip, material.rate)
    near = int(np.abs(material.starts - start).argmin()) if len(material) else -1
    looks = material.looks[near : near + 1] if near >= 0 else np.zeros((1, material.looks.shape[1]), np.float32)
    return Options(
        windows=np.array([-1]),
        starts=np.array([start]),
        ends=np.array([end]),
        shots=find_shots(material, np.array([start])),
        looks=looks,
        costs=np.zeros(1),
    )
