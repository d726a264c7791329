"""Films to make trailers of, and the rules that every trailer keeps, checked apart from the code that keeps them."""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.assembly.material import Material, find_material
from pipeline.clock import seconds_to_frame
from pipeline.sequence import Trailer
from pipeline.types import Analysis, Aside, Line, SpoilerZone
from tests.moments import make_film

LEAST_FRAMES = 12


def make_lively_film(
    seconds: int = 600, *, seed: int = 0, rate: Fraction = Fraction(24), lines: bool = True
) -> Analysis:
    """Make a film whose tension swings, with shots of every length, lines, a logo and credits."""
    random = np.random.default_rng(seed)
    lengths = np.maximum(np.round(random.gamma(2.0, 1.6, seconds) * float(rate)), 6)
    starts = np.r_[0, np.cumsum(lengths)] / float(rate)
    begins = np.cumsum(random.gamma(2.0, 3.0, seconds)) + 1.0
    said = tuple(
        Line(start_s=float(a), end_s=float(min(a + random.uniform(0.6, 3.0), b - 0.1)), text="So this is what you say.")
        for a, b in itertools.pairwise(begins)
        if b < seconds and b - a > 0.8
    )
    swing = 0.5 + 0.4 * np.sin(np.arange(seconds) / 17.0) * np.cos(np.arange(seconds) / 5.0)
    return make_film(
        seconds,
        rate=rate,
        shots_s=starts[starts < seconds - 1].tolist(),
        lines=said if lines else (),
        asides=(
            Aside(start_s=0.0, end_s=seconds / 60, kind="logo"),
            Aside(start_s=seconds * 0.95, end_s=float(seconds), kind="credits"),
        ),
        curves={"tension": {(t, t + 1): float(swing[t]) for t in range(seconds)}},
    )


def find(film: Analysis) -> Material:
    """The material of a film."""
    return find_material(film.features, film.curves, film.lines, cut=film.cut)


def list_breaches(
    trailer: Trailer, film: Analysis, *, spoilers: Sequence[SpoilerZone] = (), bans: Sequence[tuple[float, float]] = ()
) -> list[str]:
    """List every rule that a trailer breaks, in words; the rules are looked up in the film, not in the material."""
    rate, found = film.cut.timecode_rate, []
    spans = [(clip.start_s, clip.end_s) for clip in trailer.clips]
    half = Fraction(1, 2) / rate
    barred = [
        *((aside.start_s, aside.end_s, "an aside") for aside in film.features.asides),
        *((zone.start_s, zone.end_s, "a hard zone") for zone in spoilers if zone.is_hard),
        *((start, end, "a ban") for start, end in bans),
    ]
    ordered = sorted(spans)
    if any(a[1] > b[0] for a, b in itertools.pairwise(ordered)):
        found.append("footage is shown twice")
    shots = [seconds_to_frame(float(start), rate) for start in film.features.shot_starts_s]
    shots.append(int(film.cut.duration_s * rate))
    for start, end in spans:
        if start * rate % 1 or end * rate % 1 or end > film.cut.duration_s:
            found.append(f"{start} to {end} is not on frames of the film")
        for a, b, what in barred:
            if start + half < b and end - half > a:
                found.append(f"{start} to {end} shows {what}")
        for line in film.lines:
            if start + half < line.end_s and end - half > line.start_s:
                whole = start <= line.start_s + half and end >= line.end_s - half
                if not whole:
                    found.append(f"{float(start)} to {float(end)} breaks the line {line.start_s} to {line.end_s}")
        for a, b in itertools.pairwise(shots):
            shown = min(b, int(end * rate)) - max(a, int(start * rate))
            if 0 < shown < min(LEAST_FRAMES, b - a):
                found.append(f"{float(start)} to {float(end)} shows {shown} frames of the shot at {a}")
    return found
