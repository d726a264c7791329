"""The list of cuts: versions under their title, what they are tagged with, and which are to be analysed again."""

import html
from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from pipeline.types import STREAM_WORDS, STREAMS
from studio.entries import ANALYSIS, BATCH, UNFINISHED, USUAL, CutEntry
from studio.jobs import current_jobs
from studio.provenance import list_old
from studio.ui.cut_details import edit_details
from studio.ui.frame import is_dark, plain
from studio.ui.palette import DARK, LIGHT
from studio.ui.resources import get_library, get_settings, load_spark
from studio.ui.state import forget_cut, open_cut
from studio.ui.tidy import seconds_to_clock

SPARK_BOX = (240, 36)
"""Width and height of a thumbnail, in its own units."""

OLD = "Made by an older version: analyse again"
UNREADABLE = "Its curves cannot be read: analyse again"
FIRST = "v1"
"""What an only version is called; it goes without saying."""


def show_cuts(cuts: Sequence[CutEntry]) -> None:
    """List the cuts, each with its tension at a glance, the versions of a title together in their order."""
    old = {cut.id for cut in list_old(cuts, get_settings().curves)} - _list_on_their_way(cuts)
    if len(old) > 1:
        _show_many_old([cut for cut in cuts if cut.id in old])
    for project in dict.fromkeys(cut.project for cut in cuts):
        versions = sorted((cut for cut in cuts if cut.project == project), key=lambda cut: cut.position)
        if len(versions) > 1:
            st.html(
                f'<div class="project"><span class="cut-title">{html.escape(project)}</span>'
                f'<span class="count">{len(versions)} versions</span></div>'
            )
        for cut in versions:
            _show_cut(cut, is_old=cut.id in old, versions=len(versions))


def _list_on_their_way(cuts: Sequence[CutEntry]) -> set[str]:
    """Return the ids of the cuts that are being analysed again already."""
    jobs = [job for job in get_library().jobs.list_jobs() if job.state in UNFINISHED and job.kind == ANALYSIS]
    paths, ids = {job.path for job in jobs}, {job.cut_id for job in jobs}
    return {cut.id for cut in cuts if cut.path in paths or cut.id in ids}


def _show_many_old(cuts: Sequence[CutEntry]) -> None:
    """Offer to analyse all old cuts again."""
    with st.container(key="old-cuts", horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(cuts)} cuts were analysed by an older version of this program; they open as they are.")
        if st.button("Analyse all of them again", key="again-all", type="tertiary"):
            for cut in cuts:
                _analyse_again(cut, priority=BATCH)
            st.rerun()


def _show_cut(cut: CutEntry, *, is_old: bool, versions: int) -> None:
    """Show one cut, of a title with so many versions: what it is, its tension, and what can be done with it."""
    is_only = versions == 1
    with st.container(key=f"cut-{cut.id}" if is_only else f"cut-version-{cut.id}"):
        words, curve, actions = st.columns([5, 4, 4], vertical_alignment="center", gap="large")
        with words:
            st.html(describe_cut(cut, is_only=is_only))
            why = OLD if cut.analysed else UNREADABLE
            if is_old and st.button(why, key=f"again-{cut.id}", type="tertiary", icon=":material/refresh:"):
                _analyse_again(cut)
                st.rerun()
        with curve:
            if cut.analysed:
                st.html(draw_spark(load_spark(get_settings().home, cut.id), dark=is_dark()))
        with actions, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if st.button("Open", key=f"open-{cut.id}", disabled=not cut.analysed):
                open_cut(cut.id)
                st.switch_page("studio/ui/pages/curves.py")
            edit_details(cut, versions)
            _show_remove(cut)


def _analyse_again(cut: CutEntry, *, priority: int = USUAL) -> None:
    """Have a cut analysed again, from its own film and subtitles."""
    has_words = cut.transcript is not None and cut.transcript.is_file()
    transcript = cut.transcript if has_words else None
    current_jobs().submit_analysis(
        cut.path, title=cut.title, transcript=transcript, priority=priority, person=get_settings().person
    )


def _show_remove(cut: CutEntry) -> None:
    """Remove a cut, asking once."""
    with st.popover("Remove", type="tertiary"):
        st.markdown(
            f"Remove **{plain(cut.title)}** and its curves from the library? A film that was uploaded here is deleted; "
            "a file elsewhere on this machine stays."
        )
        if st.button("Remove it", key=f"remove-{cut.id}", type="primary"):
            get_library().remove_cut(cut.id)
            forget_cut(cut.id)
            st.rerun()


def describe_cut(cut: CutEntry, *, is_only: bool) -> str:
    """Return what a cut is as HTML: its title, or its version where others stand beside it, then facts and tags.

    Args:
        cut: the cut.
        is_only: whether it is the only version of its title.
    """
    other = "" if cut.title == cut.project else f' <span class="other">{html.escape(cut.title)}</span>'
    title = f"{html.escape(cut.project if is_only else cut.version)}{other}"
    facts = [f'<span class="clock">{seconds_to_clock(cut.duration_s)}</span>']
    if is_only and cut.version != FIRST:
        facts.append(f"<span>{html.escape(cut.version)}</span>")
    facts += [
        f"<span>{STREAM_WORDS[stream]}</span>"
        if stream in cut.streams
        else f'<span class="absent">no {STREAM_WORDS[stream]}</span>'
        for stream in STREAMS
    ]
    facts += [f'<span class="tag">{html.escape(tag)}</span>' for tag in cut.tags]
    return f'<div class="cut-title">{title}</div><div class="cut-facts">{"".join(facts)}</div>'


def draw_spark(values: Sequence[float], *, dark: bool) -> str:
    """Draw a curve in [0, 1] as a thumbnail.

    Args:
        values: at least one.
        dark: in the colours of the dark face.

    Returns:
        HTML: an image that holds its own SVG.
    """
    width, height = SPARK_BOX
    values = list(values) * 2 if len(values) == 1 else values
    color = (DARK if dark else LIGHT).curves["tension"]
    step = width / (len(values) - 1)
    points = " ".join(f"{index * step:.1f},{(1 - value) * height:.1f}" for index, value in enumerate(values))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -2 {width} {height + 4}" preserveAspectRatio="none">'
        f'<polygon points="0,{height} {points} {width},{height}" fill="{color}" opacity=".12"/>'
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5" stroke-linejoin="round" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    return f'<img class="spark" alt="Tension over the film" src="data:image/svg+xml,{quote(svg)}">'
