"""A process that analyses harmed films, so that a crash or a hang is its own and not the tests'.

It reads lines `ORIGINAL SEED`, and answers each with `OUTCOME PEAK_MB TEXT` once the mutant is measured or refused.
"""

import re
import sys
from pathlib import Path

import numpy as np

from pipeline.errors import FilmError
from tests.films import mutate_film
from tests.reading import measure

CLEAR = Path("/proc/self/clear_refs")


def answer(original: Path, seed: int) -> str:
    path = original.with_name(f"harmed{original.suffix}")
    path.write_bytes(original.read_bytes())
    forget_peak()
    try:
        evidence = measure(mutate_film(path, seed), chunks=1 + seed % 3)
    except FilmError as error:
        return f"refused {peak_mb()} {type(error).__name__}"
    except Exception as error:
        return f"bug {peak_mb()} {error!r}"
    arrays = evidence.rms, evidence.lrdiff, evidence.quadrants, evidence.picture_times_s
    if not all(np.isfinite(array).all() for array in arrays):
        return f"bug {peak_mb()} measurements that are not finite"
    return f"measured {peak_mb()} {len(evidence.rms)} rows"


def forget_peak() -> None:
    """Let the kernel take the peak of memory anew, so that each mutant answers for its own."""
    if CLEAR.exists():
        CLEAR.write_text("5")


def peak_mb() -> int:
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) // 1000 if found else 0


if __name__ == "__main__":
    for line in sys.stdin:
        original, seed = line.rsplit(maxsplit=1)
        print(answer(Path(original), int(seed)).replace("\n", " "), flush=True)  # noqa: T201
