"""How far a draft, made from key frames and sound, lies from the analysis that takes its place.

    python -m benchmarks.draft [FILM ...]

Without films: the demo, and both releases of Big Buck Bunny where THROUGHLINE_DATA has them. The page that shows a draft
quotes the first release.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

from pipeline.analyse import analyse_cut
from pipeline.streams.probe import probe_cut
from pipeline.types import Analysis
from studio.networks import load_models

DEMO = Path(__file__).parents[1] / "assets" / "demo.mp4"
FILMS = ("films/bbb_640x360.mp4", "films/bbb_sunflower_640x360_30fps.mp4")


def main() -> None:
    """Print, for each film and curve, the correlation and the mean distance of draft and analysis."""
    films = [Path(word) for word in sys.argv[1:]] or [DEMO, *list_films()]
    print(f"{'film':36}{'curve':>10}{'r':>7}{'distance':>10}{'of spread':>11}")
    for film in films:
        print_film(film)


def list_films() -> list[Path]:
    """Return the real films that are there."""
    folder = os.environ.get("THROUGHLINE_DATA")
    films = [] if folder is None else [Path(folder) / name for name in FILMS]
    return [film for film in films if film.is_file()]


def print_film(film: Path) -> None:
    """Compare one film's first draft with its analysis."""
    drafts: list[tuple[float, Analysis]] = []
    text_model, curve_model, shot_model = load_models()
    begun_s = time.perf_counter()

    def note(draft: Analysis) -> None:
        drafts.append((time.perf_counter() - begun_s, draft))

    final = analyse_cut(
        probe_cut(film), text_model=text_model, curve_model=curve_model, shot_model=shot_model, publish=note
    )
    took_s = time.perf_counter() - begun_s
    draft_s, draft = drafts[0]
    for column, name in enumerate(final.curves.names):
        rough, true = draft.curves.values[:, column], final.curves.values[:, column]
        r, distance = np.corrcoef(rough, true)[0, 1], np.abs(rough - true).mean()
        print(f"{film.name:36}{name:>10}{r:7.2f}{distance:10.3f}{distance / true.std():11.2f}")
    print(
        f"{film.name:36}first draft after {draft_s:.1f} s, analysis after {took_s:.1f} s ({draft_s / took_s:.0%}), "
        f"{final.cut.seconds / draft_s:.0f} x real time"
    )


if __name__ == "__main__":
    main()
