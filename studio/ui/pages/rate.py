"""Rating a cut while it plays, and how far those who rated it agree."""

import streamlit as st

from pipeline.ratings import series_to_ratings
from studio.rating_routes import rating_url
from studio.ui.frame import is_dark
from studio.ui.opened import show_opened
from studio.ui.playing import choose_player_url
from studio.ui.raters import offer_tables, show_raters, take_tables
from studio.ui.rating import ask_curve, ask_rater, ask_view, explain_rating, show_rating, welcome_rater
from studio.ui.resources import get_library, get_settings

opened = show_opened(empty="Nothing to rate yet.", words="A cut can be rated as soon as it has been analysed.")
analysis, cut = opened.analysis, opened.analysis.cut
if opened.is_draft:
    st.markdown("A cut can be rated when the whole film has been read.")
    st.stop()

series = get_library().ratings.load_ratings(cut.cut_id)
with opened.controls:
    view = ask_view()
if view == "Rate":
    with st.container(horizontal=True, vertical_alignment="center", key="rating-what"):
        curve = ask_curve()
        rater = ask_rater()
    if rater is None:
        welcome_rater()
    else:
        urls = choose_player_url(cut), rating_url(get_settings(), cut.cut_id)
        show_rating(cut, series, curve=curve, rater=rater, urls=urls, dark=is_dark())
    explain_rating()
else:
    with st.container(horizontal=True, vertical_alignment="center", key="rating-what"):
        curve = ask_curve()
        take_tables(analysis, curve)
        offer_tables(analysis, series)
    show_raters(analysis, series_to_ratings(series, curve, cut.seconds), dark=is_dark())
