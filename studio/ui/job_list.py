"""The rows of jobs: what is at work and waits, what failed, and what has ended."""

import html
from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from studio.entries import ANALYSIS, BATCH, PREVIEW, UNFINISHED, USUAL, JobEntry
from studio.jobs import current_jobs
from studio.progress import describe_pace, find_speed, seconds_to_words
from studio.ui.frame import plain, show_failure
from studio.ui.resources import get_library
from studio.ui.state import open_cut

PRIORITIES = ((PREVIEW + 1, "put first"), (PREVIEW, "soon"), (USUAL, "in turn"), (BATCH, "when there is room"))
"""From which priority on a job is called what."""

WAITING_SHOWN = 3
ENDED_SHOWN = 50
ENDED_WORDS = {"done": "Done", "cancelled": "Cancelled"}
"""What failed is shown in full until a person has read it."""


def describe_running(job: JobEntry) -> str:
    """Say in words how a job on its way stands: its stage, its share, where in the film, how fast, how long still."""
    if job.state != "running":
        return job.stage
    pace = describe_pace(position_s=job.position_s, speed=job.speed, left_s=job.seconds_left)
    return " · ".join([job.stage, f"{job.done:.0%}", *pace])


def show_unfinished(jobs: Sequence[JobEntry], *, in_full: bool) -> None:
    """Show jobs on their way, those at work before those that wait, these in the order of their turn.

    Args:
        jobs: all jobs.
        in_full: whether to show all that wait, and to say whose each is where that is not clear, how urgent and since
            when, and to offer to put it first.
    """
    whose = is_shared(jobs)
    running = [job for job in jobs if job.state == "running"]
    waiting = sorted((job for job in jobs if job.state == "waiting"), key=lambda job: (-job.priority, job.added_at))
    shown = waiting if in_full else waiting[:WAITING_SHOWN]
    for job in (*running, *shown):
        with st.container(key=f"job-{job.id}", horizontal=True, vertical_alignment="center"):
            with st.container(key=f"bar-{job.id}"):
                words = f"**{plain(job.name)}** · {plain(describe_running(job))}"
                st.progress(min(1.0, max(0.0, job.done)), text=words)
                if in_full:
                    st.html(_draw_facts(job, whose=whose))
            if has_draft(job) and st.button("Open the draft", key=f"draft-{job.id}"):
                open_cut(str(job.cut_id))
                st.switch_page("studio/ui/pages/curves.py")
            is_first = all(other is job or other.priority < job.priority for other in (*running, *waiting))
            if in_full and st.button("Put first", key=f"raise-{job.id}", disabled=is_first):
                get_library().jobs.raise_job(job.id)
                st.rerun()
            if st.button("Cancel", key=f"cancel-{job.id}"):
                current_jobs().cancel(job.id)
                st.rerun()
    if len(shown) < len(waiting):
        st.caption(f"And {len(waiting) - len(shown)} more that wait: they stand on the Jobs page.")


def show_failed(job: JobEntry, *, whose: bool = False) -> None:
    """Show a job that failed, until a person has it tried again or has read it.

    Args:
        job: the job.
        whose: whether to say for whom it was.
    """
    with st.container(key=f"failed-{job.id}", horizontal=True, vertical_alignment="center"):
        name = f"{job.name}, for {job.person}" if whose and job.person else job.name
        show_failure(f"{name}: {job.message}", job.hint)
        if job.can_retry and st.button("Try again", key=f"retry-{job.id}"):
            get_library().jobs.retry_job(job.id)
            st.rerun()
        if st.button("Dismiss", key=f"dismiss-{job.id}", type="tertiary"):
            get_library().jobs.forget_job(job.id)
            st.rerun()


def show_ended(jobs: Sequence[JobEntry]) -> None:
    """Show what has ended, the latest first, as a table.

    Args:
        jobs: all jobs.
    """
    ended = [job for job in jobs if job.state in ENDED_WORDS]
    ended.sort(key=lambda job: job.updated_at, reverse=True)
    if not ended:
        return
    with st.container(key="ended-head", horizontal=True, vertical_alignment="bottom"):
        st.subheader("Ended", anchor=False)
        if st.button("Clear", key="clear-ended", type="tertiary", help="Take these off the list; the cuts stay."):
            for job in ended:
                get_library().jobs.forget_job(job.id)
            st.rerun()
    whose = is_shared(jobs)
    names = ("Cut", "State", "When", "Took", "Speed", *(["For"] if whose else []))
    heads = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(_draw_ended(job, whose=whose) for job in ended[:ENDED_SHOWN])
    st.html(f'<table class="ended"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')
    if len(ended) > ENDED_SHOWN:
        st.caption(f"And {len(ended) - ENDED_SHOWN} before these.")


def is_shared(jobs: Sequence[JobEntry]) -> bool:
    """Say whether more than one person has jobs: otherwise it goes without saying whose each is."""
    return len({job.person for job in jobs}) > 1


def has_draft(job: JobEntry) -> bool:
    """Whether a job on its way has a draft to look at; a cut that was analysed before shows what it had until then."""
    library = get_library()
    return (
        job.state in UNFINISHED
        and job.cut_id is not None
        and library.find_parts(job.cut_id).draft_changed_at() is not None
        and not any(cut.id == job.cut_id and cut.analysed for cut in library.list_cuts())
    )


def _draw_facts(job: JobEntry, *, whose: bool) -> str:
    """Draw whose a job is where that is wanted, how urgent and since when, as HTML."""
    urgency = next((word for least, word in PRIORITIES if job.priority >= least), PRIORITIES[-1][1])
    facts = [
        f"for {job.person}" if whose and job.person else "",
        urgency,
        f"asked for at {_write_time(job.added_at)}",
    ]
    return f'<div class="cut-facts">{"".join(f"<span>{html.escape(fact)}</span>" for fact in facts if fact)}</div>'


def _draw_ended(job: JobEntry, *, whose: bool) -> str:
    """Draw one row of the table."""
    took_s = (job.updated_at - job.started_at).total_seconds() if job.started_at is not None else None
    speed = find_speed(job.position_s, took_s) if took_s and job.state == "done" else None
    cells = [
        job.name,
        ENDED_WORDS[job.state],
        _write_time(job.updated_at),
        "" if took_s is None else seconds_to_words(took_s),
        "" if speed is None or job.kind != ANALYSIS else f"{speed:.{int(speed < 10)}f}×",
        *([job.person] if whose else []),
    ]
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


def _write_time(at: datetime) -> str:
    """Write an instant in this machine's time, with the day where that is not today."""
    here, now = at.astimezone(), datetime.now().astimezone()
    return here.strftime("%H:%M" if here.date() == now.date() else "%d %b %H:%M")
