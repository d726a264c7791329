"""Notes on what a curve does: where it is flat, peaks, builds up and lets go, by thresholds that a person can move."""

import html
from collections.abc import Sequence

import streamlit as st

from pipeline.comparison import PASSAGES, Passage
from pipeline.passages import PassageOptions, find_passages
from pipeline.types import Analysis

WORDS = {"flat": "flat", "peak": "peaks", "build-up": "build-ups", "release": "releases"}
SHOWN_FIRST = ("flat", "peak")


def choose_passages(analysis: Analysis, name: str) -> tuple[Passage, ...]:
    """Let a person say what counts as a passage of a curve, and which kinds to note.

    Args:
        analysis: what is known of the cut.
        name: the curve.

    Returns:
        The passages to note, in order of their beginning.
    """
    usual, key = PassageOptions(), analysis.cut.cut_id
    places = st.columns(3, gap="large")
    flat_s = places[0].slider("Flat lasts at least", 5, 180, usual.flat_s, step=5, format="%d s", key=f"flat-s-{key}")
    flat_share = places[1].slider(
        "Flat stays within, of the spread",
        5,
        60,
        round(100 * usual.flat_share),
        step=5,
        format="%d %%",
        key=f"flat-share-{key}",
        help="The spread reaches from the curve's 5th to its 95th percentile.",
    )
    turn_share = places[2].slider(
        "A rise or fall is at least, of the spread",
        5,
        100,
        round(100 * usual.turn_share),
        step=5,
        format="%d %%",
        key=f"turn-share-{key}",
        help="What is smaller is a wobble: no peak, no build-up, no release.",
    )
    options = PassageOptions(flat_s=flat_s, flat_share=flat_share / 100, turn_share=turn_share / 100)
    passages = find_passages(analysis.curves.curve(name), options)
    counts = {kind: sum(passage.kind == kind for passage in passages) for kind in PASSAGES}
    kinds = st.pills(
        "Kinds of passage",
        PASSAGES,
        selection_mode="multi",
        default=SHOWN_FIRST,
        format_func=lambda kind: f"{WORDS[kind]} {counts[kind]}",
        key=f"passages-{key}",
        label_visibility="collapsed",
    )
    return tuple(passage for passage in passages if passage.kind in kinds)


def write_passages(analysis: Analysis, passages: Sequence[Passage]) -> str:
    """Write passages as a list whose rows move the film there when they are clicked: HTML."""
    if not passages:
        return '<p class="passages">Of the kinds that are chosen there is nothing to note by these thresholds.</p>'
    rows = [
        f'<li data-seek="{passage.start_s:g}" tabindex="0" role="button"><b>{analysis.cut.timecode(passage.start_s)}'
        f"</b><span>{html.escape(describe_passage(passage))}</span></li>"
        for passage in passages
    ]
    return f'<ol class="passages">{"".join(rows)}</ol>'


def describe_passage(passage: Passage) -> str:
    """Say what a curve does in a passage."""
    level = f"{passage.level:.2f}".replace("-", "−")
    match passage.kind:
        case "flat":
            return f"flat for {passage.length_s:.0f} s at {level}"
        case "peak":
            return f"peak of {level}"
        case "build-up":
            return f"builds up by {level} in {passage.length_s:.0f} s"
    return f"lets go of {level} in {passage.length_s:.0f} s"
