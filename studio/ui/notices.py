"""What has ended is told wherever a person is: on the page, in the tab's title, and, if they allow it, by their system."""

from pathlib import Path

import streamlit as st

from studio.entries import ANALYSIS, TRAILER, UNFINISHED, JobEntry
from studio.ui.frame import plain, show_errors
from studio.ui.resources import get_library
from studio.ui.state import follow_jobs

FOLDER = Path(__file__).parent
LOOK_S = 2.0

ENDS = {ANALYSIS: "is analysed", TRAILER: "is rendered"}
"""What is said of a job that is done, behind its title; of a light copy nothing is: the player shows that it is there."""

mount_notices = st.components.v2.component(
    "throughline_notices",
    html='<button class="allow" hidden>Tell me when a job ends while I look elsewhere</button>',
    css=".allow { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-decoration: underline; "
    "text-underline-offset: 0.2em; cursor: pointer; opacity: 0.8; }",
    js=(FOLDER / "notices.js").read_text(encoding="utf-8"),
)


def watch_jobs() -> None:
    """Tell of every job that ends while a person's tab is open, whatever page they are on."""

    @st.fragment(run_every=LOOK_S)
    def look() -> None:
        with show_errors():
            jobs = get_library().jobs.list_jobs()
            followed = follow_jobs({job.id for job in jobs if job.state in UNFINISHED})
            ended = [job for job in jobs if job.id in followed and _is_told(job)]
            for job in ended:
                icon = ":material/check_circle:" if job.state == "done" else ":material/error:"
                st.toast(f"**{plain(job.name)}** {_say_end(job)}", icon=icon)
            if ended:
                notices = [{"id": job.id, "text": f"{job.name} {_say_end(job)}"} for job in ended]
                mount_notices(key=f"notices-{ended[0].id}", data={"notices": notices, "offers": False})

    look()


def offer_notices() -> None:
    """Offer to tell of jobs through a person's own system, which their browser asks them to allow."""
    mount_notices(key="offer-notices", data={"notices": [], "offers": True})


def _is_told(job: JobEntry) -> bool:
    """Whether it is told that a job has ended as it did."""
    return job.state == "failed" or (job.state == "done" and job.kind in ENDS)


def _say_end(job: JobEntry) -> str:
    """Say how a job has ended, behind its title."""
    if job.state == "failed":
        return "failed"
    return ENDS[job.kind]
