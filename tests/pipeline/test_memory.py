"""A long film takes no more memory than a short one."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from tests.films import make_tone, paint_shots, write_film

ROOT = Path(__file__).parents[2]
PEAK = Path("/proc/self/status")
SLACK_MB = 10
RATE = Fraction(10)

# The peak is the kernel's VmHWM: `getrusage` would count the process that started this one, too.
SCRIPT = """
import re, sys
from pathlib import Path
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams

for name in sys.argv[1:]:
    evidence = gather_evidence(open_streams(probe_cut(Path(name))))
    peak_kb = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
    kept = [*vars(evidence).values(), *evidence.details.values()]
    print(peak_kb, sum(getattr(array, "nbytes", 0) for array in kept))
"""


@pytest.mark.skipif(not PEAK.exists(), reason="the peak of a process's memory is read from /proc")
def test_memory_does_not_grow_with_the_length_of_the_film(tmp_path: Path) -> None:
    films = [
        write_film(
            tmp_path / f"{seconds}.mp4",
            pictures=paint_shots(seconds, rate=RATE, size=(64, 48)),
            rate=RATE,
            sound=make_tone(seconds),
        )
        for seconds in (150, 600)
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, films)],
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # as the app's workers have it
        text=True,
        capture_output=True,
        check=True,
    )
    (short_kb, _), (long_kb, evidence_bytes) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert long_kb / 1e3 - short_kb / 1e3 < SLACK_MB + evidence_bytes / 1e6
