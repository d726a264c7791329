"""The library: real SQLite files, several processes, and power cuts."""

import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.errors import LibraryError, TimecodeError
from pipeline.types import Progress
from studio.blob import analysis_to_bytes
from studio.media import store_upload
from studio.schema import CUTS
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(either):
    """Whatever holds on SQLite holds on PostgreSQL."""
    return either


def start_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, text=True, stdout=-1)


def end_all(processes: list[subprocess.Popen[str]]) -> list[int]:
    for process in processes:
        process.communicate(timeout=60)
    return [process.returncode for process in processes]


def test_a_saved_analysis_comes_back_exactly(library):
    analysis = make_analysis()
    library.save_analysis(analysis)
    assert analysis_to_bytes(library.load_analysis(analysis.cut.cut_id)) == analysis_to_bytes(analysis)


def test_the_list_says_what_a_cut_is(library):
    analysis = make_analysis(
        90.5, title="Schöne Männer", path=Path("/films/ein 'Film'.mp4"), streams=("frames", "audio")
    )
    before = datetime.now(UTC)
    library.save_analysis(analysis)
    (entry,) = library.list_cuts()
    assert (entry.id, entry.title, entry.path) == (analysis.cut.cut_id, "Schöne Männer", analysis.cut.path)
    assert entry.duration_s == 90.5
    assert entry.streams == ("frames", "audio")
    assert entry.analysed
    assert before <= entry.added_at <= datetime.now(UTC)


def test_saving_a_cut_again_replaces_it_and_keeps_its_date(library):
    library.save_analysis(make_analysis(seed=1, cut_id="aa"))
    (first,) = library.list_cuts()
    library.save_analysis(make_analysis(seed=2, cut_id="aa", title="Again"))
    (second,) = library.list_cuts()
    assert (second.title, second.added_at) == ("Again", first.added_at)
    expected = make_analysis(seed=2, cut_id="aa", title="Again")
    assert analysis_to_bytes(library.load_analysis("aa")) == analysis_to_bytes(expected)


def test_a_start_timecode_changes_nothing_else_of_an_analysis(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    entry = library.find_cut("aa")
    library.set_start_timecode("a", " 01:00:00:23")
    assert library.find_cut("aa") == entry
    expected = make_analysis(cut_id="aa", start_timecode="01:00:00:23")
    assert analysis_to_bytes(library.load_analysis("aa")) == analysis_to_bytes(expected)
    with pytest.raises(TimecodeError, match="outside a day of 24"):
        library.set_start_timecode("aa", "01:00:00:24")
    assert library.load_analysis("aa").cut.start_timecode == "01:00:00:23"
    with pytest.raises(LibraryError):
        library.set_start_timecode("bb", "01:00:00:00")


def test_the_newest_cut_comes_first(library):
    for seed in range(3):
        library.save_analysis(make_analysis(3, seed=seed, title=str(seed)))
    assert [entry.title for entry in library.list_cuts()] == ["2", "1", "0"]


def test_the_beginning_of_an_id_is_enough_while_it_is_the_only_one(library):
    for cut_id in ("ab12", "ab", "cd34"):
        library.save_analysis(make_analysis(3, cut_id=cut_id))
    assert library.find_cut("c").id == "cd34"
    assert library.find_cut("ab").id == "ab"
    assert library.find_cut("ab1").id == "ab12"
    for wrong in ("a", "", "x", "%", "_b"):
        with pytest.raises(LibraryError):
            library.find_cut(wrong)


def test_a_cut_that_is_not_there_is_refused_everywhere(library):
    for ask in (library.find_cut, library.load_analysis, library.remove_cut, library.jobs.find_job):
        with pytest.raises(LibraryError):
            ask("0123456789abcdef")


def test_an_analysis_of_another_format_asks_for_a_new_analysis(library, settings):
    library.save_analysis(make_analysis(3, cut_id="aa"))
    with library.engine.begin() as connection:
        connection.execute(update(CUTS).values(format=0))
    for file in (settings.home / "analyses").iterdir():
        file.write_bytes(b"\0")
    assert not library.list_cuts()[0].analysed
    with pytest.raises(LibraryError, match="Analyse its film again"):
        library.load_analysis("aa")


def test_removing_a_cut_deletes_uploads_and_nothing_else(library, settings, tmp_path):
    own = tmp_path / "my film.mp4"
    uploaded, subtitles = settings.media / "a1" / "film.mp4", settings.media / "b2" / "film.srt"
    for file in (own, uploaded, subtitles):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"film")
    library.save_analysis(make_analysis(3, cut_id="aa", path=own))
    library.save_analysis(make_analysis(3, cut_id="bb", path=uploaded, transcript_path=subtitles))
    sneaky = settings.media / ".." / ".." / own.name
    library.save_analysis(make_analysis(3, cut_id="cc", path=sneaky))
    for cut_id in ("aa", "bb", "cc"):
        library.remove_cut(cut_id)
    assert library.list_cuts() == []
    assert own.exists()
    assert list(settings.media.iterdir()) == []


def test_a_new_upload_of_a_cut_takes_the_place_of_the_old_one(library, settings):
    old, new = settings.media / "a1" / "film.mp4", settings.media / "b2" / "film.mp4"
    for file in (old, new):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"film")
        library.save_analysis(make_analysis(3, cut_id="aa", path=file))
    assert not old.exists()
    assert new.exists()


def test_an_upload_that_a_cut_or_a_waiting_job_needs_is_kept(library, settings):
    uploaded = settings.media / "a1" / "film.mp4"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_bytes(b"film")
    job = library.jobs.add_job(uploaded, "A film")
    library.jobs.discard_media(uploaded)
    assert uploaded.exists()
    library.save_analysis(make_analysis(3, cut_id="aa", path=uploaded))
    library.jobs.ask_cancel(job.id)
    library.jobs.discard_media(uploaded)
    assert uploaded.exists()


def test_cancelling_a_waiting_job_deletes_what_was_uploaded_for_it(library, settings, tmp_path):
    film, subtitles = (store_upload(settings, name, [b"some bytes"]) for name in ("film.mp4", "film.srt"))
    library.jobs.ask_cancel(library.jobs.add_job(film, "Uploaded", subtitles).id)
    assert list(settings.media.iterdir()) == []
    own = tmp_path / "my film.mp4"
    own.write_bytes(b"some bytes")
    library.jobs.ask_cancel(library.jobs.add_job(own, "From elsewhere").id)
    assert own.exists()


def test_a_job_goes_from_waiting_to_done(library):
    job = library.jobs.add_job(Path("/films/a.mp4"), "A film", Path("/films/a.srt"))
    assert (job.state, job.done, job.started_at, job.seconds_left) == ("waiting", 0, None, None)
    assert (job.path, job.title, job.transcript) == (Path("/films/a.mp4"), "A film", Path("/films/a.srt"))
    assert library.jobs.start_job(job.id)
    assert library.jobs.report_job(job.id, Progress(stage="Reading", done=0.25, position_s=12.5))
    job = library.jobs.find_job(job.id)
    assert (job.state, job.stage, job.done, job.position_s) == ("running", "Reading", 0.25, 12.5)
    assert job.seconds_left == pytest.approx(3 * (job.updated_at - job.started_at).total_seconds())
    assert library.jobs.finish_job(job.id, "aa")
    job = library.jobs.find_job(job.id)
    assert (job.state, job.done, job.cut_id, job.seconds_left) == ("done", 1, "aa", None)


def test_a_job_that_has_ended_stays_as_it_ended(library):
    job = library.jobs.add_job(Path("a.mp4"), "A film")
    assert library.jobs.fail_job(job.id, "It broke.", "Mend it.")
    late = Progress(stage="Reading", done=0.5, position_s=1)
    assert not any(
        (library.jobs.start_job(job.id), library.jobs.report_job(job.id, late), library.jobs.finish_job(job.id, "aa"))
    )
    library.jobs.ask_cancel(job.id)
    job = library.jobs.find_job(job.id)
    assert (job.state, job.message, job.hint) == ("failed", "It broke.", "Mend it.")


def test_a_waiting_job_is_cancelled_at_once_and_never_starts(library):
    job = library.jobs.add_job(Path("a.mp4"), "A film")
    library.jobs.ask_cancel(job.id)
    assert library.jobs.find_job(job.id).state == "cancelled"
    assert not library.jobs.start_job(job.id)


def test_a_running_job_is_asked_to_stop(library):
    job = library.jobs.add_job(Path("a.mp4"), "A film")
    library.jobs.start_job(job.id)
    assert not library.jobs.is_cancel_asked(job.id)
    library.jobs.ask_cancel(job.id)
    assert library.jobs.is_cancel_asked(job.id)
    assert library.jobs.find_job(job.id).state == "running"


def test_only_a_job_that_has_ended_can_be_forgotten(library):
    job = library.jobs.add_job(Path("a.mp4"), "A film")
    library.jobs.forget_job(job.id)
    assert library.jobs.list_jobs() == [job]
    library.jobs.fail_job(job.id, "", "")
    library.jobs.forget_job(job.id)
    assert library.jobs.list_jobs() == []


def test_jobs_see_paths_from_any_working_folder(library):
    assert library.jobs.add_job(Path("a.mp4"), "A film").path == Path.cwd() / "a.mp4"


def test_a_name_in_a_legacy_encoding_is_refused_with_a_hint(library):
    with pytest.raises(LibraryError, match="Unicode"):
        library.jobs.add_job(Path(os.fsdecode(b"/films/caf\xe9.mp4")), "A film")
    with pytest.raises(LibraryError, match="Unicode"):
        library.save_analysis(make_analysis(3, title="\udce9"))
    assert library.list_cuts() == []


def test_a_home_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path / "file" / "home")})
    with pytest.raises(LibraryError, match="THROUGHLINE_HOME"):
        open_library(settings)


@pytest.mark.parametrize("name", ["what?", "100%", "%41", "a#b", "ein 'Haus' – 1"])
def test_a_home_of_any_name_holds_its_own_library(tmp_path, name):
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path / name)})
    open_library(settings).close()
    assert (tmp_path / name / "library.sqlite").is_file()
    assert [folder.name for folder in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("database", ["sqlite:////nowhere/at/all.sqlite", "nosuch://library", "sqlite:///{file}"])
def test_a_database_that_cannot_be_opened_is_refused(tmp_path, database):
    (tmp_path / "file").write_text("This is no database, and long enough for SQLite to see it. " * 20)
    home, url = str(tmp_path / "home"), database.format(file=tmp_path / "file")
    with pytest.raises(LibraryError, match="THROUGHLINE_DATABASE"):
        open_library(read_settings({"THROUGHLINE_HOME": home, "THROUGHLINE_DATABASE": url}))


WRITE_JOBS = """
import sys
from pathlib import Path
from studio.schema import CUTS
from studio.settings import read_settings
from studio.store import open_library
library = open_library(read_settings({"THROUGHLINE_HOME": sys.argv[1], "THROUGHLINE_DATABASE": sys.argv[2]}))
for number in range(25):
    job = library.jobs.add_job(Path("a.mp4"), sys.argv[3])
    library.jobs.start_job(job.id)
    library.jobs.finish_job(job.id, str(number))
"""


def test_processes_and_threads_write_side_by_side_and_lose_nothing(settings, library):
    processes = [start_python(WRITE_JOBS, settings.home, settings.database, number) for number in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: library.jobs.add_job(Path("a.mp4"), f"thread {number}"), range(25)))
    assert end_all(processes) == [0, 0, 0]
    jobs = library.jobs.list_jobs()
    assert len(jobs) == 100
    assert sum(job.state == "done" for job in jobs) == 75


ADD_JOB = """
import sys
from pathlib import Path
from studio.settings import read_settings
from studio.store import open_library
settings = read_settings({"THROUGHLINE_HOME": sys.argv[1], "THROUGHLINE_DATABASE": sys.argv[2]})
open_library(settings).jobs.add_job(Path("a.mp4"), "")
"""


def test_processes_may_open_an_empty_home_at_the_same_moment(settings):
    processes = [start_python(ADD_JOB, settings.home, settings.database) for _ in range(4)]
    assert end_all(processes) == [0, 0, 0, 0]


def test_time_left_is_told_from_the_pace_so_far(library):
    job = library.jobs.add_job(Path("a.mp4"), "A film")
    library.jobs.start_job(job.id)
    library.jobs.report_job(job.id, Progress(stage="Reading", done=0.2, position_s=1))
    job = library.jobs.find_job(job.id)
    slow = dataclasses.replace(job, updated_at=job.started_at + timedelta(seconds=10))
    assert slow.seconds_left == pytest.approx(40)
