"""What every stretch of the material costs in every slot of a trailer, by named parts."""

from collections.abc import Sequence
from dataclasses import astuple, fields

import numpy as np
import numpy.typing as npt

from pipeline.assembly.material import Frames, Material, find_allowed, list_barred
from pipeline.assembly.problem import AssemblyWeights, Options, Problem
from pipeline.moments.candidates import ORDER, SegmentWeights
from pipeline.templates import Slot
from pipeline.types import Clip, SpoilerZone

Doubles = npt.NDArray[np.float64]

FLAWS = ("credits", "dark", "blur", "spoiler")
"""The costs of a moment that count wherever it stands."""


WORDS = {
    "arc": "off the arc",
    "pace": "off the pace",
    "wants": "what this part wants",
    "flaws": "flaws",
    "place": "off its place in the story",
}
"""What people call the parts of a clip's cost, a gain being a cost below 0."""


_BINS = 20
"""Options come from every twentieth of the film."""


def make_problem(
    material: Material,
    slots: Sequence[Slot],
    *,
    locked: Sequence[Clip | None],
    spoilers: Sequence[SpoilerZone],
    barred: Frames,
    weights: AssemblyWeights,
    most: int,
) -> Problem:
    """Set up the choice.

    Args:
        material: what may be shown.
        slots: the places.
        locked: for each slot the clip that a person has put there, or None.
        spoilers: soft zones cost; hard ones are among `barred`.
        barred: (S, 2) frames that may not be shown.
        weights: what counts.
        most: how many options a slot has at most.

    Returns:
        The problem; a slot may have no option at all.
    """
    rate = float(material.rate)
    taken = np.array(
        [
            (round(clip.start_s * material.rate), round(clip.end_s * material.rate))
            for clip in locked
            if clip is not None
        ],
        np.int64,
    ).reshape(-1, 2)
    allowed = np.flatnonzero(find_allowed(material, np.concatenate([barred, taken])))
    measures = Measures(material, allowed, spoilers, barred)
    ordered = np.array([slot.part.keeps_story_order and clip is None for slot, clip in zip(slots, locked, strict=True)])
    expected = np.cumsum(ordered) / max(int(ordered.sum()), 1)
    ends = np.array([slot.end_s for slot in slots])
    options = [
        measures.list_options(slot, weights, most=most, expected=float(at) if follows else None)
        if clip is None
        else _lock_options(material, clip)
        for slot, clip, follows, at in zip(slots, locked, ordered, expected, strict=True)
    ]
    return Problem(
        slots=tuple(slots),
        options=tuple(options),
        planned=np.round(ends * rate).astype(np.int64),
        ordered=ordered,
        rate=rate,
        weights=weights,
    )


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
    for start, end in barred / float(material.rate):
        known[int(start) : int(np.ceil(end))] = False
    known = known if known.any() else material.story
    low, high = np.percentile(material.tension[known].astype(np.float64), (2, 98))
    if high - low < 1e-6:
        return np.zeros(len(material.tension))
    return np.asarray(np.clip((material.tension - low) / (high - low), 0, 1), np.float64)


def find_shots(material: Material, frames: Frames) -> Frames:
    """The shot that each frame lies in: (N,) int64."""
    return np.asarray(np.searchsorted(material.borders, frames, side="right") - 1, np.int64)


class Measures:
    """What the stretches that are allowed come to, whatever the slot."""

    def __init__(self, material: Material, allowed: Frames, spoilers: Sequence[SpoilerZone], barred: Frames) -> None:
        self._material, self._allowed = material, allowed
        self._rate = float(material.rate)
        self._starts, self._ends = material.starts[allowed], material.ends[allowed]
        scaled = scale_tension(material, barred)
        reach = np.r_[0.0, np.cumsum(scaled)]
        seconds = np.arange(len(reach), dtype=np.float64)
        lengths = (self._ends - self._starts) / self._rate
        self.tension = (
            np.interp(self._ends / self._rate, seconds, reach) - np.interp(self._starts / self._rate, seconds, reach)
        ) / np.maximum(lengths, 1e-9)
        self._lengths = lengths
        soft = list_barred([(zone.start_s, zone.end_s) for zone in spoilers if not zone.is_hard], material.rate)
        inside = np.zeros(len(allowed))
        for start, end in soft:
            inside += np.clip(np.minimum(self._ends, end) - np.maximum(self._starts, start), 0, None) / self._rate
        parts = material.parts[allowed].astype(np.float64)
        parts[:, ORDER.index("spoiler")] = np.minimum(inside / np.maximum(lengths, 1e-9), 1)
        signed = dict(zip((field.name for field in fields(SegmentWeights)), astuple(SegmentWeights()), strict=True))
        self._flaws = sum((signed[name] * parts[:, ORDER.index(name)] for name in FLAWS), np.zeros(len(allowed)))
        self._parts = parts
        self._places = self._starts / max(float(material.borders[-1]), 1.0)

    def cost_parts(self, slot: Slot, weights: AssemblyWeights, expected: float | None) -> dict[str, Doubles]:
        """What each stretch costs in a slot, by part: (N,) each."""
        gets = np.zeros(len(self._allowed))
        for name, worth in slot.part.wants.items():
            value = self._material.quiet[self._allowed] if name == "quiet" else self._parts[:, ORDER.index(name)]
            gets += worth * value
        costs = {
            "arc": weights.arc * slot.length_s * (self.tension - slot.tension) ** 2,
            "pace": weights.pace * np.abs(np.log(self._lengths / slot.length_s)),
            "wants": -weights.wants * gets,
            "flaws": weights.flaws * self._flaws,
        }
        if expected is not None:
            reach = float(self._places.max(initial=0))
            costs["place"] = weights.place * np.abs(self._places - expected * reach)
        return costs

    def list_options(self, slot: Slot, weights: AssemblyWeights, *, most: int, expected: float | None) -> Options:
        """The best options of a slot, some of them from every stretch of the film, so that order can be kept."""
        total = sum(self.cost_parts(slot, weights, expected).values(), np.zeros(len(self._allowed)))
        kept = np.argsort(total, kind="stable")
        first = kept[: most // 2]
        bins = np.minimum((self._places[kept] * _BINS).astype(np.int64), _BINS - 1)
        share = max(1, most // 2 // _BINS)
        spread = np.concatenate([kept[bins == number][:share] for number in range(_BINS)])
        chosen = np.unique(np.concatenate([first, spread]))
        windows = self._allowed[chosen]
        return Options(
            windows=windows,
            starts=self._starts[chosen],
            ends=self._ends[chosen],
            shots=find_shots(self._material, self._starts[chosen]),
            looks=self._material.looks[windows],
            costs=total[chosen],
        )


def _lock_options(material: Material, clip: Clip) -> Options:
    """The one option of a slot in which a person has locked a clip."""
    start, end = round(clip.start_s * material.rate), round(clip.end_s * material.rate)
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
