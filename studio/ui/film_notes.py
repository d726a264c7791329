"""What people note of a cut, each at its timecode: read, added, and taken away again."""

import html
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from pipeline.errors import FilmError, LibraryError
from pipeline.types import Cut
from studio.remarks import Note, timecode_to_instant
from studio.ui.frame import plain, show_failure
from studio.ui.resources import get_library
from studio.ui.state import form_key, renew_form


def show_notes(cut: Cut, notes: Sequence[Note], second: int) -> None:
    """List the notes of a cut, and let a person add one.

    Args:
        cut: the cut.
        notes: its notes in the order of the film.
        second: where a new note lies unless its timecode is changed.
    """
    st.html(write_notes(cut, notes))
    name = f"note-{cut.cut_id}"
    key, label = form_key(name), cut.timecode(second)
    with (
        st.form(key, border=False),
        st.container(horizontal=True, vertical_alignment="bottom", key="note-form"),
    ):
        # At another second, or where the film counts from another start, the field begins anew; the text stays.
        timecode = st.text_input("Timecode", label, width=140, key=f"{key}-at-{second}-{label}")
        text = st.text_input("Note", placeholder="Too long, goes dead here, keep this look ...", key=f"{key}-text")
        asked = st.form_submit_button("Note it", icon=":material/edit_note:")
    if asked:
        try:
            # The frame that a second's label stands for begins a little before it: in the second before, on the clock.
            at_s = second if timecode == label else timecode_to_instant(cut, timecode)
            get_library().remarks.add_note(cut.cut_id, at_s, text)
        except FilmError as error:
            show_failure(error.message, error.hint)
        else:
            renew_form(name)
            st.rerun()
    if notes:
        _show_removal(cut, notes)


def _show_removal(cut: Cut, notes: Sequence[Note]) -> None:
    """Let a person take notes away."""
    with st.popover("Remove notes", type="tertiary"):
        for note in notes:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{cut.timecode(note.at_s)} \u00b7 {plain(note.text)}")
                if st.button("Remove", key=f"unnote-{note.id}", type="tertiary"):
                    with suppress(LibraryError):  # Somebody else was faster.
                        get_library().remarks.remove_note(cut.cut_id, note.id)
                    st.rerun()


def write_notes(cut: Cut, notes: Sequence[Note]) -> str:
    """Write notes as a list whose rows move the film there when they are clicked: HTML."""
    rows = "".join(
        f'<li data-seek="{note.at_s:.3f}" tabindex="0" role="button"><b>{cut.timecode(note.at_s)}</b>'
        f"<span>{html.escape(note.text)}<small>{html.escape(note.person)}</small></span></li>"
        for note in notes
    )
    listed = f'<ol class="passages">{rows}</ol>' if rows else "<p>Nobody has noted anything of this cut yet.</p>"
    return f'<section class="film-notes" aria-label="Notes"><h3>Notes</h3>{listed}</section>'
