"""What a page's player plays: the film itself, or the light copy that is made of one which browsers do not play."""

import streamlit as st

from pipeline.types import Cut
from studio.entries import UNFINISHED, USUAL
from studio.media import film_url, proxy_url
from studio.proxies import find_proxy_job, request_proxy
from studio.ui.frame import plain, show_errors
from studio.ui.job_list import describe_running
from studio.ui.resources import get_library, get_settings
from studio.ui.widgets import REFRESH_S


def choose_player_url(cut: Cut) -> str:
    """Return the address from which a player reads a cut: its light copy, where there is one, or else its film.

    Args:
        cut: a cut in the library, or one on its way into it.

    Returns:
        The address; empty where no browser plays the film, so that none loads it in vain.
    """
    stored, settings = get_library().find_proxy(cut.cut_id), get_settings()
    if stored.find() is not None:
        return proxy_url(settings, cut.cut_id)
    playback = stored.read_playback()
    return film_url(settings, cut.cut_id) if playback is None or playback.is_playable else ""


def tell_of_proxy(cut: Cut, *, is_draft: bool = False) -> None:
    """Tell of a film that no browser plays how far its light copy is; offer to make one where none is on its way.

    Args:
        cut: a cut in the library, or one on its way into it.
        is_draft: whether it is on its way.
    """
    library = get_library()
    stored = library.find_proxy(cut.cut_id)
    playback = stored.read_playback()
    if stored.find() is not None or playback is None or playback.is_playable:
        return
    words = f"No browser plays “{plain(cut.title)}” as it is"
    if is_draft:
        st.caption(f"{words}: a light copy is made when it has been read.")
        return
    job = find_proxy_job(library, cut.cut_id)
    if job is not None and job.state in UNFINISHED:
        _follow_proxy(job.id, words)
        return
    with st.container(key=f"no-proxy-{cut.cut_id}", horizontal=True, vertical_alignment="center"):
        fault = "" if job is None or not job.message else f" {plain(job.message)} {plain(job.hint)}"
        st.caption(f"{words}, and there is no light copy of it.{fault}")
        if st.button("Make a light copy", key=f"make-proxy-{cut.cut_id}"):
            request_proxy(library, cut, priority=USUAL)
            st.rerun()


def _follow_proxy(job_id: str, words: str) -> None:
    """Tell how far a light copy is, and draw the page again when it is there, or will not be."""

    @st.fragment(run_every=REFRESH_S)
    def draw() -> None:
        with show_errors():
            job = next((job for job in get_library().jobs.list_jobs() if job.id == job_id), None)
            if job is None or job.state not in UNFINISHED:
                st.rerun()
            else:
                told = f"{words}: a light copy is on its way. {plain(describe_running(job))}"
                st.progress(min(1.0, job.done), text=told)

    draw()
