"""Asking for light copies of films, and what has become of that."""

import logging

from pipeline.types import Cut
from studio.entries import BACKGROUND, PROXY, UNFINISHED, JobEntry
from studio.store import Library

logger = logging.getLogger(__name__)


def request_proxy(library: Library, cut: Cut, *, priority: int) -> None:
    """Have a light copy made of a cut, unless there is one or it is on its way.

    Args:
        library: the library.
        cut: a cut that is in it.
        priority: what has more goes first.
    """
    if library.find_proxy(cut.cut_id).find() is not None:
        return
    job = find_proxy_job(library, cut.cut_id)
    if job is None or job.state not in UNFINISHED:
        library.jobs.add_job(cut.path, cut.title, kind=PROXY, cut_id=cut.cut_id, priority=priority)


def request_needed_proxy(library: Library, cut_id: str) -> None:
    """Have a light copy made in the background if a film does not play lightly; what stands in the way is only logged.

    Args:
        library: the library.
        cut_id: a cut that is in it, by its whole id.
    """
    playback = library.find_proxy(cut_id).read_playback()
    if playback is None or playback.is_light:
        return
    try:
        request_proxy(library, library.load_analysis(cut_id).cut, priority=BACKGROUND)
    except Exception:
        logger.exception("No light copy of cut %s could be asked for", cut_id)


def find_proxy_job(library: Library, cut_id: str) -> JobEntry | None:
    """Return the latest job that makes, or was to make, a light copy of a cut; None where none is known."""
    return next((job for job in library.jobs.list_jobs() if job.kind == PROXY and job.cut_id == cut_id), None)
