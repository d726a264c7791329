"""The curves of one cut, on one clock with the film."""

import streamlit as st

from pipeline.export.tables import render_curves_csv
from pipeline.types import CURVES
from studio.media import film_url, still_url
from studio.ui.charts import draw_curves
from studio.ui.frame import is_dark, plain
from studio.ui.player import show_player
from studio.ui.resources import get_library, get_settings
from studio.ui.state import keep_opened, opened_cut
from studio.ui.widgets import edit_start_timecode, follow_draft, list_drafts, pick_stretch
from studio.ui.words import PROXY, describe_analysis, describe_points

CHART_KEY = "curves-chart"

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
        st.title("No curves yet.", anchor=False)
        st.markdown("They appear here as soon as a cut has been analysed.")
        st.page_link("studio/ui/pages/library.py", label="Add a cut in the library", icon=":material/arrow_forward:")
    st.stop()

analysis = library.load_latest(cut_id)
keep_opened(cut_id)

heading, controls = st.columns([6, 4], vertical_alignment="bottom")
heading.html(describe_analysis(analysis))
controls = controls.container(horizontal=True, horizontal_alignment="right")
is_draft = bool(analysis.features.draft.any())
if is_draft:
    follow_draft(analysis, drafts.get(cut_id))
else:
    with controls:
        edit_start_timecode(analysis.cut)
    controls.download_button(
        "Curves as CSV",
        render_curves_csv(analysis),
        file_name=f"{analysis.cut.title}-curves.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )

screen = st.container(key="screen")
names = st.pills(
    "Curves", CURVES, selection_mode="multi", default=["tension"], key="names", label_visibility="collapsed"
) or ["tension"]
names = [name for name in CURVES if name in names]
chart = st.container(key=CHART_KEY)
stretch = pick_stretch(analysis)
chart.altair_chart(draw_curves(analysis, names, stretch=stretch, dark=is_dark()), theme=None, width="stretch")
with screen:  # The player stands above, but draws on the chart, so it has to know what that shows.
    show_player(
        analysis,
        film_url(get_settings(), cut_id),
        still_url=still_url(get_settings(), cut_id),
        chart_key=CHART_KEY,
        stretch=stretch,
        dark=is_dark(),
    )

with st.container(key="words"):
    st.caption(f"Click or drag on the chart to move the film. {describe_points(stretch)}")
    st.caption(PROXY)
    for note in analysis.notes:
        st.caption(plain(note))
