"""Making light copies for players: how fast beside decoding alone, in how much memory, and how long joining takes.

    python -m benchmarks.proxy [--folder DIR] [--minutes 10]

Of a 720p film as it is delivered, and of 24 s of UHD ProRes as an editing room hands it over. Times are of this
machine and of this run alone; nothing is to be read from them but their ratios.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.films import LOOP_S, RATE, make_film, make_prores
from benchmarks.tasks import run_task

HEADINGS = ("film s", "decode s", "copy s", "of decode", "join s", "copy MB", "peak MB")


def main() -> None:
    """Print a line for each film."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, help="where the films are kept between runs (default: nowhere)")
    parser.add_argument("--minutes", type=float, default=10, help="how long the 720p film is (default: 10)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        long_s = round(60 * options.minutes)
        films = {
            "720p H.264": make_film(folder, width=1280, height=720, megabits=4, seconds=long_s),
            "UHD ProRes": make_prores(make_film(folder, width=3840, height=2160, megabits=20, seconds=LOOP_S)),
        }
        print(f"{'':12}" + "".join(f"{name:>11}" for name in HEADINGS))
        for name, film in films.items():
            decode, copy = run_task("bare decode", film), run_task("light copy", film)
            took_s, limit_s = copy["seconds"], decode["seconds"]
            values = (decode["frames"] / RATE, limit_s, took_s, took_s / limit_s, copy["join_seconds"], copy["copy_mb"])
            print(f"{name:12}" + "".join(f"{value:11.1f}" for value in (*values, copy["peak_mb"])))
    print("Goal: the peak does not grow with the film.")


if __name__ == "__main__":
    main()
