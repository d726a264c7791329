"""Light copies for players, made by real workers."""

import time
from fractions import Fraction

import numpy as np
import pytest

from pipeline.proxy import make_piece, plan_pieces
from pipeline.streams.excerpt import read_frames
from pipeline.streams.playback import judge_playback
from pipeline.streams.probe import probe_cut
from studio.backup import back_up_library, restore_library
from studio.entries import ANALYSIS, BACKGROUND, PROXY, USUAL
from studio.jobs import Jobs
from studio.media import store_upload
from studio.proxies import find_proxy_job, request_proxy
from studio.settings import read_settings
from studio.store import open_library
from studio.upkeep import check_library
from tests.analyses import make_analysis
from tests.films import make_tone, paint_shots, write_film
from tests.studio.films import make_film
from tests.studio.known_films import know_film

PATIENCE_S = 120
LONG_S = 130
"""Three pieces."""


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory):
    """A film that no browser plays."""
    path = tmp_path_factory.mktemp("films") / "broadcast.mpg"
    return write_film(path, pictures=paint_shots(2), sound=make_tone(2), picture_codec="mpeg2video", sound_codec="mp2")


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A longer one, two pictures a second."""
    pictures, path = paint_shots(LONG_S, rate=Fraction(2), size=(64, 36)), tmp_path_factory.mktemp("films") / "long.avi"
    return write_film(path, pictures=pictures, rate=Fraction(2), picture_codec="mpeg4")


def wait_until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_proxy(library, cut_id, states):
    wait_until(lambda: (job := find_proxy_job(library, cut_id)) is not None and job.state in states)
    return find_proxy_job(library, cut_id)


def list_files(home, cut_id):
    return [path for path in home.rglob("*") if path.is_file() and cut_id in str(path)]


def test_a_film_that_no_browser_plays_has_a_copy_once_it_is_analysed(jobs, library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    jobs.submit_analysis(broadcast, title="Broadcast")
    job = wait_for_proxy(library, cut.cut_id, ("done", "failed"))
    assert (job.state, job.done, job.priority) == ("done", 1.0, BACKGROUND)
    copy = library.find_proxy(cut.cut_id).find()
    assert judge_playback(copy).is_light
    assert probe_cut(copy).duration_s == pytest.approx(cut.duration_s, abs=0.05)
    assert check_library(library, grace_s=0) == []
    jobs.submit_analysis(broadcast, title="Broadcast")
    wait_until(lambda: all(job.state == "done" for job in library.jobs.list_jobs()))
    assert [job.kind for job in library.jobs.list_jobs()] == [ANALYSIS, PROXY, ANALYSIS]


def test_a_film_that_plays_lightly_has_none(jobs, library, tmp_path):
    cut = know_film(library, make_film(tmp_path / "light.mp4", seconds=1), "Light")
    jobs.submit_analysis(cut.path, title="Light")
    wait_until(lambda: all(job.state == "done" for job in library.jobs.list_jobs()))
    assert [job.kind for job in library.jobs.list_jobs()] == [ANALYSIS]
    assert library.find_proxy(cut.cut_id).read_playback().is_light


def test_a_copy_is_made_once_however_often_it_is_asked_for(jobs, library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    for _ in range(2):  # As two tabs that ask in the same moment.
        library.jobs.add_job(cut.path, cut.title, kind=PROXY, cut_id=cut.cut_id)
    request_proxy(library, cut, priority=USUAL)
    wait_until(lambda: all(job.state == "done" for job in library.jobs.list_jobs()))
    request_proxy(library, cut, priority=USUAL)
    assert [job.state for job in library.jobs.list_jobs()] == ["done", "done"]
    assert judge_playback(library.find_proxy(cut.cut_id).find()).is_light


def test_work_that_broke_off_goes_on_with_the_pieces_that_are_made(settings, cluster, library, long):
    cut = know_film(library, long, "Long")
    pieces, stored = plan_pieces(cut), library.find_proxy(cut.cut_id)
    assert len(pieces) == 3
    negative = long.with_name("negative.avi")
    write_film(
        negative,
        pictures=255 - paint_shots(LONG_S, rate=Fraction(2), size=(64, 36)),
        rate=Fraction(2),
        picture_codec="mpeg4",
    )
    stored.save_piece(pieces[0], make_piece(probe_cut(negative), pieces[0]))
    request_proxy(library, cut, priority=USUAL)
    library.jobs.start_job(library.jobs.list_jobs()[0].id)  # As a program that was killed leaves it.
    jobs = Jobs.start(settings, cluster=cluster)
    try:
        assert wait_for_proxy(library, cut.cut_id, ("done", "failed")).state == "done"
    finally:
        jobs.close()
    copy = probe_cut(stored.find())
    assert copy.duration_s == cut.duration_s
    for second, film in ((10, probe_cut(negative)), (70, cut), (125, cut)):
        shown, wanted = (
            next(read_frames(each, start_s=Fraction(second), end_s=Fraction(second + 1), box_px=(64, 36))).astype(int)
            for each in (copy, film)
        )
        assert np.abs(shown - wanted).mean() < 12
    assert not any(stored.has_piece(piece) for piece in pieces)


def test_a_copy_that_is_cancelled_leaves_nothing_and_can_be_asked_for_again(jobs, library, long):
    cut = know_film(library, long, "Long")
    stored, piece = library.find_proxy(cut.cut_id), plan_pieces(cut)[0]
    stored.save_piece(piece, b"made before")
    request_proxy(library, cut, priority=USUAL)
    job = wait_for_proxy(library, cut.cut_id, ("running",))
    jobs.cancel(job.id)
    assert wait_for_proxy(library, cut.cut_id, ("cancelled", "failed")).state == "cancelled"
    wait_until(lambda: not stored.has_piece(piece))
    request_proxy(library, cut, priority=USUAL)
    assert wait_for_proxy(library, cut.cut_id, ("done", "failed")).state == "done"


@pytest.mark.parametrize("end", ["cancel", "dismiss"])
def test_pieces_go_with_the_job_that_wanted_them(library, broadcast, end):
    cut = know_film(library, broadcast, "Broadcast")
    stored, piece = library.find_proxy(cut.cut_id), plan_pieces(cut)[0]
    stored.save_piece(piece, make_piece(cut, piece))
    library.find_parts(cut.cut_id).save_draft(make_analysis(2))
    request_proxy(library, cut, priority=USUAL)
    job = find_proxy_job(library, cut.cut_id)
    if end == "cancel":
        library.jobs.ask_cancel(job.id)
    else:
        library.jobs.start_job(job.id)
        library.jobs.fail_job(job.id, "The disk is full.", "Make room on it, then try again.", can_retry=True)
        library.jobs.forget_job(job.id)
    assert not stored.has_piece(piece)
    assert library.find_parts(cut.cut_id).load_draft() is not None


def test_pieces_that_no_job_wants_are_found(library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    stored, piece = library.find_proxy(cut.cut_id), plan_pieces(cut)[0]
    stored.save_piece(piece, make_piece(cut, piece))
    request_proxy(library, cut, priority=USUAL)
    assert check_library(library, grace_s=0) == []
    library.jobs.drop_cut(cut.cut_id)
    assert [finding.fault for finding in check_library(library, grace_s=0)] == [
        "pieces of a light copy that nobody makes"
    ]
    assert not stored.has_piece(piece)


def test_a_damaged_piece_is_made_anew(jobs, library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    stored, piece = library.find_proxy(cut.cut_id), plan_pieces(cut)[0]
    stored.save_piece(piece, make_piece(cut, piece)[:-500])
    request_proxy(library, cut, priority=USUAL)
    job = wait_for_proxy(library, cut.cut_id, ("done", "failed"))
    assert (job.state, job.can_retry) == ("failed", True)
    assert "damaged" in job.message
    library.jobs.retry_job(job.id)
    assert wait_for_proxy(library, cut.cut_id, ("done", "failed")).state == "done"


def test_another_film_at_its_path_is_not_taken_for_it(jobs, library, broadcast, tmp_path):
    film = tmp_path / "reel.mpg"
    film.write_bytes(broadcast.read_bytes())
    cut = know_film(library, film, "Reel")
    make_film(film.with_suffix(".mp4"), seconds=1).replace(film)
    request_proxy(library, cut, priority=USUAL)
    job = wait_for_proxy(library, cut.cut_id, ("done", "failed"))
    assert job.state == "failed"
    assert "another film" in job.message
    assert library.find_proxy(cut.cut_id).find() is None


def test_a_film_that_has_gone_is_told_as_that(jobs, library, broadcast, tmp_path):
    film = tmp_path / "reel.mpg"
    film.write_bytes(broadcast.read_bytes())
    cut = know_film(library, film, "Reel")
    film.unlink()
    request_proxy(library, cut, priority=USUAL)
    job = wait_for_proxy(library, cut.cut_id, ("done", "failed"))
    assert job.state == "failed"
    assert "There is no file" in job.message


def test_what_a_kill_and_another_version_left_is_found(library, settings, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    stored = library.find_proxy(cut.cut_id)
    stored.path.parent.mkdir()
    for name in (stored.path.name, f"{cut.cut_id}.1.4711", f"{cut.cut_id}.0.mp4"):
        (stored.path.parent / name).write_bytes(b"film")
    assert sorted(finding.fault for finding in check_library(library, grace_s=0)) == [
        "a file that was not written to its end",
        "a light copy of another version",
    ]
    assert [path.name for path in stored.path.parent.iterdir()] == [stored.path.name]


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_a_cut_that_is_removed_takes_its_copy_and_its_job_with_it(library, settings, broadcast, state):
    film = store_upload(settings, "reel.mpg", [broadcast.read_bytes()])
    cut = know_film(library, film, "Reel")
    stored, pieces = library.find_proxy(cut.cut_id), plan_pieces(cut)
    stored.save_piece(pieces[0], make_piece(cut, pieces[0]))
    request_proxy(library, cut, priority=USUAL)
    if state == "failed":
        job = find_proxy_job(library, cut.cut_id)
        library.jobs.start_job(job.id)
        library.jobs.fail_job(job.id, "The disk is full.", "Make room on it, then try again.", can_retry=True)
    library.remove_cut(cut.cut_id)
    assert library.jobs.list_jobs() == []
    assert not film.exists()
    assert list_files(settings.home, cut.cut_id) == []


def test_a_cut_that_is_removed_while_it_is_copied_leaves_nothing(jobs, library, settings, long):
    cut = know_film(library, long, "Long")
    request_proxy(library, cut, priority=USUAL)
    wait_for_proxy(library, cut.cut_id, ("running",))
    library.remove_cut(cut.cut_id)
    assert wait_for_proxy(library, cut.cut_id, ("cancelled", "failed", "done")).state == "cancelled"
    wait_until(lambda: not list_files(settings.home, cut.cut_id))


def test_copies_are_in_no_backup_and_are_asked_for_again_where_a_film_needs_one(library, broadcast, tmp_path):
    cut = know_film(library, broadcast, "Broadcast")
    know_film(library, make_film(tmp_path / "light.mp4", seconds=1), "Light")
    gone = write_film(tmp_path / "gone.mpg", pictures=paint_shots(1), picture_codec="mpeg2video")
    know_film(library, gone, "Gone")
    gone.unlink()
    done = library.jobs.add_job(cut.path, cut.title, kind=PROXY, cut_id=cut.cut_id)
    library.jobs.finish_job(done.id, cut.cut_id)
    stored, pieces = library.find_proxy(cut.cut_id), plan_pieces(cut)
    for piece in pieces:
        stored.save_piece(piece, make_piece(cut, piece))
    stored.join(cut, pieces, lambda: None)
    back_up_library(library, tmp_path / "all.zip")
    other = open_library(read_settings({"THROUGHLINE_HOME": str(tmp_path / "other")}))
    restore_library(other, tmp_path / "all.zip")
    assert other.find_proxy(cut.cut_id).find() is None
    assert other.find_proxy(cut.cut_id).read_playback() == stored.read_playback()
    assert [(job.kind, job.cut_id, job.priority) for job in other.jobs.list_waiting()] == [
        (PROXY, cut.cut_id, BACKGROUND)
    ]
    other.close()


def test_a_cut_that_is_removed_takes_its_new_analysis_that_waits_with_it(library, settings, broadcast):
    cut = know_film(library, broadcast, "Reel")
    copy = store_upload(settings, "copy.mpg", [broadcast.read_bytes()])
    waiting, ended = (library.jobs.add_job(path, "Reel", cut_id=cut.cut_id) for path in (copy, cut.path))
    library.jobs.start_job(ended.id)
    library.jobs.finish_job(ended.id, cut.cut_id)
    library.remove_cut(cut.cut_id)
    assert [job.id for job in library.jobs.list_jobs()] == [ended.id]
    assert waiting.id != ended.id
    assert not copy.exists()
