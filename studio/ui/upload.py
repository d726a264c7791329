"""The panel that takes films: everything between a person's disk and the app happens in the browser."""

from pathlib import Path

import streamlit as st

from studio.settings import Settings
from studio.upload_routes import upload_url

FOLDER = Path(__file__).parent

AT_ONCE = 4
"""So many films are on their way at the same time; the others wait for their turn."""

mount_uploads = st.components.v2.component(
    "throughline_uploads",
    html=(FOLDER / "upload.html").read_text(encoding="utf-8"),
    css=(FOLDER / "upload.css").read_text(encoding="utf-8"),
    js="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("transfer.js", "queue.js", "upload.js")),
)


def show_uploads(settings: Settings) -> None:
    """Take cuts and their subtitles; the app has each analysed once it is complete.

    Args:
        settings: this machine's settings, as the page has them: the films are their person's.
    """
    # Whatever is done draws the page again, with the new job on it.
    mount_uploads(key="uploads", data={"url": upload_url(settings), "at_once": AT_ONCE}, on_done_change=lambda: None)
