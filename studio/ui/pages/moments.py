"""The moments of one cut: ranked with their reasons, or sorted into bins; and why any second is in or out."""

from dataclasses import replace

import streamlit as st

from pipeline.explain import explain_second
from pipeline.export.tables import render_segments_csv
from pipeline.segments import segments_to_clips
from studio.choices import list_spoilers
from studio.media import still_url
from studio.ranking import describe_encoders, rank_moments
from studio.ui.cards import show_cards
from studio.ui.choosing import choose_moments, edit_spoilers, show_explanation
from studio.ui.frame import is_dark
from studio.ui.handing import hand_off
from studio.ui.moment_chart import ASKED, draw_map
from studio.ui.opened import show_opened
from studio.ui.playing import choose_player_url
from studio.ui.resources import get_library, get_settings, load_bins, load_candidates

RANKED = "ranked"

opened = show_opened(empty="No moments yet.", words="They appear here as soon as a cut has been analysed.")
analysis, cut = opened.analysis, opened.analysis.cut
if opened.is_draft:
    st.markdown("Moments are chosen when the whole film has been read.")
    st.stop()

chart, answer = st.container(key="moments-map"), st.container()
listed, chosen = st.columns([7, 3], gap="large")
with chosen, st.container(key="choosing"):
    choices = choose_moments(analysis, get_library().decisions.load_choices(cut.cut_id))
    edit_spoilers(analysis, choices)
encodings = get_library().find_encodings(cut.cut_id).read()
spoilers, candidates = list_spoilers(analysis, choices), load_candidates(analysis, encodings)
segments = rank_moments(analysis, choices, candidates=candidates)
bins = {RANKED: segments, **load_bins(analysis, spoilers)}
filled = [name for name, found in bins.items() if found or name == RANKED]
with listed:
    shown = st.pills(
        "Bin",
        filled,
        default=RANKED,
        format_func=lambda name: f"{name} {len(bins[name])}",
        key=f"bin-{cut.cut_id}",
        label_visibility="collapsed",
    )
    found = bins[shown or RANKED][: choices.most]
    if not found:
        st.markdown("No moment of this cut can be shown: every one is credits, a spoiler, or the middle of a line.")
    if encodings is not None and (shown or RANKED) == RANKED:
        st.caption(describe_encoders(encodings))
    show_cards(
        analysis,
        found,
        film_url=choose_player_url(cut),
        still_url=still_url(get_settings(), cut.cut_id),
    )
with chart:
    event = st.altair_chart(
        draw_map(analysis, found, spoilers, dark=is_dark()),
        theme=None,
        width="stretch",
        on_select="rerun",
        selection_mode=ASKED,
        key=f"map-{cut.cut_id}",
    )
    asked = event["selection"].get(ASKED) or []
    st.caption("Click the film to ask why a second is in a moment, or why it is not.")
if asked:
    with answer:
        show_explanation(
            cut,
            explain_second(
                float(asked[0]["x_s"]),
                candidates,
                segments,
                spoilers=spoilers,
                weights=choices.weights,
                options=choices.options,
                name_instant=cut.timecode,
            ),
        )
name = shown or RANKED
opened.controls.download_button(
    "Moments as CSV",
    render_segments_csv(replace(analysis, segments=found)),
    file_name=f"{cut.title}-{name}.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
)
with opened.controls:
    hand_off(analysis, segments_to_clips(found, cut, role=name), name=name)
