"""Whose turn it is: priorities, people, what is put first, what is tried again, and a disk that is full."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.processes import ProcessCluster
from pipeline.errors import LibraryError
from pipeline.types import Progress
from studio.cli import main
from studio.entries import BATCH, NO_SCHEDULER, NO_WORKERS, PREVIEW, USUAL
from studio.jobs import LEAST_AT_ONCE, Jobs
from studio.queue_lock import QueueLock
from studio.settings import read_settings
from studio.store import open_library
from tests.studio.films import make_film
from tests.studio.known_films import know_film

ROOT = Path(__file__).parents[2]


def add(library, title, **given):
    return library.jobs.add_job(Path(f"/films/{title}.mp4"), title, **given)


def add_running(library, title, **given):
    job = add(library, title, **given)
    assert library.jobs.start_job(job.id)
    return library.jobs.find_job(job.id)


def turns(library) -> list[str]:
    return [job.title for job in library.jobs.list_waiting()]


def test_what_is_urgent_goes_first_and_of_the_equally_urgent_what_came_first(either):
    library = open_library(either)
    for title, priority in (("archive", BATCH), ("film", USUAL), ("trailer", PREVIEW), ("second film", USUAL)):
        add(library, title, priority=priority)
    assert turns(library) == ["trailer", "film", "second film", "archive"]
    raised = next(job for job in library.jobs.list_waiting() if job.title == "archive")
    assert library.jobs.raise_job(raised.id)
    assert turns(library)[0] == "archive"
    library.close()


def test_only_what_is_as_urgent_stands_in_a_jobs_way(library, settings, cluster):
    jobs = Jobs(settings, library, cluster, QueueLock(library.engine))
    running = [add_running(library, f"archive {number}", priority=BATCH) for number in range(2)]
    assert not jobs._has_room(add(library, "more archive", priority=BATCH), running, LEAST_AT_ONCE)
    film = add(library, "film")
    assert jobs._has_room(film, running, LEAST_AT_ONCE)
    assert jobs._has_room(add(library, "trailer", template="teaser", priority=PREVIEW), running, LEAST_AT_ONCE)
    running += [add_running(library, "film 1"), add_running(library, "film 2")]
    assert not jobs._has_room(film, running, LEAST_AT_ONCE)
    library.jobs.raise_job(film.id)
    assert jobs._has_room(library.jobs.find_job(film.id), running, LEAST_AT_ONCE)


def test_nobody_has_more_at_work_than_the_settings_allow(library, settings, cluster):
    jobs = Jobs(replace(settings, jobs_per_person=1), library, cluster, QueueLock(library.engine))
    ada, grace = (library.for_person(name) for name in ("Ada", "Grace"))
    job, other = add(ada, "Ada's second"), add(grace, "Grace's first")
    running = [add_running(ada, "Ada's first")]
    assert not jobs._has_room(job, running, LEAST_AT_ONCE)
    assert jobs._has_room(other, running, LEAST_AT_ONCE)
    crowd = [replace(running[0], id=person, person=person) for person in ("Grace", "Mary", "Joan", "Jean")]
    assert not jobs._has_room(job, crowd, LEAST_AT_ONCE)


def test_a_job_says_that_it_waits_for_another_of_the_same_person(settings, library, cluster, tmp_path):
    jobs = Jobs.start(replace(settings, jobs_per_person=1), cluster=cluster)
    film = make_film(tmp_path / "long.mp4", seconds=60)
    first = jobs.submit_analysis(film, title="Ada's first", person="Ada")
    wait_for_state(library, first, "running")
    second = jobs.submit_analysis(film, title="Ada's second", person="Ada")
    wait_for_stage(library, second, "Waiting until another of Ada's jobs ends (1 at a time)")
    other = jobs.submit_analysis(film, title="Grace's", person="Grace")
    wait_for_state(library, other, "running")
    assert library.jobs.find_job(second).state == "waiting"
    for job_id in (second, first, other):
        jobs.cancel(job_id)
    jobs.close()


def test_what_a_job_changes_is_done_by_whoever_asked_for_it(jobs, library, tmp_path):
    film = make_film(tmp_path / "night.mp4", seconds=1)
    know_film(library, film, "Night")
    job_id = jobs.submit_analysis(film, title="Another night", person="Grace")
    wait_for_state(library, job_id, "done")
    assert [(done.person, done.action) for done in library.audit.list_actions()][1:] == [("Grace", "analysed again")]


def test_a_job_tells_for_whom_it_is_and_how_fast_it_goes(tmp_path):
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_PERSON": "Ada"})
    library = open_library(settings)
    job = add_running(library, "film")
    assert (job.person, job.speed) == ("Ada", None)
    library.jobs.report_job(job.id, Progress(stage="Reading", done=0.0, position_s=600), is_new_stage=True)
    library.jobs.report_job(job.id, Progress(stage="Reading", done=0.5, position_s=660))
    after = library.jobs.find_job(job.id)
    elapsed_s = (after.updated_at - after.stage_at).total_seconds()
    assert after.speed == pytest.approx(60 / elapsed_s)
    library.close()


def test_only_what_has_ended_without_success_is_tried_again(library, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    job = library.jobs.add_job(film, "film")
    for state in ("waiting", "running"):
        with pytest.raises(LibraryError, match=state):
            library.jobs.retry_job(job.id)
        library.jobs.start_job(job.id)
    library.jobs.fail_job(job.id, "No room.", "Make room.", can_retry=True)
    library.jobs.retry_job(job.id)
    again = library.jobs.find_job(job.id)
    assert (again.state, again.message, again.can_retry) == ("waiting", "", False)
    library.jobs.ask_cancel(job.id)
    library.jobs.retry_job(job.id)
    assert not library.jobs.is_cancel_asked(job.id)
    film.unlink()
    library.jobs.ask_cancel(job.id)
    with pytest.raises(LibraryError, match="not there"):
        library.jobs.retry_job(job.id)


def test_commands_show_and_change_the_queue(library, settings, monkeypatch, capsys):
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    running, waiting = add_running(library, "first"), add(library, "second")
    library.jobs.report_job(running.id, Progress(stage="Reading", done=0.5, position_s=83))
    failed = add_running(library, "third")
    library.jobs.fail_job(failed.id, "It broke.", "Mend it.")
    assert main(["jobs", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["first", "second"]
    assert "50%" in lines[0]
    assert "at 1:23" in lines[0]
    assert main(["jobs", "list", "--all"]) == 0
    assert "It broke.  Mend it." in capsys.readouterr().out
    assert main(["jobs", "raise", waiting.id]) == 0
    assert library.jobs.find_job(waiting.id).priority > running.priority
    assert main(["jobs", "cancel", waiting.id, "--json"]) == 0
    assert '"state": "cancelled"' in capsys.readouterr().out
    assert main(["jobs", "raise", waiting.id]) == 2
    assert main(["jobs", "retry", failed.id]) == 2
    assert main(["jobs", "cancel", "nothing"]) == 2


def test_what_ended_long_ago_is_forgotten_unless_it_failed(either):
    library = open_library(either)
    done, failed, waiting = (add(library, title) for title in ("done", "failed", "waiting"))
    for job in (done, failed):
        library.jobs.start_job(job.id)
    library.jobs.finish_job(done.id, "aa")
    library.jobs.fail_job(failed.id, "It broke.", "Mend it.")
    library.jobs.forget_old(datetime.now(UTC) - timedelta(days=1))
    assert len(library.jobs.list_jobs()) == 3
    library.jobs.forget_old(datetime.now(UTC) + timedelta(days=1))
    assert {job.id for job in library.jobs.list_jobs()} == {failed.id, waiting.id}
    library.close()


FILL_AND_FREE = """
import shutil, subprocess, sys, time
from dataclasses import replace
from pathlib import Path
from pipeline.streams.probe import probe_cut
from studio.cluster import Cluster
from studio.entries import UNFINISHED
from studio.jobs import LEAST_AT_ONCE, Jobs
from studio.provenance import name_makers
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis

def wait(job_id):
    while library.jobs.find_job(job_id).state in UNFINISHED:
        time.sleep(0.05)
    return library.jobs.find_job(job_id)

if __name__ == "__main__":
    home, film = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(home)], check=True)
    settings = read_settings({"THROUGHLINE_HOME": str(home), "THROUGHLINE_WORKERS": "1"})
    cut = probe_cut(film)
    known = replace(make_analysis(1, cut_id=cut.cut_id, path=film), provenance=name_makers(settings.curves))
    library = open_library(settings)
    library.save_analysis(replace(known, cut=replace(known.cut, duration_s=cut.duration_s)))
    jobs = Jobs.start(settings)
    ballast = home / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while shutil.disk_usage(home).free > 36_864:
                file.write(bytes(4096))
        except OSError:
            pass
    job = wait(jobs.submit_analysis(film, title="Night"))
    print(job.state, job.can_retry, job.message, job.hint)
    ballast.unlink()
    library.jobs.retry_job(job.id)
    job = wait(job.id)
    print(job.state, library.list_cuts()[0].title)
    jobs.close()
"""


def test_a_full_disk_is_told_and_the_job_goes_on_when_there_is_room(tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody but its administrator mount a small disk")
    script, home = tmp_path / "fill.py", tmp_path / "home"
    script.write_text(FILL_AND_FREE)
    home.mkdir()
    film = make_film(tmp_path / "film.mp4", seconds=1)
    words = ["unshare", "-rm", sys.executable, str(script), str(home), str(film)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    failed, done = ended.stdout.splitlines()
    assert failed.startswith("failed True")
    assert "space" in failed or "full" in failed
    assert "room" in failed
    assert done == "done Night"


def test_a_job_says_whether_it_waits_for_workers_or_for_the_scheduler(tmp_path, monkeypatch):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear Sir")
    with ProcessCluster(tmp_path / "cluster", workers=0) as processes:
        environ = {"THROUGHLINE_HOME": str(tmp_path / "home"), "THROUGHLINE_SCHEDULER": processes.address}
        settings = read_settings(environ)
        monkeypatch.setattr("studio.workers.CONNECT_TIMEOUT_S", 30)
        jobs, library = Jobs.start(settings), open_library(settings)
        monkeypatch.setattr("studio.workers.CONNECT_TIMEOUT_S", 1)
        job_id = jobs.submit_analysis(letter, title="Letter")
        wait_for_stage(library, job_id, NO_WORKERS)
        processes.kill_scheduler()
        wait_for_stage(library, job_id, NO_SCHEDULER)
        processes.keep_alive()
        wait_for_stage(library, job_id, NO_WORKERS)
        jobs.close()
        library.close()


def wait_for_state(library, job_id, state):
    wait_for(library, job_id, lambda job: job.state == state)


def wait_for_stage(library, job_id, stage):
    wait_for(library, job_id, lambda job: job.stage == stage)


def wait_for(library, job_id, is_there):
    deadline_s = time.monotonic() + 60
    while not is_there(library.jobs.find_job(job_id)):
        assert time.monotonic() < deadline_s, library.jobs.find_job(job_id)
        time.sleep(0.05)
