"""Nothing finished is lost: workers, the scheduler and the app are killed at random points, again and again.

    python -m benchmarks.chaos [--kills 50] [--seed 7] [--local]

A scheduler and two workers run as processes of their own, and the real app gives them work; whatever is killed is started
again, as a service manager does. `--local` kills the app with the workers that it has started itself, or one of these. After
every kill: whatever the library had it has, whole; whatever chunk was finished is there, untouched; no job is gone. In the
end every film has its analysis.
"""

import argparse
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from benchmarks.films import make_film
from benchmarks.processes import ROOT, ProcessCluster, kill_family, make_environ
from studio.entries import UNFINISHED
from studio.settings import read_settings
from studio.store import Library, open_library

WORKERS = 2
TARGETS = ("worker", "scheduler", "app")
AT_WORK_SHARE = 0.8
"""Of the kills, so many come when a film is being read again after the last one; the others whenever they come."""

SAID = "its worker stopped, twice"
"""What a job says of a task that two workers died over; one can be tried again."""

LOOK_S = 0.1
MOST_START_S = 60
MOST_FILM_S = 600
"""How long the films that are left may take when nothing is killed any more."""


@dataclass(kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        kills: how often each was killed.
        kept: how many finished chunks were there after a kill, summed over all.
        seen: the finished chunks of the films at work, and when each was written.
        retried: how many jobs said that their worker had stopped twice over the same task, and were tried again.
        broken: every promise that was not held, in words; empty if all were.
    """

    kills: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    seen: dict[Path, int] = field(default_factory=dict)
    retried: int = 0
    broken: list[str] = field(default_factory=list)


def main() -> None:
    """Print what was killed and what was lost."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that nothing it started is left behind.
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--local", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-") as name:
        folder = Path(name)
        folder.joinpath("films").mkdir()
        films = [make_film(folder / "films", width=640, height=360, megabits=2, seconds=seconds)
                 for seconds in (240, 312, 384)]  # fmt: skip
        outcome = run_chaos(films, folder, kills=options.kills, seed=options.seed, local=options.local)
    print(
        f"killed: {dict(outcome.kills)}; finished chunks that were there after a kill: {outcome.kept}; "
        f"jobs that said why they broke off, and were tried again: {outcome.retried}"
    )
    print("\n".join(outcome.broken) or "nothing was lost, and every film has its analysis")
    sys.exit(bool(outcome.broken))


def run_chaos(
    films: list[Path],
    folder: Path,
    *,
    kills: int,
    seed: int,
    pause_s: tuple[float, float] = (0.1, 8.0),
    local: bool = False,
) -> Outcome:
    """Kill workers, scheduler and app at random points while films are analysed.

    Args:
        films: analysed one after the other; each that is done is removed and asked for again while there are kills left.
        folder: for everything that comes of it.
        kills: how often.
        seed: of the random points.
        pause_s: the least and the most time between two kills, seconds.
        local: whether the app has workers of its own, instead of a scheduler's.

    Returns:
        What came of it.
    """
    chance, outcome = random.Random(seed), Outcome()
    targets = tuple(target for target in TARGETS if not (local and target == "scheduler"))
    with ExitStack() as stack:
        processes = None if local else stack.enter_context(ProcessCluster(folder / "cluster", workers=WORKERS))
        environ = {} if processes is None else {"THROUGHLINE_SCHEDULER": processes.address}
        library = open_library(read_settings({"THROUGHLINE_HOME": str(folder / "home"), **environ}))
        app = App(folder, environ)

        def keep_alive() -> None:
            if processes is not None:
                processes.keep_alive()
            app.keep_alive()
            for job in library.jobs.list_jobs():
                if job.state == "failed" and job.can_retry and SAID in job.message:
                    library.jobs.retry_job(job.id)
                    outcome.retried += 1

        try:
            for number in range(kills):
                _keep_busy(library, films, outcome)
                if chance.random() < AT_WORK_SHARE:
                    _wait(MOST_START_S, keep_alive, partial(_is_reading, library, datetime.now(UTC)))
                if not number:  # However slow this machine is, there is something to lose from the first kill on.
                    _wait(MOST_START_S, keep_alive, lambda: bool(_list_chunks(library.settings.home)))
                _wait(chance.uniform(*pause_s), keep_alive)
                cuts = _list_cuts(library)
                target = chance.choice(targets)
                if target == "app":
                    app.kill()
                elif target == "scheduler" and processes is not None:
                    processes.kill_scheduler()
                elif processes is not None:
                    processes.kill_worker(chance.randrange(WORKERS))
                else:
                    app.kill_worker(chance.randrange(WORKERS))
                outcome.kills[target] += 1
                _compare(outcome, f"kill {number}, of the {target}", cuts, library)
            _wait(MOST_FILM_S, keep_alive, lambda: not any(job.state in UNFINISHED for job in library.jobs.list_jobs()))
            outcome.broken += [
                f"{job.title}: {job.state}, {job.stage} {job.message}"
                for job in library.jobs.list_jobs()
                if job.state != "done"
            ]
        finally:
            app.kill()
            library.close()
    return outcome


class App:
    """The real app.

    Args:
        folder: where its home is, and its log.
        settings: more of its environment.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = make_environ(folder / "home", **settings)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.keep_alive()

    def keep_alive(self) -> None:
        """Start it if it does not run: while there is no scheduler it ends at once."""
        if self._process is None or self._process.poll() is not None:
            words = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
            with (self._folder / "app.log").open("ab") as log:
                self._process = subprocess.Popen(
                    words, cwd=ROOT, env=self._environ, stdout=log, stderr=log, process_group=0
                )

    def kill(self) -> None:
        """Kill it and all that it started, as a power cut does."""
        if self._process is not None:
            kill_family(self._process)

    def kill_worker(self, place: int) -> None:
        """Kill one of the workers that it has started, if there is any by now."""
        if self._process is None or self._process.poll() is not None:
            return
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._process.pid).children(recursive=True)
            workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
            if workers:
                workers[place % len(workers)].kill()


def _keep_busy(library: Library, films: list[Path], outcome: Outcome) -> None:
    """See to it that something is at work: a film that is in the library already is analysed again."""
    jobs = library.jobs.list_jobs()
    if not any(job.state in UNFINISHED for job in jobs):
        outcome.seen.clear()
        film = films[len(jobs) % len(films)]
        known = next((cut for cut in library.list_cuts() if cut.path == film), None)
        if known is not None:
            library.remove_cut(known.id)
        library.jobs.add_job(film, film.stem)


def _wait(most_s: float, keep_alive: Callable[[], None], until: Callable[[], bool] = lambda: False) -> None:
    """Wait for a time, or until something has come about; whatever ends meanwhile is started again."""
    deadline_s = time.monotonic() + most_s
    while time.monotonic() < deadline_s and not until():
        keep_alive()
        time.sleep(min(LOOK_S, max(0.0, deadline_s - time.monotonic())))


def _is_reading(library: Library, asked_at: datetime) -> bool:
    """Whether a film has been read since then: an app that was killed leaves jobs behind that only seem to run."""
    return any(job.state == "running" and job.done and job.updated_at > asked_at for job in library.jobs.list_jobs())


def _list_chunks(home: Path) -> dict[Path, int]:
    """Every finished part of an analysis, and when it was written."""
    found = {}
    for path in home.glob("parts/*/*-*.npz"):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:  # Its analysis was saved this moment.
            continue
    return found


def _list_cuts(library: Library) -> dict[str, str]:
    """Every cut of the library, and the digest of its analysis."""
    return {cut.id: cut.digest for cut in library.list_cuts()}


def _compare(outcome: Outcome, when: str, cuts: Mapping[str, str], library: Library) -> None:
    """See whether everything that was there before a kill is there behind it, and no chunk was read a second time."""
    for cut_id, digest in cuts.items():
        if _list_cuts(library).get(cut_id) != digest:
            outcome.broken.append(f"{when}: the cut {cut_id} is gone or another")
        library.load_analysis(cut_id)
    now, saved = _list_chunks(library.settings.home), set(_list_cuts(library))
    for path, written_at in outcome.seen.items():
        if path.parent.name in saved:
            continue  # Its analysis is complete, and needs no parts any more.
        if now.get(path) == written_at:
            outcome.kept += 1
        else:
            outcome.broken.append(f"{when}: {path.name} was lost or read again")
    outcome.seen.update(now)
    failed = [job for job in library.jobs.list_jobs() if job.state == "failed"]
    outcome.broken += [f"{when}: {job.message}" for job in failed if SAID not in job.message]


if __name__ == "__main__":
    main()
