"""The trailer of one cut: its clips on a timeline, over the arc it should follow, and every edit to it."""

import math

import streamlit as st

from pipeline.templates import TEMPLATES
from studio.choices import list_spoilers
from studio.media import still_url
from studio.ui.desk import (
    choose_assembly,
    choose_music,
    list_bans,
    offer_others,
    open_desk,
    show_clip,
    show_steps,
)
from studio.ui.frame import is_dark, plain
from studio.ui.handing import hand_off
from studio.ui.opened import show_opened
from studio.ui.playing import choose_player_url
from studio.ui.previewing import show_preview
from studio.ui.resources import get_library, get_settings, load_material
from studio.ui.sequence import TIMELINE_KEY, draw_arc, show_sequence, write_strip

opened = show_opened(empty="No trailer yet.", words="It is put together here as soon as a cut has been analysed.")
analysis, cut = opened.analysis, opened.analysis.cut
if opened.is_draft:
    st.markdown("A trailer is put together when the whole film has been read.")
    st.stop()

template = st.pills(
    "Template",
    list(TEMPLATES),
    default=next(iter(TEMPLATES)),
    format_func=lambda name: TEMPLATES[name].title,
    key=f"template-{cut.cut_id}",
    label_visibility="collapsed",
) or next(iter(TEMPLATES))
spoilers = list_spoilers(analysis, get_library().decisions.load_choices(cut.cut_id))
desk = open_desk(analysis, load_material(analysis), spoilers, template)
trailer, stills = desk.trailer, still_url(get_settings(), cut.cut_id)
with opened.controls:
    hand_off(analysis, trailer.clips, name=trailer.template)

playing, picked_clip = st.columns([6, 4], gap="large")
with playing:
    picked = show_sequence(analysis, trailer, film_url=choose_player_url(cut), dark=is_dark())
with st.container(key=TIMELINE_KEY):
    st.altair_chart(draw_arc(trailer, dark=is_dark()), theme=None, width="stretch")
    st.html(write_strip(analysis, trailer, still_url=stills, picked=picked))
if picked is not None:
    offer_others(desk, picked, still_url=stills)
with picked_clip:
    show_steps(desk)
    fit = "its tension does not move" if math.isnan(trailer.fit) else f"follows the arc at r = {trailer.fit:.2f}"
    st.markdown(
        f"{len(trailer.clips)} clips · {float(trailer.duration_s):.2f} of {float(trailer.target_s):g} s · {fit}"
    )
    for note in trailer.notes:
        st.caption(plain(note))
    if picked is None:
        st.caption("Click a clip on the timeline to lock, trim, move, swap or ban it.")
    else:
        show_clip(desk, picked)
    choose_assembly(desk)
    choose_music(desk)
    list_bans(desk)
with st.container(key="preview"):
    show_preview(desk)
