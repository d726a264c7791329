"""Reading a film: our whole analysis beside the limit, a peer and the straightforward way, in one run on one machine.

    python -m benchmarks.media [--folder DIR] [--minutes 10] [--only 1080p]

Makes a 720p and a 1080p film of ten minutes, runs every task on each in a process of its own, and prints ratios. Times are
of this machine and of this run alone; nothing is to be read from them but their ratios.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.films import make_film
from benchmarks.tasks import Result, run_task

FILMS = {"720p": (1280, 720, 4.0), "1080p": (1920, 1080, 7.0)}
LIMIT, OURS = "bare decode", "whole analysis"
ROWS = (
    LIMIT,
    "bare decode, side by side",
    OURS,
    "chunk worker",
    "draft",
    "PySceneDetect AdaptiveDetector",
    "straightforward pipeline",
)

GOALS = """\
Goals: whole analysis <= 1.2 x bare decode; faster than PySceneDetect's detection alone; at least 4 x faster than the
straightforward pipeline; peak memory of a chunk worker <= 400 MB and of the analysis <= 1100 MB; network < 3 %."""


def main() -> None:
    """Print a table for each film."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, help="where the films are kept between runs (default: nowhere)")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", choices=tuple(FILMS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILMS if options.only is None else (options.only,):
            width, height, megabits = FILMS[name]
            seconds = round(60 * options.minutes)
            film = make_film(folder, width=width, height=height, megabits=megabits, seconds=seconds)
            print_table(name, film, seconds)
    print(GOALS)


def print_table(name: str, film: Path, seconds: int) -> None:
    """Measure one film and print its table. The limit is measured before and after, for the machine is not alone."""
    results = {row: run_task(row, film) for row in ROWS}
    again = run_task(LIMIT, film)
    results[LIMIT]["seconds"] = (results[LIMIT]["seconds"] + again["seconds"]) / 2
    network = run_task("network", film)
    limit_s, ours_s = results[LIMIT]["seconds"], results[OURS]["seconds"]
    print(f"\n{name}, {seconds / 60:.0f} min, {film.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores")
    print(f"{'':32}{'seconds':>9}{'CPU s':>8}{'x real time':>13}{'x bare decode':>15}{'x ours':>8}{'peak MB':>9}")
    for row, result in results.items():
        print_row(row, result, seconds, limit_s, ours_s)
    per_second = network["seconds"] / 7200
    print(
        f"network: {network['seconds']:.2f} s for 7,200 rows in one call, "
        f"{per_second * seconds / ours_s:.1%} of this analysis; loading {network['loading_seconds']:.1f} s, once a process; "
        f"shots found: ours {results[OURS]['shots']}, "
        f"PySceneDetect {results['PySceneDetect AdaptiveDetector']['shots']}"
    )


def print_row(row: str, result: Result, seconds: int, limit_s: float, ours_s: float) -> None:
    """Print one task's line."""
    took_s = result["seconds"]
    print(
        f"{row:32}{took_s:9.1f}{result['cpu_seconds']:8.1f}{seconds / took_s:13.1f}{took_s / limit_s:15.2f}{took_s / ours_s:8.2f}"
        f"{result['peak_mb']:9.0f}"
    )


if __name__ == "__main__":
    main()
