"""The jobs: what is at work and what waits, how far each has come, what failed, and what has ended."""

import streamlit as st

from studio.entries import UNFINISHED
from studio.ui.frame import show_errors
from studio.ui.job_list import is_shared, show_ended, show_failed, show_unfinished
from studio.ui.notices import offer_notices
from studio.ui.resources import get_library
from studio.ui.widgets import REFRESH_S

st.title("Jobs", anchor=False)


@st.fragment(run_every=REFRESH_S)
def draw() -> None:
    """Draw the list again and again: other tabs, people and commands change it too."""
    with show_errors():
        jobs = get_library().jobs.list_jobs()
        if not any(job.state in UNFINISHED for job in jobs):
            st.markdown(
                "Nothing is at work. Films are added on the Library page, trailers rendered on the Trailer page."
            )
        show_unfinished(jobs, in_full=True)
        for job in jobs:
            if job.state == "failed":
                show_failed(job, whose=is_shared(jobs))
        show_ended(jobs)


draw()
offer_notices()
