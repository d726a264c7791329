"""Two cuts, one question: what did the edit do? Both films in step, both curves on one clock, and every change."""

import streamlit as st

from pipeline.types import CURVES
from studio.ui.change_rows import choose_changes, write_changes
from studio.ui.compare_chart import CHART_KEY, draw_compared
from studio.ui.frame import is_dark, plain
from studio.ui.opened import show_opened
from studio.ui.pairing import choose_cuts, choose_pair, compare_all, list_cautions, offer_files
from studio.ui.side_by_side import show_pair
from studio.ui.words import describe_model

opened = show_opened(
    empty="Nothing to compare yet.",
    words="Two versions of a film are laid over each other here: what changed, and what that did to its tension.",
)
if opened.is_draft:
    st.markdown("Cuts are compared when the whole film has been read.")
    st.stop()

pair = choose_pair(compare_all(opened.analysis, choose_cuts(opened.analysis)))
with opened.controls:
    offer_files(pair)
st.markdown(plain(" ".join(pair.consequence.sentences)))
if cautions := list_cautions(pair):
    st.caption(plain(" ".join(cautions)))

screens = st.container(key="pair")
curve = st.pills("Curve", CURVES, default="tension", key="curve", label_visibility="collapsed") or "tension"
chart, listed = st.container(key=CHART_KEY), st.container()
with listed:
    shown = choose_changes(pair) if pair.changes else ()
with screens:
    picked = show_pair(pair, shown=shown, curve=curve, dark=is_dark())
drawn = draw_compared(pair.consequence, curve=curve, shown=shown, picked=picked, dark=is_dark())
chart.altair_chart(drawn, theme=None, width="stretch")
with listed:
    st.html(write_changes(pair, shown, picked=picked, dark=is_dark()))
    if not shown:
        st.markdown(
            "No change is of this kind." if pair.changes else "There is nothing to list: both cuts are the same."
        )
with st.container(key="words"):
    st.caption(
        "The clock is the story's: that of A, with what was added put in where it was added. "
        "Click or drag on the chart to move both films; click a ribbon or a row to go to its change."
    )
    st.caption(describe_model(pair.a))
