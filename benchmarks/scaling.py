"""What more workers bring, and that they change nothing: a film on 1, 2 and 4 worker processes, each on a core of its own.

Left alone, a worker with one decoding thread measures on a second core what it has decoded, and two cores are no more for
two workers than for one.

    python -m benchmarks.scaling [--workers 1 2 4] [--minutes 120] [FILM]
    python -m benchmarks.scaling --apart [FILM]

Without a film: one of `--minutes` is made; without these, the first release of Big Buck Bunny where THROUGHLINE_DATA has
it, or else one of ten minutes. It fails where an analysis is another one, or two workers take more than .6 of the time of
one. `--apart` has two workers with networks and folders of their own, which see nothing of the library's home, analyse a
film that lies in a store on the network; it takes Linux and an administrator's rights.
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.film_store import serve_films
from benchmarks.films import LOOP_S, make_film
from benchmarks.processes import PATIENCE_S, ProcessCluster
from models.shipped import identify_curve_model
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from studio import tasks
from studio.blob import analysis_to_bytes
from studio.cluster import Cluster
from studio.entries import UNFINISHED
from studio.jobs import Jobs
from studio.settings import Settings, read_settings
from studio.store import open_library

FILM = "films/bbb_640x360.mp4"
STORE_HOST = "10.88.0.1"
"""The address of this side, the scheduler's and the store's, where workers have networks of their own."""

MOST_OF_ONE = 0.6
"""The share of one worker's time that two may take."""

INSIDE = "THROUGHLINE_BENCHMARK_INSIDE"


def main() -> None:
    """Print the table, or what came of workers that are apart."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that nothing it started is left behind.
    parser = argparse.ArgumentParser()
    parser.add_argument("film", type=Path, nargs="?")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--minutes", type=float, help="how long a film to make (default: a real one)")
    parser.add_argument("--apart", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-") as name:
        folder = Path(name)
        film = options.film or find_film(folder, options.minutes)
        if options.apart:
            if INSIDE not in os.environ:
                words = ["unshare", "-n", sys.executable, "-m", "benchmarks.scaling", "--apart", str(film.absolute())]
                sys.exit(subprocess.run(words, env={**os.environ, INSIDE: "1"}, check=False).returncode)
            digest, took_s = measure_apart(film, folder)
            alone, _ = measure_workers(film, folder / "alone", workers=1)
            print(f"apart: {took_s:.1f} s, {'the same' if digest == alone else 'ANOTHER'} analysis as on one machine")
            sys.exit(digest != alone)
        print(f"{film.name}: from the request to the saved analysis, networks asked once before")
        print(f"{'workers':>8}{'seconds':>9}{'of one':>8}  analysis")
        first_s, digests, shares = 0.0, set(), {}
        for workers in options.workers:
            digest, took_s = measure_workers(film, folder / str(workers), workers=workers)
            first_s = first_s or took_s
            digests.add(digest)
            shares[workers] = took_s / first_s
            print(f"{workers:>8}{took_s:>9.1f}{shares[workers]:>8.2f}  {digest[:16]}", flush=True)
        sys.exit(len(digests) > 1 or shares.get(2, 0.0) > MOST_OF_ONE)


def find_film(folder: Path, minutes: float | None) -> Path:
    """Return the real film, or one that is made: 640 x 360 and so many minutes long, or ten minutes of 720p."""
    if minutes is not None:
        return make_film(folder, width=640, height=360, megabits=1, seconds=round(60 * minutes))
    data = os.environ.get("THROUGHLINE_DATA")
    if data is not None and (Path(data) / FILM).is_file():
        return Path(data) / FILM
    return make_film(folder, width=1280, height=720, megabits=4, seconds=600)


def measure_workers(film: Path, folder: Path, *, workers: int) -> tuple[str, float]:
    """Analyse a film on so many worker processes.

    Args:
        film: the film.
        folder: for everything that comes of it.
        workers: how many.

    Returns:
        The digest of the analysis, and how long it took, seconds.
    """
    with ProcessCluster(folder / "cluster", workers=workers, pinned=True) as processes:
        return measure_analysis(film, make_settings(folder / "home", processes.address), workers=workers)


def measure_apart(film: Path, folder: Path) -> tuple[str, float]:
    """Have two workers that share nothing with this process but a cable analyse a film from a store on the network.

    Args:
        film: the film.
        folder: for everything that comes of it; no worker sees it, nor the film's.

    Returns:
        As `measure_workers`.
    """
    for words in (["ip", "link", "set", "lo", "up"], ["ip", "addr", "add", f"{STORE_HOST}/32", "dev", "lo"]):
        subprocess.run(words, check=True)
    home = folder / "home"
    home.mkdir(parents=True)
    with (
        serve_films(film.parent, host=STORE_HOST) as store,
        ProcessCluster(folder / "cluster", workers=2, host=STORE_HOST, hidden=home, apart=True) as processes,
    ):
        return measure_analysis(Path(f"{store}/{film.name}"), make_settings(home, processes.address), workers=2)


def make_settings(home: Path, address: str) -> Settings:
    """Return the settings of a library that gives its work to a scheduler."""
    return read_settings({"THROUGHLINE_HOME": str(home), "THROUGHLINE_SCHEDULER": address})


def measure_analysis(film: Path, settings: Settings, *, workers: int) -> tuple[str, float]:
    """Have a film analysed once all workers are there and have asked the networks once.

    Args:
        film: the film.
        settings: whose scheduler the workers have.
        workers: how many are waited for.

    Returns:
        The digest of all of the analysis but where its film lies, and how long it took, seconds.
    """
    cluster = Cluster.start(settings)
    deadline_s = time.monotonic() + PATIENCE_S
    while cluster.count_threads() < workers:
        if time.monotonic() > deadline_s:
            raise TimeoutError("the workers did not come")
        time.sleep(0.1)
    warm_up(cluster, settings, workers=workers)
    jobs, library = Jobs.start(settings, cluster=cluster), open_library(settings)
    try:
        begun_s = time.monotonic()
        job_id = jobs.submit_analysis(film, title="Film")
        while library.jobs.find_job(job_id).state in UNFINISHED:
            time.sleep(0.02)
        took_s = time.monotonic() - begun_s
        job = library.jobs.find_job(job_id)
        if job.state != "done":
            raise RuntimeError(f"{job.message} {job.hint}")
        analysis = library.load_analysis(str(job.cut_id))
        block = analysis_to_bytes(replace(analysis, cut=replace(analysis.cut, path=Path("film"))))
        return hashlib.sha256(block).hexdigest(), took_s
    finally:
        jobs.close()
        cluster.close()
        library.close()


def warm_up(cluster: Cluster, settings: Settings, *, workers: int) -> None:
    """Have every worker load the networks and ask them once: a worker does so once in its life."""
    settings.home.mkdir(parents=True, exist_ok=True)
    streams = open_streams(probe_cut(make_film(settings.home, width=160, height=96, megabits=1, seconds=LOOP_S)))
    evidence, curves = gather_evidence(streams), identify_curve_model(settings.curves)
    for task in [cluster.submit(tasks.conclude, streams, evidence, None, curves) for _ in range(workers)]:
        task.wait(lambda: None)


if __name__ == "__main__":
    main()
