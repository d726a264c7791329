"""Processes that are killed while they write to the library, at random points, many times over."""

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.blob import analysis_to_bytes
from studio.settings import read_settings
from studio.store import open_library
from studio.upkeep import check_library
from tests.analyses import make_analysis
from tests.studio.test_database import OLD

ROOT = Path(__file__).parents[2]
KILLS = 50

WRITE_FOREVER = """
import itertools, os, sys
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis
settings = read_settings({"THROUGHLINE_HOME": sys.argv[1], "THROUGHLINE_DATABASE": sys.argv[2]})
analyses = [make_analysis(30, seed=seed, cut_id=f"c{seed % 3}") for seed in range(6)]
while sys.stdin.readline():
    if os.fork():
        os.wait()
        continue
    library = open_library(settings)
    print(os.getpid(), flush=True)
    for number in itertools.count():
        library.save_analysis(analyses[number % 6])
        if number % 4 == 3:
            library.set_start_timecode(f"c{number % 3}", "01:00:00:00")
        if number % 5 == 4:
            library.remove_cut(f"c{number % 3}")
"""


def test_a_library_is_whole_whenever_the_process_that_writes_it_is_killed(either):
    """The killed processes are forked off one that has loaded the program: a kill costs milliseconds, not seconds."""
    chance = random.Random(7)
    expected = set()
    for seed in range(6):
        for start in (None, "01:00:00:00"):
            expected.add(analysis_to_bytes(make_analysis(30, seed=seed, cut_id=f"c{seed % 3}", start_timecode=start)))
    library = open_library(either)
    words = [sys.executable, "-c", WRITE_FOREVER, str(either.home), either.database]
    library.save_analysis(make_analysis(30, seed=0, cut_id="c0"))
    left_behind = 0
    with subprocess.Popen(words, cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        for _ in range(KILLS):
            process.stdin.write("\n")
            process.stdin.flush()
            victim = int(process.stdout.readline())
            time.sleep(chance.uniform(0, 0.05))
            subprocess.run(["kill", "-9", str(victim)], check=True)
            wait_until_gone(victim)
            named = set()
            for entry in library.list_cuts():
                assert library.analyses.read(entry.analysis) in expected
                named.add(entry.analysis)
            files = set(library.analyses.list_files())
            assert named <= files
            left_behind += len(files - named)
            findings = check_library(library, grace_s=-1)
            assert {finding.fault for finding in findings if "film" not in finding.fault} <= {
                "an analysis that no cut has"
            }
            assert set(library.analyses.list_files()) == named
    assert left_behind  # Or the kills came at harmless moments only.
    assert library.audit.list_actions()
    library.close()


OPEN_EACH = """
import os, sys
from alembic import command
from studio.settings import read_settings
from studio.store import open_library
for home in sys.stdin:
    if os.fork():
        os.wait()
        continue
    print(os.getpid(), flush=True)
    open_library(read_settings({"THROUGHLINE_HOME": home.strip()}))
    os._exit(0)
"""


def test_an_old_library_is_whole_whenever_the_process_that_upgrades_it_is_killed(tmp_path):
    chance = random.Random(3)
    broken_off = 0
    with subprocess.Popen([sys.executable, "-c", OPEN_EACH], cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        for number in range(20):
            home = tmp_path / str(number)
            home.mkdir()
            shutil.copy(OLD, home / "library.sqlite")
            process.stdin.write(f"{home}\n")
            process.stdin.flush()
            victim = int(process.stdout.readline())
            time.sleep(chance.uniform(0, 0.12))
            subprocess.run(["kill", "-9", str(victim)], check=False)  # It may have come to its end.
            wait_until_gone(victim)
            connection = sqlite3.connect(home / "library.sqlite")
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            connection.close()
            broken_off += "choices" in tables
            library = open_library(read_settings({"THROUGHLINE_HOME": str(home)}))
            assert sorted(cut.analysed for cut in library.list_cuts()) == [False, True]
            readable = next(cut for cut in library.list_cuts() if cut.analysed)
            assert library.load_analysis(readable.id).cut.start_timecode == "01:00:00:00"
            assert library.decisions.load_choices(readable.id).most == 7
            check_library(library, grace_s=-1)
            assert set(library.analyses.list_files()) == {cut.analysis for cut in library.list_cuts()}
            library.close()
    assert broken_off


def wait_until_gone(pid: int) -> None:
    """Wait for the death of a process that is not this one's child."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            pytest.fail(f"process {pid} outlived its kill")
        time.sleep(0.002)
