"""The second that a person has clicked on: why the curve stands there, and what people note of it."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pipeline.types import Analysis
from studio.remarks import Note
from studio.ui.film_notes import show_notes
from studio.ui.frame import show_errors
from studio.ui.reasons_panel import write_reasons

mount_picker = st.components.v2.component(
    "throughline_picker", js=(Path(__file__).parent / "picker.js").read_text(encoding="utf-8")
)


@st.fragment
def show_picked(analysis: Analysis, curve: str, notes: Sequence[Note], *, dark: bool) -> None:
    """Show the reasons and the notes of the second that was clicked last, at first of the curve's highest.

    Args:
        analysis: what is known of the cut, with its effects.
        curve: the curve.
        notes: those of the cut.
        dark: in the colours of the dark face.
    """
    with show_errors():
        picked = mount_picker(key=f"picker-{analysis.cut.cut_id}", on_second_change=lambda: None).second
        highest = int(analysis.curves.curve(curve).argmax())
        second = highest if picked is None else min(int(picked), analysis.features.seconds - 1)
        with st.container(key="reasons"), show_errors():
            st.html(write_reasons(analysis, curve, second, dark=dark))
        with st.container(key="film-notes"), show_errors():
            show_notes(analysis.cut, notes, second)
