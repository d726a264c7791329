"""Handing clips to an editor: one button for everything that editing programs read."""

from collections.abc import Sequence

import streamlit as st

from pipeline.export.formats import FORMATS, render_formats
from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.sequence import Clip
from pipeline.types import Analysis
from studio.ui.frame import plain

MOST_HANDLE_FRAMES = 500


def hand_off(analysis: Analysis, clips: Sequence[Clip], *, name: str) -> None:
    """Offer clips of a cut as a timeline, in every format that can hold it; the others say why they cannot.

    Args:
        analysis: what is known of the cut.
        clips: in playing order; without any there is nothing to hand off.
        name: what the timeline is, behind the cut's title.
    """
    if not clips:
        return
    title = f"{analysis.cut.title} {name}"
    with st.popover("Hand off", icon=":material/movie_edit:"):
        handles = st.number_input(
            "Frames of handle at both ends", value=0, min_value=0, max_value=MOST_HANDLE_FRAMES, key=f"handles-{name}"
        )
        options = TimelineOptions(title=title, handles=int(handles))
        texts, refusals = render_formats(make_timeline(analysis.cut, clips, lines=analysis.lines, options=options))
        for format_name, text in texts.items():
            format_ = FORMATS[format_name]
            st.download_button(
                format_.label,
                text,
                file_name=f"{analysis.cut.title}-{name}{format_.suffix}",
                mime="application/octet-stream",
                help=f"Read by {format_.readers}.",
                on_click="ignore",
                width="stretch",
                key=f"handoff-{name}-{format_name}",
            )
        for format_name, error in refusals.items():
            st.caption(f"{FORMATS[format_name].label}: {plain(error.message)}")
