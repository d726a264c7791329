"""The frame around every page: its look, and what is shown when something goes wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from pipeline.errors import FilmError

LOGO = Path(__file__).resolve().parents[2] / "assets" / "logo.svg"
STYLE = Path(__file__).parent / "style.css"

logger = logging.getLogger(__name__)


def dress_page() -> None:
    """Set the page's title, width, logo and style."""
    icon = str(LOGO) if LOGO.is_file() else None
    st.set_page_config(page_title="Throughline", page_icon=icon, layout="wide")
    st.html(STYLE)
    if icon:
        st.logo(icon, size="large")


@contextmanager
def show_errors() -> Iterator[None]:
    """Show what goes wrong inside in words: a `FilmError` with its hint, anything else without its details."""
    try:
        yield
    except Exception as error:
        report_error(error)


def report_error(error: Exception) -> bool:
    """Tell a person of an error, and the log of a bug.

    Args:
        error: what was raised.

    Returns:
        True: Streamlit shall show nothing of its own.
    """
    if isinstance(error, FilmError):
        show_failure(error.message, error.hint)
    else:
        logger.error("A page broke off", exc_info=error)
        show_failure("Something went wrong on this page.", "Reload it; if it happens again, the log says where.")
    return True


def show_failure(message: str, hint: str) -> None:
    """Show what went wrong and what to do about it."""
    st.error(f"**{plain(message)}**  \n{plain(hint)}", icon=":material/error:")


def plain(text: str) -> str:
    """Write text so that Markdown shows it as it is: titles and file names hold any character."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|~$:" else letter for letter in text)


def is_dark() -> bool:
    """Say whether this person's browser shows the dark face."""
    return st.context.theme.type == "dark"
