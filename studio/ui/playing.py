"""What a page's player plays: the film itself, or the light copy that is made of one which browsers do not play."""

import streamlit as st

from pipeline.places import is_remote
from pipeline.types import Cut
from studio.entries import UNFINISHED, USUAL, JobEntry, name_among
from studio.media import CONTENT_TYPES, film_url, proxy_url
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
    settings = get_settings()
    if get_library().find_proxy(cut.cut_id).find() is not None:
        return proxy_url(settings, cut.cut_id)
    return film_url(settings, cut.cut_id) if _plays(cut) else ""


def tell_of_proxy(cut: Cut, *, is_draft: bool = False) -> None:
    """Tell of a film that no browser plays how far its light copy is; offer to make one where none is on its way.

    Args:
        cut: a cut in the library, or one on its way into it.
        is_draft: whether it is on its way.
    """
    library = get_library()
    if library.find_proxy(cut.cut_id).find() is not None or _plays(cut):
        return
    cuts = {entry.id: entry for entry in library.list_cuts()}
    name = name_among(cuts[cut.cut_id], cuts.values()) if cut.cut_id in cuts else cut.title
    words = f"No browser plays “{plain(name)}” as it is"
    if is_draft:
        st.caption(f"{words}: a light copy is made when it has been read.")
        return
    was_at_work = _find_work(cut) is not None

    @st.fragment(run_every=REFRESH_S)
    def draw() -> None:
        with show_errors():
            job = _find_work(cut)
            if (job is not None) != was_at_work or library.find_proxy(cut.cut_id).find() is not None:
                st.rerun()
            elif job is not None:
                told = f"{words}: a light copy is on its way. {plain(describe_running(job))}"
                st.progress(min(1.0, job.done), text=told)
            else:
                _offer_proxy(cut, words)

    draw()


def _offer_proxy(cut: Cut, words: str) -> None:
    """Offer to make a light copy, and tell why the last one could not be made."""
    job = find_proxy_job(get_library(), cut.cut_id)
    with st.container(key=f"no-proxy-{cut.cut_id}", horizontal=True, vertical_alignment="center"):
        fault = "" if job is None or not job.message else f" {plain(job.message)} {plain(job.hint)}"
        st.caption(f"{words}, and there is no light copy of it.{fault}")
        if st.button("Make a light copy", key=f"make-proxy-{cut.cut_id}"):
            request_proxy(get_library(), cut, priority=USUAL)
            st.rerun()


def _find_work(cut: Cut) -> JobEntry | None:
    """Return the job that makes, or will make, a light copy of a cut."""
    job = find_proxy_job(get_library(), cut.cut_id)
    return job if job is not None and job.state in UNFINISHED else None


def _plays(cut: Cut) -> bool:
    """Whether a browser plays a cut's film as it is; of what an earlier version analysed its name has to tell that."""
    playback = get_library().find_proxy(cut.cut_id).read_playback()
    if playback is None:
        return not is_remote(cut.path) and cut.path.suffix.lower() in CONTENT_TYPES
    return playback.is_playable
