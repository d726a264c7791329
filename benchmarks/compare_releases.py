"""Two real releases of one film, 24 and 30 frames a second, laid over each other: aligned pictures side by side, to be looked at.

    python -m benchmarks.compare_releases [--places 20] [--out releases.jpg] [--folder DIR]

Prints the matches and the changes, and writes pictures from both at places spread over what is aligned.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.compare import find_fingerprinted
from benchmarks.edited_films import FILMS, grab_picture
from pipeline.compare import compare_cuts
from pipeline.comparison import Change, Match

SIZE_PX = (240, 135)
COLUMNS = 4


def main() -> None:
    """Print the comparison and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("releases.jpg"))
    parser.add_argument("--folder", type=Path, help="where fingerprints are kept between runs (default: nowhere)")
    options = parser.parse_args()
    films = [Path(os.environ["THROUGHLINE_DATA"]) / "films" / name for name, _, _ in FILMS]
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        a, b = (find_fingerprinted(film, folder) for film in films)
        comparison = compare_cuts(a, b)
    spans: list[Match | Change] = [*comparison.matches, *comparison.changes]
    for span in spans:
        print(f"{span.kind:9}{span.a_start_s:9.3f}{span.a_end_s:9.3f}{span.b_start_s:9.3f}{span.b_end_s:9.3f}")
    aligned_s = sum(match.a_end_s - match.a_start_s for match in comparison.matches)
    print(f"aligned: {aligned_s:.1f} s of {float(a.cut.duration_s):.1f} and {float(b.cut.duration_s):.1f} s")
    ends = np.cumsum([match.a_end_s - match.a_start_s for match in comparison.matches])
    sheet = Image.new("RGB", (COLUMNS * 2 * SIZE_PX[0], -(-options.places // COLUMNS) * SIZE_PX[1]))
    for i in range(options.places):
        at = (i + 0.5) / options.places * ends[-1]
        match = comparison.matches[int(np.searchsorted(ends, at, side="right"))]
        share = 1 - (ends[int(np.searchsorted(ends, at, side="right"))] - at) / (match.a_end_s - match.a_start_s)
        instants = (
            match.a_start_s + share * (match.a_end_s - match.a_start_s),
            match.b_start_s + share * (match.b_end_s - match.b_start_s),
        )
        for k, (film, instant_s) in enumerate(zip(films, instants, strict=True)):
            place = ((i % COLUMNS * 2 + k) * SIZE_PX[0], i // COLUMNS * SIZE_PX[1])
            sheet.paste(grab_picture(film, instant_s, SIZE_PX), place)
    sheet.save(options.out)
    print(f"{options.out}: {options.places} pairs of pictures, the first release left, the second right")


if __name__ == "__main__":
    main()
