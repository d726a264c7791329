"""Putting trailers together: how long it takes, what it costs beside CP-SAT, and how it fits the arc beside chance.

    python -m benchmarks.trailer             # the tables; with ORTOOLS set, beside CP-SAT (see benchmarks.cpsat)
    python -m benchmarks.trailer --render    # and how long a preview takes, beside the trailer's own length

The first table is of a synthetic film of two hours, the second of studyforrest with held-out ridge curves. `cost` is the
objective, lower is better; `bound` is what CP-SAT proved that no choice can beat (its likeness is rounded). `fit` is
Pearson's r of the trailer's tension with its template's arc; beside it the best of 1,000 random sequences that keep every
rule: no footage twice, whole lines, story order, and lengths like those of the slots.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cpsat import ask_cpsat
from benchmarks.moments import Film, load_film, make_long_film
from pipeline.assembly.arc import measure_fit, play_tension
from pipeline.assembly.layout import bar_frames, lay_out
from pipeline.assembly.material import Material, find_material
from pipeline.assembly.measures import Measures, make_problem, scale_tension
from pipeline.assembly.problem import Problem, sum_costs
from pipeline.assembly.search import choose_clips
from pipeline.clock import frame_to_seconds
from pipeline.sequence import Clip
from pipeline.spoilers import place_spoilers
from pipeline.templates import TEMPLATES, Template, draw_arc
from pipeline.trailer import AssemblyOptions, assemble_trailer
from pipeline.types import SpoilerZone

DRAWS = 1000
LIMITS_S = (5.0, 30.0)
"""Seconds that CP-SAT is given."""

CPSAT_OPTIONS = 60
"""Options a slot for CP-SAT, which with the product's 160 seldom finds anything in time; `s` and `cost` are with 160."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One film to make trailers of."""

    name: str
    film: Film
    material: Material
    spoilers: tuple[SpoilerZone, ...]


def main() -> None:
    """Print the tables."""
    data = Path(os.environ["THROUGHLINE_DATA"])
    films = {"synthetic, 2 h": make_long_film(np.random.default_rng(0), 7200)}
    films["studyforrest"] = load_film(data / "studyforrest")[0]
    for name, film in films.items():
        start = time.perf_counter()
        material = find_material(film.features, film.curves, film.lines, cut=film.cut)
        took = time.perf_counter() - start
        spoilers = place_spoilers(film.features, film.curves, duration_s=float(film.cut.duration_s))
        print(f"\n{name}: {len(film.features.shot_starts_s)} shots, {len(film.lines)} lines, {len(material)} stretches")
        print(f"finding the material: {took:.2f} s")
        compare_solvers(Case(name=name, film=film, material=material, spoilers=spoilers))
    if "--render" in sys.argv:
        from benchmarks.preview import time_previews

        time_previews(data / "films")


def compare_solvers(case: Case) -> None:
    """Print a row for each template."""
    has_peer = "ORTOOLS" in os.environ
    print(
        f"{'':16}{'slots':>6}{'s':>7}{'cost':>9}{'fit':>7}{'chance':>8}{'off frames':>12}"
        + "".join(f"{f'CP-SAT {limit:.0f} s':>24}" for limit in LIMITS_S if has_peer)
    )
    options = AssemblyOptions(spoilers=case.spoilers)
    for template in TEMPLATES.values():
        start = time.perf_counter()
        trailer = assemble_trailer(case.material, template=template, options=options)
        took = time.perf_counter() - start
        problem = make_case(case, template, most=options.most)
        cost = sum_costs(problem, choose_clips(problem)[0])
        off = round((trailer.duration_s - template.length_s) * case.material.rate)
        row = f"{template.name:16}{len(trailer.clips):6}{took:7.2f}{cost:9.2f}{trailer.fit:7.2f}"
        row += f"{best_by_chance(case, problem, template):8.2f}{off:12}"
        small = make_case(case, template, most=CPSAT_OPTIONS)
        for limit_s in LIMITS_S if has_peer else ():
            choice, bound, word = ask_cpsat(small, limit_s=limit_s)
            told = "nothing found" if choice is None else f"{sum_costs(small, choice):.2f} > {bound:.2f}"
            row += f"{told + ' ' + word.lower():>24}"
        print(row, flush=True)


def make_case(case: Case, template: Template, *, most: int) -> Problem:
    """The choice that a template is in this film."""
    options = AssemblyOptions(spoilers=case.spoilers)
    barred = bar_frames(case.material.rate, spoilers=case.spoilers, bans=())
    measures = Measures(case.material, spoilers=case.spoilers, barred=barred, weights=options.weights)
    places = lay_out(template, float(template.length_s), (), rate=case.material.rate)
    return make_problem(case.material, places, measures=measures, weights=options.weights, most=most)


def best_by_chance(case: Case, problem: Problem, template: Template) -> float:
    """The best fit among random legal sequences."""
    material, random = case.material, np.random.default_rng(0)
    barred = bar_frames(material.rate, spoilers=case.spoilers, bans=())
    measures = Measures(material, spoilers=case.spoilers, barred=barred, weights=problem.weights)
    scaled = scale_tension(material, barred)
    fits = []
    for _ in range(DRAWS):
        spans = draw_spans(problem, measures, random)
        clips = [
            Clip(
                start_s=frame_to_seconds(int(a), material.rate),
                end_s=frame_to_seconds(int(b), material.rate),
                role="any",
            )
            for a, b in spans
        ]
        tension = play_tension(clips, material.rate, scaled)
        arc = draw_arc(template, float(sum(clip.end_s - clip.start_s for clip in clips)))
        fits.append(measure_fit(tension, arc[: len(tension)]))
    return float(np.nanmax(fits))


def draw_spans(problem: Problem, measures: Measures, random: np.random.Generator) -> list[tuple[int, int]]:
    """Draw a stretch for every slot, of about its length, none overlapping, in story order where that is wanted."""
    spans: list[tuple[int, int]] = []
    for slot in problem.slots:
        near = np.flatnonzero(np.abs(np.log(measures.lengths_s / slot.length_s)) < np.log(1.5))
        near = near if len(near) else np.arange(len(measures.lengths_s))
        for at in random.permutation(near).tolist():
            span = (int(measures.starts[at]), int(measures.ends[at]))
            if all(span[1] <= start or span[0] >= end for start, end in spans):
                spans.append(span)
                break
        else:
            return draw_spans(problem, measures, random)  # No room was left: drawn from the start.
    follows = np.flatnonzero(problem.ordered)
    for at, span in zip(follows.tolist(), sorted(spans[i] for i in follows), strict=True):
        spans[at] = span
    return spans


if __name__ == "__main__":
    main()
