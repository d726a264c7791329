"""Light copies for players, made by real workers."""

import time
from fractions import Fraction

import numpy as np
import pytest

from pipeline.proxy import make_piece, plan_pieces
from pipeline.streams.excerpt import read_frames
from pipeline.streams.playback import judge_playback
from pipeline.streams.probe import probe_cut
from studio.entries import ANALYSIS, BACKGROUND, PROXY
from studio.jobs import Jobs
from studio.proxies import find_proxy_job, request_proxy
from studio.upkeep import check_library
from tests.films import make_tone, paint_shots, write_film
from tests.studio.films import make_film
from tests.studio.known_films import know_film

PATIENCE_S = 120
LONG_S = 130
"""Three pieces."""


@pytest.fixture
def jobs(settings, cluster):
    jobs = Jobs.start(settings, cluster=cluster)
    yield jobs
    jobs.close()


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


def wait_for_proxy(library, cut_id, states):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        job = next((job for job in library.jobs.list_jobs() if job.kind == PROXY and job.cut_id == cut_id), None)
        if job is not None and job.state in states:
            return job
        time.sleep(0.05)
    pytest.fail(f"the light copy still is {job}")


def test_a_film_that_no_browser_plays_has_a_copy_once_it_is_analysed(jobs, library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    jobs.submit_analysis(broadcast, title="Broadcast")
    job = wait_for_proxy(library, cut.cut_id, ("done", "failed"))
    assert (job.state, job.done, job.priority) == ("done", 1.0, BACKGROUND)
    copy = library.find_proxy(cut.cut_id).find()
    assert judge_playback(copy).is_light
    assert probe_cut(copy).duration_s == pytest.approx(cut.duration_s, abs=0.05)
    assert find_proxy_job(library, cut.cut_id) is None
    assert check_library(library, grace_s=0) == []
    jobs.submit_analysis(broadcast, title="Broadcast")
    deadline = time.monotonic() + PATIENCE_S
    while any(job.state != "done" for job in library.jobs.list_jobs()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [job.kind for job in library.jobs.list_jobs()] == [ANALYSIS, PROXY, ANALYSIS]


def test_a_film_that_plays_lightly_and_one_that_has_gone_want_none(library, tmp_path):
    light = know_film(library, make_film(tmp_path / "light.mp4", seconds=1), "Light")
    gone = know_film(library, make_film(tmp_path / "gone.mp4", seconds=1, seed=1), "Gone")
    gone.path.unlink()
    for cut in (light, gone):
        request_proxy(library, cut)
    assert library.jobs.list_jobs() == []


def test_a_copy_is_asked_for_once_and_not_against_a_persons_will(library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    for _ in range(2):
        request_proxy(library, cut)
    (job,) = library.jobs.list_jobs()
    library.jobs.ask_cancel(job.id)
    request_proxy(library, cut)
    assert [job.state for job in library.jobs.list_jobs()] == ["cancelled"]
    assert find_proxy_job(library, cut.cut_id).id == job.id


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
    request_proxy(library, cut)
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
    library.find_proxy(cut.cut_id).save_piece(plan_pieces(cut)[0], b"made before")
    request_proxy(library, cut)
    job = wait_for_proxy(library, cut.cut_id, ("running",))
    jobs.cancel(job.id)
    assert wait_for_proxy(library, cut.cut_id, ("cancelled", "failed")).state == "cancelled"
    assert not library.find_proxy(cut.cut_id).has_piece(plan_pieces(cut)[0])
    library.jobs.retry_job(job.id)
    assert wait_for_proxy(library, cut.cut_id, ("done", "failed")).state == "done"


def test_a_cut_that_is_removed_takes_its_copy_with_it(library, broadcast):
    cut = know_film(library, broadcast, "Broadcast")
    stored, pieces = library.find_proxy(cut.cut_id), plan_pieces(cut)
    stored.save_piece(pieces[0], make_piece(cut, pieces[0]))
    request_proxy(library, cut)
    library.remove_cut(cut.cut_id)
    assert not any(path.is_file() for path in (library.settings.home / "proxies").rglob("*"))
    assert [job.state for job in library.jobs.list_jobs()] == ["cancelled"]
