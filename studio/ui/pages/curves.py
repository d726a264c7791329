"""The curves of one cut, on one clock with the film."""

import streamlit as st

from models.shipped import read_curve_figures
from pipeline.comparison import Passage
from pipeline.export.tables import render_curves_csv
from pipeline.types import CURVES
from studio.media import still_url
from studio.ui.charts import draw_curves
from studio.ui.frame import is_dark, plain
from studio.ui.opened import show_opened
from studio.ui.passage_notes import choose_passages, write_passages
from studio.ui.picked import show_picked
from studio.ui.player import show_player
from studio.ui.playing import choose_player_url
from studio.ui.resources import get_library, get_settings
from studio.ui.widgets import edit_start_timecode, pick_stretch
from studio.ui.words import describe_fit, describe_model, describe_points

CHART_KEY = "curves-chart"

opened = show_opened(empty="No curves yet.", words="They appear here as soon as a cut has been analysed.")
analysis, cut_id = opened.analysis, opened.analysis.cut.cut_id
if not opened.is_draft:
    with opened.controls:
        edit_start_timecode(analysis.cut)
    opened.controls.download_button(
        "Curves as CSV",
        render_curves_csv(analysis),
        file_name=f"{analysis.cut.title}-curves.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )

screen = st.container(key="screen")
with st.container(horizontal=True, vertical_alignment="center", key="what-is-drawn"):
    names = st.pills(
        "Curves", CURVES, selection_mode="multi", default=["tension"], key="names", label_visibility="collapsed"
    ) or ["tension"]
    is_noted = st.toggle("Passages", key="noted", help="Where the first curve is flat, peaks, builds up and lets go.")
names = [name for name in CURVES if name in names]
chart = st.container(key=CHART_KEY)
stretch = pick_stretch(analysis)
passages: tuple[Passage, ...] = ()
if is_noted:
    with st.container(key="notes"):
        passages = choose_passages(analysis, names[0])
        st.html(write_passages(analysis, passages))
notes = [] if opened.is_draft else get_library().remarks.list_notes(cut_id)
drawn = draw_curves(analysis, names, stretch=stretch, passages=passages, notes=notes, dark=is_dark())
chart.altair_chart(drawn, theme=None, width="stretch")
if not opened.is_draft:
    show_picked(analysis, names[0], notes, dark=is_dark())
with screen:  # The player stands above, but draws on the chart, so it has to know what that shows.
    show_player(
        analysis,
        choose_player_url(analysis.cut),
        still_url=still_url(get_settings(), cut_id),
        chart_key=CHART_KEY,
        stretch=stretch,
        dark=is_dark(),
    )

with st.container(key="words"):
    told = "" if opened.is_draft else ", and to see the reasons there"
    st.caption(f"Click or drag on the chart to move the film{told}. {describe_points(stretch)}")
    for note in analysis.notes:
        st.caption(plain(note))
    if (figures := read_curve_figures()).model_id == analysis.curves.model_id:
        st.caption(describe_fit(names, figures))
    st.caption(describe_model(analysis))
