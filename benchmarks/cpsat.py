"""The choice of a trailer's clips by OR-tools' CP-SAT: the peer of `pipeline.assembly.search` in `benchmarks.trailer`.

Not among the requirements: ortools 9.15 wants protobuf 6, and TensorFlow's companions here use 7. Put it into a folder of
its own (`pip install --target DIR ortools==9.15.6755`) and name that folder in
ORTOOLS. It runs in a process of its own: in one with TensorFlow it dies without a word.
"""

import os
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.assembly.problem import REACH, Problem, compare

SCALE = 1000
"""CP-SAT counts in whole numbers: costs are taken in thousandths."""

ALIKE = 0.3
"""Likeness below this is left out of the model, to keep the number of products in bounds; the cost reported counts it."""


Answer = tuple[tuple[int, ...] | None, float, str]


def ask_cpsat(problem: Problem, *, limit_s: float) -> Answer:
    """Have `choose_by_cpsat` answer in a process of its own."""
    path = os.pathsep.join([os.environ["ORTOOLS"], *sys.path])
    command = [sys.executable, "-m", "benchmarks.cpsat"]
    asked = pickle.dumps((problem, limit_s))
    done = subprocess.run(command, input=asked, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True)
    answer: Answer = pickle.loads(done.stdout)  # noqa: S301  (our own bytes)
    return answer


def choose_by_cpsat(problem: Problem, *, limit_s: float, workers: int = 2, hint: Sequence[int] | None = None) -> Answer:
    """Choose an option for every slot by CP-SAT.

    Args:
        problem: the choice.
        limit_s: seconds to search.
        workers: threads.
        hint: a choice to begin with.

    Returns:
        The choice, None if none was found; the bound on its cost that was proved (likeness below `ALIKE` not counted);
        and the solver's own word for how it ended.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [
        [model.new_bool_var(f"x{k}_{i}") for i in range(len(options))] for k, options in enumerate(problem.options)
    ]
    terms: list[Any] = []
    for options, row in zip(problem.options, chosen, strict=True):
        model.add_exactly_one(row)
        terms += [round(SCALE * float(cost)) * x for cost, x in zip(options.costs, row, strict=True)]
    _forbid_repeats(problem, chosen, model)
    _keep_order(problem, chosen, model)
    terms += _cost_drift(problem, chosen, model) + _cost_likeness(problem, chosen, model)
    model.minimize(sum(terms))
    for row, i in zip(chosen, hint or (), strict=False):
        for j, x in enumerate(row):
            model.add_hint(x, j == i)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    word = str(solver.status_name(status))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, float("nan"), word
    choice = tuple(next(i for i, x in enumerate(row) if solver.value(x)) for row in chosen)
    return choice, solver.best_objective_bound / SCALE, word


def _forbid_repeats(problem: Problem, chosen: list[list[Any]], model: Any) -> None:
    """At every frame at which some stretch begins, at most one of those on show there is chosen."""
    marks = np.unique(np.concatenate([options.starts for options in problem.options]))
    covering = defaultdict(list)
    for options, row in zip(problem.options, chosen, strict=True):
        first, end = np.searchsorted(marks, options.starts), np.searchsorted(marks, options.ends)
        for x, a, b in zip(row, first, end, strict=True):
            for mark in range(a, b):
                covering[mark].append(x)
    for group in covering.values():
        if len(group) > 1:
            model.add_at_most_one(group)


def _keep_order(problem: Problem, chosen: list[list[Any]], model: Any) -> None:
    """Each clip in story order begins where the one before it has ended, or later."""
    follows = np.flatnonzero(problem.ordered)
    for a, b in pairwise(follows.tolist()):
        ends = sum(int(end) * x for end, x in zip(problem.options[a].ends, chosen[a], strict=True))
        starts = sum(int(start) * x for start, x in zip(problem.options[b].starts, chosen[b], strict=True))
        model.add(starts >= ends)


def _cost_drift(problem: Problem, chosen: list[list[Any]], model: Any) -> list[Any]:
    """The cost of cuts that come early or late."""
    terms, position = [], 0
    for k, (options, row) in enumerate(zip(problem.options, chosen, strict=True)):
        position = position + sum(int(length) * x for length, x in zip(options.ends - options.starts, row, strict=True))
        off = model.new_int_var(0, 100_000, f"drift{k}")
        model.add(off >= position - int(problem.planned[k]))
        model.add(off >= int(problem.planned[k]) - position)
        terms.append(round(SCALE * problem.weights.drift / problem.rate) * off)
    return terms


def _cost_likeness(problem: Problem, chosen: list[list[Any]], model: Any) -> list[Any]:
    """The cost of clips that look like one of the last few."""
    terms = []
    for k, options in enumerate(problem.options):
        for back in range(1, min(REACH, k) + 1):
            there = problem.options[k - back]
            alike = np.where(there.shots[:, None] == options.shots, 1.0, compare(there.looks, options.looks))
            for i in range(len(options)):
                group = np.flatnonzero(alike[:, i] >= ALIKE)
                if len(group):  # One product a group: what it costs is the mean likeness of those in it.
                    both = model.new_bool_var(f"like{k}_{back}_{i}")
                    model.add(both >= chosen[k][i] + sum(chosen[k - back][j] for j in group) - 1)
                    cost = problem.weights.likeness / back * float(alike[group, i].mean())
                    terms.append(round(SCALE * cost) * both)
    return terms


if __name__ == "__main__":
    asked_problem, seconds = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  (our own bytes)
    sys.stdout.buffer.write(pickle.dumps(choose_by_cpsat(asked_problem, limit_s=seconds)))
