"""Finding what was edited between two cuts, against the truth.

    python -m benchmarks.compare [--folder DIR] [--pairs 100] [--plain 20] [--first 2000]

Makes pairs of cuts out of the real films by edit lists that are drawn by lot, lays them over each other and scores every
span: a change is found if one of its kind has all four edges within two rows of the 25 Hz grid. Pairs without edits are to show
no change at all. The seeds from 2000 on are those reported; none of them was looked at while the method was made.
"""

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.edited_films import Pair, make_pair
from pipeline.compare import compare_cuts
from pipeline.comparison import CHANGES, Change, FingerprintedCut
from pipeline.features.evidence import VERSION, take_fingerprint
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from studio.fingerprints import read_fingerprint, write_fingerprint

TOLERANCE_S = 2 / 25 + 1e-3

GOALS = "Goals: precision and recall >= .98 at two rows of the 25 Hz grid; no change in pairs without edits."


def main() -> None:
    """Print what was found, by kind of change and by look."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--folder", type=Path, help="where pairs and fingerprints are kept between runs (default: nowhere)"
    )
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--plain", type=int, default=20)
    parser.add_argument("--first", type=int, default=2000)
    parser.add_argument(
        "--verbose", action="store_true", help="list what was missed, and what was found that is not there"
    )
    options = parser.parse_args()
    films = Path(os.environ["THROUGHLINE_DATA"]) / "films"
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        score = Score()
        for edited, count in ((True, options.pairs), (False, options.plain)):
            for seed in range(options.first, options.first + count):
                pair = make_pair(films, folder, seed=seed, edited=edited)
                score.add(pair, find_changes(pair), is_verbose=options.verbose)
    score.print_tables()
    print(GOALS)


def find_changes(pair: Pair) -> tuple[Change, ...]:
    """Lay the cuts of a pair over each other."""
    return compare_cuts(load_cut(pair.a), load_cut(pair.b)).changes


def load_cut(film: Path) -> FingerprintedCut:
    """Probe a film and take its fingerprint, or read it where it was taken before, beside the film."""
    return find_fingerprinted(film, film.parent)


def find_fingerprinted(film: Path, folder: Path) -> FingerprintedCut:
    """Probe a film and take its fingerprint, or read it where it was taken before, in the folder."""
    kept = folder / f"{film.stem}-{VERSION}.npz"
    cut = probe_cut(film)
    fingerprint = read_fingerprint(kept)
    if fingerprint is None:
        fingerprint = take_fingerprint(gather_evidence(open_streams(cut)))
        write_fingerprint(fingerprint, kept)
    return FingerprintedCut(cut=cut, fingerprint=fingerprint)


def match_changes(
    truth: Sequence[Change], found: Sequence[Change], tolerance_s: float = TOLERANCE_S
) -> list[tuple[int, int]]:
    """Match changes one to one: of one kind, with all four edges within the tolerance. Returns indices of both."""
    pairs, used = [], set()
    for i, change in enumerate(truth):
        for j, other in enumerate(found):
            if j not in used and other.kind == change.kind and measure_edges(change, other) <= tolerance_s:
                pairs.append((i, j))
                used.add(j)
                break
    return pairs


def measure_edges(change: Change, other: Change) -> float:
    """Return how far the worst of four edges is astray, seconds."""
    edges = ("a_start_s", "a_end_s", "b_start_s", "b_end_s")
    return max(abs(float(getattr(change, edge)) - float(getattr(other, edge))) for edge in edges)


class Score:
    """Counts what was found, what was missed, and what was found that is not there."""

    def __init__(self) -> None:
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._looks: Counter[tuple[str, str]] = Counter()
        self._plain: Counter[str] = Counter()
        self._astray: list[float] = []

    def add(self, pair: Pair, found: Sequence[Change], *, is_verbose: bool) -> None:
        """Score one pair."""
        matched = match_changes(pair.changes, found)
        hits, right = {i for i, _ in matched}, {j for _, j in matched}
        self._astray += [measure_edges(pair.changes[i], found[j]) for i, j in matched]
        missed = [change for i, change in enumerate(pair.changes) if i not in hits]
        wrong = [change for j, change in enumerate(found) if j not in right]
        if pair.name.startswith("plain"):
            self._plain["pairs"] += 1
            self._plain["pairs with a change"] += bool(found)
        for outcome, changes in (("found", [pair.changes[i] for i in hits]), ("missed", missed), ("wrong", wrong)):
            for change in changes:
                self._kinds[change.kind, outcome] += 1
                self._looks[pair.look, outcome] += 1
        if is_verbose and (missed or wrong):
            print(f"{pair.name} ({pair.look})")
            for word, changes in (("missed", missed), ("wrong", wrong)):
                for change in changes:
                    spans = " ".join(
                        f"{edge:8.3f}" for edge in (change.a_start_s, change.a_end_s, change.b_start_s, change.b_end_s)
                    )
                    print(f"    {word:7}{change.kind:9}{spans}")

    def print_tables(self) -> None:
        """Print the tables."""
        _print_table("kind", list(CHANGES), self._kinds)
        _print_table("look", sorted({look for look, _ in self._looks}), self._looks)
        exact = sum(astray < 1e-3 for astray in self._astray)
        print(f"all four edges exact: {exact} of {len(self._astray)} that were found")
        print(
            f"pairs without edits: {self._plain['pairs']}, with a change found in {self._plain['pairs with a change']}"
        )


def _print_table(title: str, rows: Sequence[str], counts: Counter[tuple[str, str]]) -> None:
    """Print what was found in each row and in all."""
    print(f"\n{title:20}{'found':>8}{'missed':>8}{'wrong':>8}{'recall':>9}{'precision':>11}")
    for row in (*rows, "all"):
        names = rows if row == "all" else [row]
        found, missed, wrong = (
            sum(counts[name, outcome] for name in names) for outcome in ("found", "missed", "wrong")
        )
        recall, precision = found / max(1, found + missed), found / max(1, found + wrong)
        print(f"{row:20}{found:8}{missed:8}{wrong:8}{recall:9.3f}{precision:11.3f}")


if __name__ == "__main__":
    main()
