"""What it costs to lay two long cuts over each other, from stored fingerprints.

    python -m benchmarks.compare_cost [--minutes 15 30 60 118]

The pictures are the hashes that studyforrest publishes of a whole feature film, the sound is drawn by lot; the second cut is
edited once a minute, and a twentieth of its bits are flipped. Every length runs in a process of its own.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare import match_changes
from pipeline.compare import compare_cuts
from pipeline.comparison import Change, Fingerprint, FingerprintedCut
from pipeline.dataset.studyforrest import read_evidence
from pipeline.types import GRID_HZ, LEVEL_BANDS, Cut

FLIPPED = 0.05
NOISE = 2.0
"""Half decibels."""

GOALS = "Goals: two hours in under 30 s and 1 GB; seconds per n log n do not grow."


def main() -> None:
    """Print a row for each length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=int, nargs="+", default=[15, 30, 60, 118])
    parser.add_argument("--only", type=int, help="run one length here, and print what came out as JSON")
    options = parser.parse_args()
    if options.only is not None:
        print(json.dumps(measure_cost(options.only)))
        return
    print(f"{'minutes':>8}{'seconds':>9}{'peak MB':>9}{'s / n log n':>13}{'edits':>7}{'found':>7}{'wrong':>7}")
    first = 0.0
    for minutes in options.minutes:
        command = [sys.executable, "-m", "benchmarks.compare_cost", "--only", str(minutes)]
        row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        growth = row["seconds"] / (minutes * math.log(minutes * 60 * GRID_HZ))
        first = first or growth
        print(
            f"{minutes:8}{row['seconds']:9.1f}{row['peak_mb']:9.0f}{growth / first:13.2f}"
            f"{row['edits']:7}{row['found']:7}{row['wrong']:7}"
        )
    print(GOALS)


def measure_cost(minutes: int) -> dict[str, Any]:
    """Lay two cuts of that length over each other and say what it took."""
    rng = np.random.default_rng(minutes)
    whole = read_evidence(Path(os.environ["THROUGHLINE_DATA"]) / "studyforrest")
    rows = min(minutes * 60 * GRID_HZ, len(whole.phash))
    hashes, levels = whole.phash[:rows], draw_sound(rng, rows)
    order, changes = draw_order(rng, rows)
    donor = order < 0
    source = np.where(donor, rng.permutation(rows)[np.arange(len(order)) % rows], order)
    flips = np.packbits(rng.random((len(order), 144)) < FLIPPED, axis=1)
    noise = np.rint(rng.normal(0, NOISE, (len(order), LEVEL_BANDS)))
    louder = np.clip(levels[source].astype(np.float64) + noise + 6, 0, 255)
    a, b = _make_cut("a", hashes, levels), _make_cut("b", hashes[source] ^ flips, louder.astype(np.uint8))
    before = time.process_time()
    comparison = compare_cuts(a, b)
    seconds = time.process_time() - before
    found = len(match_changes(changes, comparison.changes))
    return {
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "edits": len(changes),
        "found": found,
        "wrong": len(comparison.changes) - found,
    }


def draw_sound(rng: np.random.Generator, rows: int) -> "np.typing.NDArray[np.uint8]":
    """Draw sound that changes every few rows, as speech and music do: (N, 24) uint8."""
    starts = np.cumsum(rng.integers(2, 15, rows // 2))
    tone = np.searchsorted(starts, np.arange(rows), side="right")
    spectra = np.cumsum(rng.normal(0, 10, (tone.max() + 1, LEVEL_BANDS)), axis=1) + rng.normal(
        120, 10, (tone.max() + 1, 1)
    )
    return np.clip(spectra[tone] + rng.normal(0, 4, (rows, LEVEL_BANDS)), 70, 190).astype(np.uint8)


def draw_order(rng: np.random.Generator, rows: int) -> tuple["np.typing.NDArray[np.int64]", tuple[Change, ...]]:
    """Draw one removal or addition a minute: the row of the first cut that each row of the second shows, -1 for none."""
    pieces, changes, position, length_b = [], [], 0, 0
    for minute in range(rows // (60 * GRID_HZ)):
        start = (60 * minute + int(rng.integers(10, 40))) * GRID_HZ + int(rng.integers(GRID_HZ))
        length = int(rng.integers(GRID_HZ, 10 * GRID_HZ))
        pieces.append(np.arange(position, start))
        length_b += start - position
        if rng.random() < 0.5:
            changes.append(("removed", start, start + length, length_b, length_b))
            position = start + length
        else:
            pieces.append(np.full(length, -1))
            changes.append(("added", start, start, length_b, length_b + length))
            length_b += length
            position = start
    pieces.append(np.arange(position, rows))
    edges = ("a_start_s", "a_end_s", "b_start_s", "b_end_s")
    found = tuple(
        Change(kind=kind, **{edge: row / GRID_HZ for edge, row in zip(edges, values, strict=True)})
        for kind, *values in changes
    )
    return np.concatenate(pieces), found


def _make_cut(
    cut_id: str, hashes: "np.typing.NDArray[np.uint8]", levels: "np.typing.NDArray[np.uint8]"
) -> FingerprintedCut:
    """Make a cut of a fingerprint alone."""
    rows = len(hashes) - len(hashes) % GRID_HZ
    cut = Cut(
        cut_id=cut_id,
        path=Path(cut_id),
        title=cut_id,
        duration_s=Fraction(rows, GRID_HZ),
        frame_rate=Fraction(GRID_HZ),
        start_timecode=None,
        width=1280,
        height=720,
        streams=("frames", "audio"),
    )
    fingerprint = Fingerprint(
        frame_hashes=hashes[:rows],
        centre_hashes=hashes[:rows],
        contrast=np.full(rows, 60),
        picture_present=np.ones(rows, np.bool_),
        picture_times_s=np.arange(rows) / GRID_HZ,
        levels=levels[:rows],
        sound_present=np.ones(rows, np.bool_),
    )
    return FingerprintedCut(cut=cut, fingerprint=fingerprint)


if __name__ == "__main__":
    main()
