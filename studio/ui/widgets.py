"""The parts of pages: a job on its way, its draft, the stretch of a film that is shown, a cut's start timecode."""

import math

import streamlit as st

from pipeline.clock import seconds_to_timecode
from pipeline.errors import TimecodeError
from pipeline.types import Analysis, Cut
from studio.entries import UNFINISHED
from studio.ui.frame import show_errors, show_failure
from studio.ui.job_list import has_draft, show_failed, show_unfinished
from studio.ui.resources import get_library
from studio.ui.tidy import Stretch, clip_stretch, seconds_to_clock, whole_film
from studio.ui.words import describe_draft

REFRESH_S = 1.0
IDLE_REFRESH_S = 2.5
"""How often a page looks what became of jobs; and, while there are none, what came from other tabs or commands."""

STRETCH_STEP_S = 10
LONG_FILM_S = 600
"""From this length on a person may look at a part of the film; all of a shorter one has room on the screen."""

START_BOX_PX = 340


def show_jobs() -> None:
    """Show what is being analysed and what failed, kept up to date, whoever started or ended it."""
    seen = _list_changing()

    @st.fragment(run_every=REFRESH_S if seen[0] else IDLE_REFRESH_S)
    def draw() -> None:
        with show_errors():
            if seen != _list_changing():
                st.rerun()  # Something began or ended: the list of cuts has changed, or how often to look.
            jobs = get_library().jobs.list_jobs()
            show_unfinished(jobs, in_full=False)
            for job in jobs:
                if job.state == "failed":
                    show_failed(job)

    draw()


def _list_changing() -> tuple[set[str], set[str]]:
    """What redraws the library's page when it changes: the ids of unfinished jobs, and those of the cuts."""
    library = get_library()
    return {job.id for job in library.jobs.list_jobs() if job.state in UNFINISHED}, {
        cut.id for cut in library.list_cuts()
    }


def list_drafts() -> dict[str, float | None]:
    """Return the ids of the cuts of which there is a draft, and when it was written, seconds since 1970."""
    library = get_library()
    cut_ids = [str(job.cut_id) for job in library.jobs.list_jobs() if has_draft(job)]
    return {cut_id: library.find_parts(cut_id).draft_changed_at() for cut_id in cut_ids}


def follow_draft(analysis: Analysis, shown_at: float | None) -> None:
    """Say how far a cut has been read in full, and draw the page again whenever there is more of it, all, or no more.

    Args:
        analysis: the draft that is shown.
        shown_at: when it was written, as `list_drafts` said before it was loaded.
    """

    @st.fragment(run_every=REFRESH_S)
    def watch() -> None:
        if list_drafts().get(analysis.cut.cut_id) != shown_at:
            st.rerun()

    full, total_s = ~analysis.features.draft, float(analysis.cut.duration_s)
    with st.container(key="draft"):
        st.markdown(f"**Draft.** {describe_draft(int(full.sum()), total_s)}")
        watch()


def pick_stretch(analysis: Analysis) -> Stretch:
    """Let a person look at a part of a long film; all of a short one is returned as it is."""
    film = whole_film(analysis)
    if film.end_s < LONG_FILM_S:
        return film
    end_s = math.ceil(film.end_s / STRETCH_STEP_S) * STRETCH_STEP_S
    with st.container(key="stretch"):
        start_s, stop_s = st.select_slider(
            "Part of the film that the chart shows",
            range(0, end_s + 1, STRETCH_STEP_S),
            value=(0, end_s),
            key=f"stretch-{analysis.cut.cut_id}",
            format_func=lambda instant_s: seconds_to_clock(min(instant_s, film.end_s)),
            label_visibility="collapsed",
        )
    return clip_stretch(analysis, start_s, stop_s)


def edit_start_timecode(cut: Cut) -> None:
    """Show a cut's start timecode behind a quiet button, and let a person give another one."""
    start = cut.start_timecode or seconds_to_timecode(0, cut.label_rate)
    box = st.popover(start, icon=":material/timer:", type="tertiary", help="Start timecode")
    with box.container(width=START_BOX_PX):
        with st.form(f"start-{cut.cut_id}", border=False):
            timecode = st.text_input("Start timecode", start, key=f"start-timecode-{cut.cut_id}")
            asked = st.form_submit_button("Set")
        st.caption("The timecode of the first frame. All others, here and in what you download, count from it.")
        if asked:
            try:
                get_library().set_start_timecode(cut.cut_id, timecode)
            except TimecodeError as error:
                show_failure(error.message, error.hint)
            else:
                st.rerun()
