"""The door: which pages there are, and what starts and stops with the app.

`streamlit run app.py` imports this file once, as the server it finds in `app`. Streamlit then runs the same file as
`__main__` for every view of a page.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from studio.jobs import keep_jobs
from studio.media import media_routes
from studio.rating_routes import rating_routes
from studio.settings import read_settings
from studio.ui.frame import dress_page, report_error, show_errors
from studio.ui.notices import watch_jobs
from studio.ui.person import ask_person
from studio.upload_routes import keep_uploads, upload_routes


def show_page() -> None:
    """Show the page that a person is on, in the frame that all pages share."""
    dress_page()
    pages = [
        st.Page("studio/ui/pages/library.py", title="Library", url_path="library", default=True),
        st.Page("studio/ui/pages/curves.py", title="Curves", url_path="curves"),
        st.Page("studio/ui/pages/moments.py", title="Moments", url_path="moments"),
        st.Page("studio/ui/pages/trailer.py", title="Trailer", url_path="trailer"),
        st.Page("studio/ui/pages/compare.py", title="Compare", url_path="compare"),
        st.Page("studio/ui/pages/rate.py", title="Rate", url_path="rate"),
        st.Page("studio/ui/pages/jobs.py", title="Jobs", url_path="jobs"),
    ]
    page = st.navigation(pages, position="top")
    try:
        with show_errors():
            ask_person()
            page.run()
    finally:  # A page that has nothing to show stops in its middle; jobs are told of there as well.
        watch_jobs()


@asynccontextmanager
async def run_jobs(_: st.App) -> AsyncIterator[None]:
    """Keep a worker for analyses, and an eye on uploads, as long as the app runs."""
    settings = read_settings()
    async with keep_jobs(settings), keep_uploads(settings):
        yield


if __name__ == "__main__":
    show_page()
else:
    routes = [*media_routes(read_settings()), *upload_routes(read_settings()), *rating_routes(read_settings())]
    app = st.App(__file__, routes=routes, lifespan=run_jobs, on_script_error=report_error)
