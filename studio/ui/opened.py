"""The head of every page about one cut: which cut it is, what it is called, and whether there is only a draft of it."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pipeline.types import Analysis
from studio.ui.playing import tell_of_proxy
from studio.ui.resources import get_library
from studio.ui.state import keep_opened, opened_cut
from studio.ui.widgets import follow_draft, list_drafts
from studio.ui.words import describe_analysis


@dataclass(frozen=True)
class Opened:
    """The cut that a page shows.

    Attributes:
        analysis: what is known of it.
        is_draft: whether that is a draft.
        controls: the place beside its title, for what can be done with it.
    """

    analysis: Analysis
    is_draft: bool
    controls: DeltaGenerator


def show_opened(*, empty: str, words: str) -> Opened:
    """Show the title of the cut that a person has opened, or of the first analysed one; without any the page ends.

    Args:
        empty: the page's heading where there is no cut.
        words: what will be there, in a sentence.
    """
    library = get_library()
    cuts = library.list_cuts()
    cut_id = opened_cut()
    drafts = list_drafts()
    if cut_id is not None and cut_id not in {cut.id for cut in cuts} | set(drafts):
        st.toast("That cut is no longer in the library.", icon=":material/delete:")
        cut_id = None
    cut_id = cut_id or next((cut.id for cut in cuts if cut.analysed), None)
    if cut_id is None:
        with st.container(key="welcome"):
            st.title(empty, anchor=False)
            st.markdown(words)
            st.page_link(
                "studio/ui/pages/library.py", label="Add a cut in the library", icon=":material/arrow_forward:"
            )
        st.stop()
    analysis = library.load_latest(cut_id)
    keep_opened(cut_id)
    heading, controls = st.columns([6, 4], vertical_alignment="bottom")
    entry = next((cut for cut in cuts if cut.id == cut_id), None)
    has_versions = entry is not None and sum(cut.project == entry.project for cut in cuts) > 1
    heading.html(describe_analysis(analysis, version=entry.version if entry is not None and has_versions else ""))
    is_draft = bool(analysis.features.draft.any())
    if is_draft:
        follow_draft(analysis, drafts.get(cut_id))
    tell_of_proxy(analysis.cut, is_draft=is_draft)
    return Opened(analysis, is_draft, controls.container(horizontal=True, horizontal_alignment="right"))
