"""Jobs on a real Dask cluster, in a real database."""

import os
import socket
import sqlite3
import ssl
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from models.shipped import identify_curve_model, identify_text_model
from pipeline.errors import LibraryError, SettingError
from pipeline.streams.probe import probe_cut
from studio.entries import UNFINISHED
from studio.jobs import Jobs, current_jobs
from studio.media import store_upload
from studio.settings import read_settings
from tests.analyses import make_analysis
from tests.studio.films import make_film

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
"""Dask leaves sockets of a worker that was killed to the garbage collector."""

PATIENCE_S = 120


@pytest.fixture
def jobs(settings):
    jobs = Jobs.start(settings)
    yield jobs
    jobs.close()


def wait_for(library, job_id, states=("done", "failed", "cancelled")):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        job = library.jobs.find_job(job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    pytest.fail(f"the job still is {job}")


def make_endless(folder: Path) -> Path:
    """A film that is being read for ever: a pipe that nobody writes to."""
    path = folder / "endless.mp4"
    os.mkfifo(path)
    return path


def kill_worker() -> int:
    """Kill the process that runs the tasks, as the system does when memory runs out; returns its id."""
    workers = [
        child for child in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(child.cmdline())
    ]
    (worker,) = workers
    worker.kill()
    return worker.pid


def test_without_a_start_there_are_no_jobs():
    with pytest.raises(LibraryError, match="serve"):
        current_jobs()


def test_the_pages_find_the_jobs_that_were_started(jobs):
    assert current_jobs() is jobs


def test_nobody_without_this_runs_certificate_talks_to_the_cluster(jobs):
    address = urlsplit(jobs._cluster.scheduler_address)
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
    loading, reading = "Loading the models", "Reading picture and sound"
    assert list(first) == ["Starting", "Opening the film", loading, reading, "Drawing the curves", "Saving", "Done"]
    assert first[reading][0] == 0
    assert first[loading][1] < first[reading][1] == first["Done"][1]


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


def test_a_film_that_is_known_ends_its_job_at_once_and_is_stored_once(jobs, library, settings, tmp_path):
    film = make_film(tmp_path / "a.mp4", seconds=1)
    first, second = (store_upload(settings, "a.mp4", film.open("rb")) for _ in range(2))
    cut_id = probe_cut(first).cut_id
    shipped = {"curves": identify_curve_model(), "text": identify_text_model()}
    library.save_analysis(replace(make_analysis(1, cut_id=cut_id, path=first), provenance=shipped))
    job = wait_for(library, jobs.submit_analysis(second, title="Again"))
    assert (job.state, job.cut_id) == ("done", cut_id)
    assert library.list_cuts()[0].title == "Again"
    assert first.exists()
    assert_gone(second)


def test_a_worker_that_dies_twice_over_a_job_fails_it_and_the_next_job_runs(jobs, library, settings, tmp_path):
    endless = make_endless(tmp_path)
    job_id = jobs.submit_analysis(endless, title="Endless")
    started_at = wait_for(library, job_id, ("running",)).started_at
    kill_worker()
    deadline = time.monotonic() + PATIENCE_S
    while library.jobs.find_job(job_id).started_at == started_at:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kill_worker()
    job = wait_for(library, job_id)
    assert job.state == "failed"
    assert "worker" in job.message
    assert endless.exists()
    letter = store_upload(settings, "letter.mp4", [b"Dear Sir"])
    assert wait_for(library, jobs.submit_analysis(letter, title="Letter")).state == "failed"


def test_jobs_outlive_the_program_and_a_waiting_one_can_be_cancelled(library, settings, tmp_path):
    first = Jobs.start(settings)
    running = first.submit_analysis(make_endless(tmp_path), title="Endless")
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear Sir")
    waiting = first.submit_analysis(letter, title="Letter")
    unwanted = first.submit_analysis(letter, title="Unwanted")
    wait_for(library, running, ("running",))
    first.cancel(unwanted)
    assert library.jobs.find_job(unwanted).state == "cancelled"
    first.close()
    assert [library.jobs.find_job(job_id).state for job_id in (running, waiting)] == ["running", "waiting"]
    library.jobs.ask_cancel(
        running
    )  # Its pipe would be waited for again otherwise; a request to stop survives a restart too.
    second = Jobs.start(settings)
    assert wait_for(library, running).state == "cancelled"
    assert wait_for(library, waiting).state == "failed"
    assert library.jobs.find_job(unwanted).state == "cancelled"
    second.close()
    assert not [job for job in library.jobs.list_jobs() if job.state in UNFINISHED]


def test_a_scheduler_that_does_not_answer_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.jobs.CONNECT_TIMEOUT_S", 1)
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_SCHEDULER": "tcp://127.0.0.1:9"})
    with pytest.raises(SettingError, match="THROUGHLINE_SCHEDULER"):
        Jobs.start(settings)


def assert_gone(path: Path) -> None:
    """A job's upload is deleted right after its state is written."""
    deadline = time.monotonic() + 10
    while path.parent.exists():
        assert time.monotonic() < deadline, f"{path} still exists"
        time.sleep(0.05)
