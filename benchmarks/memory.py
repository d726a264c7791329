"""Peak memory of reading a ten-minute and a two-hour film: flat, or not.

    python -m benchmarks.memory [--folder DIR]

Both are 640 x 360; what is measured of a film at 25 Hz grows with its length by about 60 bytes a row, and is told apart.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.films import make_film
from benchmarks.tasks import run_task

LENGTHS_S = (600, 7200)


def main() -> None:
    """Print the peaks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, help="where the films are kept between runs (default: nowhere)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        films = [make_film(folder, width=640, height=360, megabits=1.0, seconds=seconds) for seconds in LENGTHS_S]
        print(f"{'':18}{'10 min MB':>10}{'2 h MB':>10}{'growth':>9}{'2 h s':>8}")
        for task in ("chunk worker", "draft", "whole analysis"):
            short, long = (run_task(task, film) for film in films)
            growth = long["peak_mb"] / short["peak_mb"] - 1
            print(f"{task:18}{short['peak_mb']:10.0f}{long['peak_mb']:10.0f}{growth:9.1%}{long['seconds']:8.0f}")
    print("Goal: at most 5 % more for two hours than for ten minutes.")


if __name__ == "__main__":
    main()
