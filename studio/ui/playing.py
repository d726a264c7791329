"""What a page's player plays: the film itself, or the light copy that is made of one which browsers do not play."""

from pathlib import Path

import streamlit as st

from pipeline.errors import FilmError
from pipeline.streams.playback import Playback, judge_playback
from pipeline.types import Cut
from studio.entries import UNFINISHED
from studio.media import film_url, proxy_url
from studio.proxies import find_proxy_job, request_proxy
from studio.ui.frame import plain, show_errors
from studio.ui.job_list import describe_running
from studio.ui.resources import get_library, get_settings
from studio.ui.widgets import REFRESH_S


def choose_player_url(cut: Cut) -> str:
    """Return the address from which a player reads a cut: its light copy, where there is one, or else its film.

    Args:
        cut: a cut in the library.
    """
    if get_library().find_proxy(cut.cut_id).find() is not None:
        return proxy_url(get_settings(), cut.cut_id)
    return film_url(get_settings(), cut.cut_id)


def tell_of_proxy(cut: Cut) -> None:
    """See that a film which browsers do not play has a light copy, and tell how far that is.

    Args:
        cut: a cut in the library.
    """
    library = get_library()
    if library.find_proxy(cut.cut_id).find() is not None:
        return
    try:
        playback = _judge(cut.path, _changed_at(cut.path))
    except FilmError:
        return  # The player says that the film has gone.
    if playback.is_light:
        return
    request_proxy(library, cut)
    job = find_proxy_job(library, cut.cut_id)
    if playback.is_playable or job is None:
        return  # It plays until then.
    if job.state in UNFINISHED:
        _follow_proxy(job.id)
        return
    with st.container(key=f"no-proxy-{cut.cut_id}", horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"No browser plays this film, and there is no light copy of it. {job.message} {job.hint}"))
        if st.button("Make a light copy", key=f"make-proxy-{cut.cut_id}"):
            library.jobs.retry_job(job.id)
            st.rerun()


def _follow_proxy(job_id: str) -> None:
    """Tell how far a light copy is, and draw the page again when it is there, or will not be."""

    @st.fragment(run_every=REFRESH_S)
    def draw() -> None:
        with show_errors():
            job = get_library().jobs.find_job(job_id)
            if job.state not in UNFINISHED:
                st.rerun()
            words = f"No browser plays this film as it is: a light copy is on its way. {plain(describe_running(job))}"
            st.progress(min(1.0, job.done), text=words)

    draw()


@st.cache_data(show_spinner=False, max_entries=500)
def _judge(path: Path, changed_at: float | None) -> Playback:
    """Judge how a film plays in a browser, once as long as it does not change."""
    return judge_playback(path)


def _changed_at(path: Path) -> float | None:
    """When a file of this machine was last changed, seconds since 1970."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None
