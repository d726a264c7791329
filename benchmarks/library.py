"""What it costs to open a cut of the library, beside the same analysis kept as a blob in its row.

Usage: python -m benchmarks.library [HOURS]
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from studio.analyses import load_file
from studio.blob import analysis_to_bytes, bytes_to_analysis
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis

ROUNDS, CUTS = 15, 100


def measure_s(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median time of some rounds."""
    times = []
    for _ in range(ROUNDS):
        before()
        start_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - start_s)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    analysis = make_analysis(hours * 3600, cut_id="a" * 16)
    block = analysis_to_bytes(analysis)
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(read_settings({"THROUGHLINE_HOME": folder}))
        library.save_analysis(analysis)
        for seed in range(1, CUTS):
            library.save_analysis(make_analysis(60, seed=seed))
        rows = sqlite3.connect(Path(folder) / "blobs.sqlite")
        rows.execute("CREATE TABLE cuts (id TEXT PRIMARY KEY, analysis BLOB)")
        rows.execute("INSERT INTO cuts VALUES ('a', ?)", (block,))
        rows.commit()

        def load_blob() -> object:
            return bytes_to_analysis(rows.execute("SELECT analysis FROM cuts WHERE id = 'a'").fetchone()[0])

        blob_s = measure_s(load_blob)
        first_s = measure_s(lambda: library.load_analysis("a" * 16), load_file.cache_clear)
        again_s = measure_s(lambda: library.load_analysis("a" * 16))
        list_s = measure_s(library.list_cuts)
        open_s = measure_s(lambda: open_library(library.settings).close())
        save_s = measure_s(lambda: library.save_analysis(analysis))
        pack_s = measure_s(lambda: analysis_to_bytes(analysis))
    print(f"{hours:g} h of film, {len(block) / 1e6:.1f} MB; {CUTS} cuts")
    print(f"{'a blob in its row, unpacked':44} {blob_s * 1e3:8.1f} ms   1.00")
    print(f"{'a cut, opened the first time':44} {first_s * 1e3:8.1f} ms {first_s / blob_s:6.2f}")
    print(f"{'a cut, opened again':44} {again_s * 1e3:8.1f} ms {again_s / blob_s:6.2f}")
    print(f"{'the list of all cuts':44} {list_s * 1e3:8.1f} ms {list_s / blob_s:6.2f}")
    print(f"{'the library, opened':44} {open_s * 1e3:8.1f} ms {open_s / blob_s:6.2f}")
    print(f"{'a cut, packed':44} {pack_s * 1e3:8.1f} ms {pack_s / blob_s:6.2f}")
    print(f"{'a cut, packed and saved through to the disk':44} {save_s * 1e3:8.1f} ms {save_s / blob_s:6.2f}")


if __name__ == "__main__":
    main()
