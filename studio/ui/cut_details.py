"""What people say of a cut in the library: which version of which title it is, its tags, and who did what with it."""

import html

import streamlit as st

from pipeline.errors import FilmError
from studio.audit import AuditEntry
from studio.entries import CutEntry
from studio.projects import NUMBERED
from studio.remarks import check_tags
from studio.ui.frame import show_failure
from studio.ui.resources import get_library
from studio.ui.state import form_key, renew_form

BOX_PX = 420
SHOWN_ACTIONS = 8
"""How many of the last things done to a cut are listed; `library show` lists them all."""


def edit_details(cut: CutEntry, versions: int) -> None:
    """Show what a cut is called and tagged with behind a quiet button, and let a person change it.

    Args:
        cut: the cut.
        versions: how many cuts its title has.
    """
    with st.popover("Details", type="tertiary"), st.container(width=BOX_PX):
        name = f"details-{cut.id}"
        key = form_key(name)
        with st.form(key, border=False):
            project = st.text_input(
                "Title", cut.project, key=f"{key}-title", help="Cuts of one title are its versions."
            )
            version = st.text_input("Version", cut.version, key=f"{key}-version")
            position = cut.position
            if versions > 1:
                position = st.number_input("Place among the versions", 1, versions, cut.position, key=f"{key}-place")
            tags = st.text_input("Tags", ", ".join(cut.tags), key=f"{key}-tags", help="Separated by commas.")
            asked = st.form_submit_button("Save")
        if asked:
            try:
                change_details(cut, project=project, version=version, position=int(position), tags=tags)
            except FilmError as error:
                show_failure(error.message, error.hint)
            else:
                renew_form(name)
                st.rerun()
        st.html(write_history(get_library().audit.list_actions(cut.id, last=SHOWN_ACTIONS)))


def change_details(cut: CutEntry, *, project: str, version: str, position: int, tags: str) -> None:
    """Change what is said of a cut, as far as it differs from what is.

    Args:
        cut: the cut as it is.
        project: the title whose version it is.
        version: its name; a cut that goes to another title as "v2", say, gets that title's next number.
        position: its place among the versions, from 1 on.
        tags: separated by commas; those that are not named are taken off.

    Raises:
        LibraryError: a name or a tag cannot be kept, or the title has such a version.
    """
    library = get_library()
    wanted = check_tags(tag for tag in tags.split(",") if tag.strip())  # Before anything is changed.
    moves = project.strip() != cut.project
    is_named = version.strip() != cut.version or (moves and not NUMBERED.fullmatch(cut.version))
    if (project.strip(), version.strip(), position) != (cut.project, cut.version, cut.position):
        library.projects.set_version(
            cut.id,
            project=project if moves else None,
            version=version if is_named else None,
            position=position if position != cut.position else None,
        )
    if wanted != set(cut.tags):
        library.remarks.set_tags(cut.id, wanted)


def write_history(actions: list[AuditEntry]) -> str:
    """Write who did what when as a list, the latest first: HTML."""
    rows = "".join(
        f"<li><time>{action.at:%Y-%m-%d %H:%M} UTC</time> {html.escape(action.person)}: {html.escape(action.action)} "
        f"<i>{html.escape(action.details)}</i></li>"
        for action in reversed(actions)
    )
    return f'<ol class="history">{rows}</ol>' if rows else ""
