"""Asking for light copies of films: which cuts want one, and which were asked for before."""

from pipeline.errors import FilmError
from pipeline.streams.playback import judge_playback
from pipeline.types import Cut
from studio.entries import BACKGROUND, PROXY, JobEntry
from studio.store import Library


def request_proxy(library: Library, cut: Cut) -> None:
    """Have a light copy made of a cut that browsers do not play as it is, or not lightly, unless one was asked for.

    Args:
        library: the library.
        cut: a cut that is in it.
    """
    if library.find_proxy(cut.cut_id).find() is not None or find_proxy_job(library, cut.cut_id) is not None:
        return
    try:
        is_light = judge_playback(cut.path).is_light
    except FilmError:
        return  # It has gone: there is nothing to copy.
    if not is_light:
        library.jobs.add_job(cut.path, cut.title, kind=PROXY, cut_id=cut.cut_id, priority=BACKGROUND)


def find_proxy_job(library: Library, cut_id: str) -> JobEntry | None:
    """Return the latest job that makes a light copy of a cut, or was to make one; None where there is none, or it is done."""
    jobs = (job for job in library.jobs.list_jobs() if job.kind == PROXY and job.cut_id == cut_id)
    job = next(jobs, None)
    return None if job is None or job.state == "done" else job
