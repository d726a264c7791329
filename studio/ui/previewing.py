"""The rendered trailer: asked for, followed while it is made, and shown with its pre-check."""

from dataclasses import replace

import streamlit as st

from studio.entries import UNFINISHED
from studio.jobs import current_jobs
from studio.ui.desk import Desk
from studio.ui.frame import plain, show_errors, show_failure
from studio.ui.job_list import describe_running
from studio.ui.resources import get_library
from studio.ui.widgets import REFRESH_S


def show_preview(desk: Desk) -> None:
    """Render the trailer, follow that, and show what came of it with its pre-check."""
    cut_id, template = desk.analysis.cut.cut_id, desk.trailer.template
    library = get_library()
    st.subheader("Preview", anchor=False)
    job = next((j for j in library.jobs.list_jobs() if j.cut_id == cut_id and j.template == template), None)
    if job is not None and job.state in UNFINISHED:
        _follow_job(job.id)
        return
    if job is not None and job.state == "failed":
        show_failure(job.message, job.hint)
    with st.form("render", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        person = st.text_input("For whom", desk.work.person, placeholder="Burned into the picture", key="person")
        asked = st.form_submit_button("Render", icon=":material/movie:", type="primary")
    if asked:
        library.decisions.save_work(cut_id, replace(desk.work, person=person.strip()))
        current_jobs().submit_preview(cut_id, template, person=library.settings.person)
        st.rerun()
    previews = library.find_previews(cut_id)
    film = previews.find_film(desk.trailer, desk.work.person)
    if film is None:
        st.caption("The trailer as it is now has not been rendered yet.")
        return
    st.video(str(film))
    st.download_button(
        "Preview as MP4",
        film.read_bytes,
        file_name=f"{desk.analysis.cut.title}-{template}.mp4",
        mime="video/mp4",
        icon=":material/download:",
        on_click="ignore",
    )
    _show_findings(previews.read_report(desk.trailer, desk.work.person).get("precheck", []))


def _follow_job(job_id: str) -> None:
    """Show how far the rendering is, with a way out."""

    @st.fragment(run_every=REFRESH_S)
    def draw() -> None:
        with show_errors():
            job = next((j for j in get_library().jobs.list_jobs() if j.id == job_id), None)
            if job is None or job.state not in UNFINISHED:
                st.rerun()
            else:
                st.progress(min(1.0, job.done), text=plain(describe_running(job)))
                if st.button("Cancel", key="cancel-preview"):
                    current_jobs().cancel(job_id)

    draw()


def _show_findings(findings: list[dict[str, object]]) -> None:
    """Show what the pre-check found."""
    st.markdown("**Pre-check.** Not a certificate: what a delivery check would probably ask about.")
    for finding in findings:
        st.markdown(f"- **{plain(str(finding['severity']))}** {plain(str(finding['text']))}")
    if not findings:
        st.markdown("Nothing was found.")
