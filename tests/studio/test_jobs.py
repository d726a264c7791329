"""Jobs on a real Dask cluster, in a real database."""

import contextlib
import os
import socket
import sqlite3
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.shipped import CURVE_WEIGHTS
from pipeline.errors import LibraryError, SettingError
from pipeline.features.evidence import SoundEvidence
from pipeline.streams.probe import probe_cut
from studio.analysing import SAME_FILM
from studio.cluster_crew import CONCLUDING
from studio.entries import UNFINISHED
from studio.job_run import REPORT_INTERVAL_S, JobRun
from studio.jobs import Jobs, current_jobs
from studio.media import store_upload
from studio.provenance import name_makers
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis
from tests.studio.films import make_film

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
"""Dask leaves sockets of a worker that was killed to the garbage collector."""

PATIENCE_S = 120


def wait_for(library, job_id, states=("done", "failed", "cancelled")):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        job = library.jobs.find_job(job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    pytest.fail(f"the job still is {job}")


def list_workers() -> list[psutil.Process]:
    """The processes of this one's workers."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "spawn_main" in _read_command(child)]


def _read_command(process):
    """The words of a process's command; none once it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def test_without_a_start_there_are_no_jobs():
    with pytest.raises(LibraryError, match="serve"):
        current_jobs()


def test_the_pages_find_the_jobs_that_were_started(jobs):
    assert current_jobs() is jobs


def test_nobody_without_this_runs_certificate_talks_to_the_cluster(cluster):
    address = urlsplit(cluster.address)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    assert address.scheme == "tls"
    with (
        pytest.raises((ssl.SSLError, ConnectionResetError)),
        socket.create_connection((address.hostname, address.port), timeout=10) as raw,
        trusting.wrap_socket(raw) as connection,
    ):
        connection.recv(1)


def test_a_film_is_analysed_outside_this_process(jobs, library, settings, tmp_path):
    film = make_film(tmp_path / "a film.mp4")
    job = wait_for(library, jobs.submit_analysis(store_upload(settings, film.name, film.open("rb")), title="A film"))
    assert (job.state, job.message) == ("done", "")
    analysis = library.load_analysis(job.cut_id)
    assert analysis.cut.title == "A film"
    assert len(analysis.curves.values) == 4


WATCH_STAGES = """
CREATE TABLE seen (stage TEXT, done REAL, started_at TEXT);
CREATE TRIGGER watch AFTER UPDATE ON jobs BEGIN INSERT INTO seen VALUES (new.stage, new.done, new.started_at); END;
"""


def test_a_job_names_every_stage_and_its_clock_starts_with_reading(library, jobs, settings, tmp_path):
    with sqlite3.connect(settings.home / "library.sqlite") as connection:
        connection.executescript(WATCH_STAGES)
        job = wait_for(library, jobs.submit_analysis(make_film(tmp_path / "a.mp4", seconds=2), title=""))
        assert (job.state, job.message) == ("done", "")
        first = {}
        for stage, done, started_at in connection.execute("SELECT * FROM seen ORDER BY rowid"):
            first.setdefault(stage, (done, started_at))
    connection.close()
    opening, reading = "Opening the film", "Reading picture and sound"
    assert list(first) == ["Starting", opening, reading, CONCLUDING, "Drawing the curves", "Saving", "Done"]
    assert first[reading][0] == 0
    assert first[opening][1] < first[reading][1] <= first[CONCLUDING][1] == first["Done"][1]


def test_a_running_analysis_is_cancelled_and_its_upload_deleted(jobs, library, settings, tmp_path):
    film = make_film(tmp_path / "long.mp4", seconds=30)
    uploaded = store_upload(settings, film.name, film.open("rb"))
    job_id = jobs.submit_analysis(uploaded, title="Long")
    wait_for(library, job_id, ("running",))
    jobs.cancel(job_id)
    assert wait_for(library, job_id).state == "cancelled"
    assert library.list_cuts() == []
    assert_gone(uploaded)


def test_a_file_that_is_no_film_fails_with_a_hint_and_is_deleted(jobs, library, settings):
    uploaded = store_upload(settings, "letter.mp4", [b"Dear Sir, this is no film."])
    job = wait_for(library, jobs.submit_analysis(uploaded, title="Letter"))
    assert job.state == "failed"
    assert "letter.mp4" in job.message
    assert job.hint
    assert library.list_cuts() == []
    assert_gone(uploaded)


def test_a_film_that_is_away_can_be_tried_again_and_its_upload_is_kept(jobs, library, settings, tmp_path):
    uploaded = store_upload(settings, "a.mp4", make_film(tmp_path / "a.mp4", seconds=1).open("rb"))
    elsewhere = uploaded.rename(tmp_path / "elsewhere.mp4")  # As on a disk that was let go for a moment.
    job = wait_for(library, jobs.submit_analysis(uploaded, title="Away"))
    assert (job.state, job.can_retry) == ("failed", True)
    elsewhere.rename(uploaded)
    library.jobs.retry_job(job.id)
    assert wait_for(library, job.id).state == "done"
    assert uploaded.exists()


def test_a_job_goes_on_when_the_database_comes_back(jobs, library, tmp_path):
    job_id = jobs.submit_analysis(make_film(tmp_path / "long.mp4", seconds=60), title="Night")
    wait_for(library, job_id, ("running",))
    away = threading.Event()

    def refuse(*_):
        if away.is_set():
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("unable to open database file"))

    event.listen(jobs._library.engine, "before_cursor_execute", refuse)
    away.set()
    time.sleep(3 * REPORT_INTERVAL_S)
    running = jobs._running.get(job_id)
    assert library.jobs.find_job(job_id).state == "running"
    away.clear()
    assert wait_for(library, job_id).state == "done"
    assert running is not None


@pytest.mark.parametrize(("name", "state"), [("run", "done"), ("_run_to_an_end", "failed")])
def test_a_job_whose_thread_broke_off_comes_to_an_end(jobs, library, tmp_path, monkeypatch, name, state):
    broken = []

    def break_off(run):
        broken.append(run)
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(JobRun, name, break_off)
    job_id = jobs.submit_analysis(make_film(tmp_path / "a.mp4", seconds=2), title="Night")
    job = wait_for(library, job_id)
    assert job.state == state
    assert job.can_retry == (state == "failed")
    assert len(broken) == 1


def test_a_film_that_is_known_ends_its_job_at_once_and_is_stored_once(jobs, library, settings, tmp_path):
    film = make_film(tmp_path / "a.mp4", seconds=1)
    first, second = (store_upload(settings, "a.mp4", film.open("rb")) for _ in range(2))
    cut_id = probe_cut(first).cut_id
    known = replace(make_analysis(1, cut_id=cut_id, path=first), provenance=name_makers(CURVE_WEIGHTS))
    library.save_analysis(replace(known, cut=replace(known.cut, duration_s=probe_cut(first).duration_s)))
    job = wait_for(library, jobs.submit_analysis(second, title="Again"))
    assert (job.state, job.cut_id) == ("done", cut_id)
    assert library.list_cuts()[0].title == "Again"
    assert first.exists()
    assert_gone(second)


def test_a_worker_that_dies_twice_over_a_job_fails_it_and_it_can_be_tried_again(tmp_path, cluster):
    alone = read_settings({"THROUGHLINE_HOME": str(tmp_path / "home"), "THROUGHLINE_WORKERS": "1"})
    others = {process.pid for process in list_workers()}
    jobs, library = Jobs.start(alone), open_library(alone)
    endless = store_upload(alone, "endless.mp4", [])
    endless.unlink()
    os.mkfifo(endless)
    job_id = jobs.submit_analysis(endless, title="Endless")
    wait_for(library, job_id, ("running",))
    killed: set[int] = set()
    while library.jobs.find_job(job_id).state == "running":
        with contextlib.suppress(OSError):  # Nobody has opened it to read yet.
            held = os.open(endless, os.O_WRONLY | os.O_NONBLOCK)
            for worker in list_workers():
                if worker.pid not in others:
                    killed.add(worker.pid)
                    worker.kill()
                    worker.wait()
            os.close(held)
        time.sleep(0.05)
    job = wait_for(library, job_id)
    assert job.state == "failed"
    assert "worker" in job.message
    assert "THROUGHLINE_WORKER_MEMORY" in job.hint
    assert len(killed) >= 2
    assert endless.exists()
    endless.unlink()
    endless.write_text("Dear Sir")
    library.jobs.retry_job(job_id)
    again = wait_for(library, job_id)
    assert (again.state, again.can_retry) == ("failed", False)
    assert "endless.mp4" in again.message
    assert_gone(endless)
    jobs.close()
    library.close()


def test_jobs_outlive_the_program_and_a_waiting_one_can_be_cancelled(library, settings, cluster, tmp_path):
    first = Jobs.start(settings, cluster=cluster)
    film = make_film(tmp_path / "long.mp4", seconds=60)
    running = [first.submit_analysis(film, title="Long") for _ in range(2)]
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear Sir")
    waiting = first.submit_analysis(letter, title="Letter")
    unwanted = first.submit_analysis(letter, title="Unwanted")
    for job_id in running:
        wait_for(library, job_id, ("running",))
    first.cancel(unwanted)
    assert library.jobs.find_job(unwanted).state == "cancelled"
    first.close()
    assert {library.jobs.find_job(job_id).state for job_id in running} == {"running"}
    assert library.jobs.find_job(waiting).state == "waiting"
    library.jobs.ask_cancel(running[0])  # A request to stop survives a restart.
    second = Jobs.start(settings, cluster=cluster)
    assert wait_for(library, running[0]).state == "cancelled"
    assert wait_for(library, running[1]).state == "done"
    assert wait_for(library, waiting).state == "failed"
    assert library.jobs.find_job(unwanted).state == "cancelled"
    second.close()
    assert not [job for job in library.jobs.list_jobs() if job.state in UNFINISHED]


def test_the_same_film_twice_at_once_is_read_once(library, settings, jobs, tmp_path):
    film = make_film(tmp_path / "a.mp4", seconds=20)
    copies = [store_upload(settings, "a.mp4", film.open("rb")) for _ in range(2)]
    with sqlite3.connect(settings.home / "library.sqlite") as connection:
        connection.executescript(WATCH_STAGES)
        ids = [jobs.submit_analysis(copy, title="") for copy in copies]
        ended = [wait_for(library, job_id) for job_id in ids]
        seen = [stage for (stage,) in connection.execute("SELECT stage FROM seen WHERE done = 0")]
    connection.close()
    assert [job.state for job in ended] == ["done", "done"]
    assert ended[0].cut_id == ended[1].cut_id
    assert len(library.list_cuts()) == 1
    assert seen.count(SAME_FILM) >= 1
    assert seen.count("Reading picture and sound") == 1
    assert sum(copy.exists() for copy in copies) == 1


def test_a_cancelled_job_leaves_no_parts_behind(library, settings, jobs, tmp_path):
    job_id = jobs.submit_analysis(make_film(tmp_path / "long.mp4", seconds=200), title="Long")
    deadline = time.monotonic() + PATIENCE_S
    while not list(settings.home.glob("parts/*/*-frames-*.npz")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    jobs.cancel(job_id)
    assert wait_for(library, job_id).state == "cancelled"
    while list((settings.home / "parts").iterdir()):  # They are deleted right after the job's state is written.
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert library.list_cuts() == []


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_work_whose_job_was_ended_elsewhere_leaves_the_parts_alone(library, jobs, tmp_path, is_forgotten):
    film = make_film(tmp_path / "long.mp4", seconds=60)
    job_id, other = jobs.submit_analysis(film, title="Night"), library.jobs.add_job(film, "Night again")
    cut_id = probe_cut(film).cut_id
    library.jobs.name_job_cut(other.id, cut_id)
    wait_for(library, job_id, ("running",))
    levels = np.zeros((25, 24), np.uint8)
    part = SoundEvidence(
        rms=np.ones(25), lrdiff=np.ones(25), levels=levels, present=np.ones(25, bool), details=np.zeros((1, 5))
    )
    library.find_parts(cut_id).save("of-the-other-job", part)
    library.jobs.fail_job(job_id, "It was ended.", "Add the film again.")
    if is_forgotten:
        library.jobs.forget_job(job_id)
    deadline = time.monotonic() + PATIENCE_S
    while job_id in jobs._running and jobs._running[job_id].is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert library.find_parts(cut_id).load("of-the-other-job") is not None or library.list_cuts()


def test_a_scheduler_that_does_not_answer_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.workers.CONNECT_TIMEOUT_S", 1)
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_SCHEDULER": "tcp://127.0.0.1:9"})
    with pytest.raises(SettingError, match="THROUGHLINE_SCHEDULER"):
        Jobs.start(settings)


def assert_gone(path: Path) -> None:
    """A job's upload is deleted right after its state is written."""
    deadline = time.monotonic() + 10
    while path.parent.exists():
        assert time.monotonic() < deadline, f"{path} still exists"
        time.sleep(0.05)
