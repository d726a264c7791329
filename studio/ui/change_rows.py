"""The changes between two cuts as a list: what each one is, where it lies in both, what it did, and a picture of it."""

import html
import math
from collections.abc import Collection, Sequence

import streamlit as st

from pipeline.comparison import CHANGES, Effect
from pipeline.export.changes import EDGES
from pipeline.sentences import label
from pipeline.types import Cut
from studio.ui.palette import DARK, LIGHT
from studio.ui.side_by_side import Pair, name_kind

TOLD = ("tension", "arousal", "valence")
"""The curves that an open change tells of; the tables to download have them all."""


def choose_changes(pair: Pair) -> tuple[int, ...]:
    """Let a person say which changes the list shows: of which kinds, and whether only those that say something.

    Returns:
        Their places, counted from 0.
    """
    effects = pair.consequence.effects
    counts = {kind: sum(effect.change.kind == kind for effect in effects) for kind in CHANGES}
    present = [kind for kind in CHANGES if counts[kind]]
    key = f"{pair.a.cut.cut_id}-{pair.b.cut.cut_id}"
    with st.container(horizontal=True, vertical_alignment="center", key="change-filters"):
        kinds = st.pills(
            "Kinds of change",
            present,
            selection_mode="multi",
            format_func=lambda kind: f"{name_kind(kind)} {counts[kind]}",
            key=f"kinds-{key}",
            label_visibility="collapsed",
        )
        is_clear = st.toggle(
            "Only what moves tension by more than its band",
            key=f"clear-{key}",
            help="A change of the curve that is smaller than its band says nothing: the model is not that sure.",
        )
    return filter_changes(effects, kinds or present, is_clear=is_clear)


def filter_changes(effects: Sequence[Effect], kinds: Collection[str], *, is_clear: bool) -> tuple[int, ...]:
    """Return the places of the changes of some kinds; with `is_clear` only of those beyond tension's band."""
    return tuple(
        i
        for i, effect in enumerate(effects)
        if effect.change.kind in kinds and not (is_clear and effect.is_within_band("tension"))
    )


def write_changes(pair: Pair, shown: Sequence[int], *, picked: int | None, dark: bool) -> str:
    """Write changes as a list whose rows move both films when they are clicked.

    Args:
        pair: the two cuts.
        shown: the places of the changes to list.
        picked: the place of the one that is open.
        dark: in the colours of the dark face.

    Returns:
        HTML.
    """
    colors = (DARK if dark else LIGHT).changes
    rows = []
    for i in shown:
        effect = pair.consequence.effects[i]
        color = colors[effect.change.kind]
        marks = " picked" * (i == picked) + " within" * effect.is_within_band("tension")
        rows.append(
            f'<li data-change="{i}" class="change{marks}" tabindex="0" role="button" style="--kind:{color}">'
            f'<div class="facts"><b class="kind">{name_kind(effect.change.kind)}</b>{_write_spans(pair, effect)}</div>'
            f'<div class="did"><p>{html.escape(effect.sentence)}</p>{_write_levels(effect) if i == picked else ""}</div>'
            f'<div class="stills">{_write_still(pair, effect, 0)}{_write_still(pair, effect, 1)}</div></li>'
        )
    return f'<ol class="changes">{"".join(rows)}</ol>'


def _write_spans(pair: Pair, effect: Effect) -> str:
    """Write where a change lies in both cuts."""
    edges = [getattr(effect.change, edge) for edge in EDGES]
    lines = []
    for letter, cut, start_s, end_s in (("A", pair.a.cut, *edges[:2]), ("B", pair.b.cut, *edges[2:])):
        span = f"{label(start_s, cut)} – {label(end_s, cut)}" if end_s > start_s else f"at {label(start_s, cut)}"
        length = f"<i>{end_s - start_s:.1f} s</i>" if end_s > start_s else ""
        lines.append(f"<span><b>{letter}</b>{span}{length}</span>")
    return "".join(lines)


def _write_still(pair: Pair, effect: Effect, side: int) -> str:
    """Write the picture in the middle of a change in one of the cuts, or that it has none of it."""
    cut = (pair.a.cut, pair.b.cut)[side]
    start_s, end_s = (getattr(effect.change, edge) for edge in EDGES[2 * side : 2 * side + 2])
    if "frames" not in cut.streams:
        return ""
    if end_s <= start_s:
        return f'<span class="none">not in {"AB"[side]}</span>'
    url = pair.still_urls[side].replace("SECOND", str(_find_second(cut, (start_s + end_s) / 2)))
    return f'<img alt="{"AB"[side]}" loading="lazy" src="{html.escape(url)}">'


def _find_second(cut: Cut, instant_s: float) -> int:
    """Return the second of a cut that an instant is in, the last one at most."""
    return min(int(instant_s), math.ceil(cut.duration_s) - 1)


def _write_levels(effect: Effect) -> str:
    """Write what curves and pace are like before, inside and after a change, in both cuts."""
    parts = (effect.before, effect.inside, effect.after)
    heads = "".join(f'<th colspan="2">{name}</th>' for name in ("before", "inside", "after"))
    rows = [
        "<tr><th></th>" + heads + "<th>change</th><th>band</th></tr>",
        "<tr><th></th>" + "<td>A</td><td>B</td>" * 3 + "<td></td><td></td></tr>",
    ]
    for name in TOLD:
        cells = [_write_number(values[name]) for part in parts for values in (part.a, part.b)]
        figures = (_write_number(effect.differences[name], "+.2f"), _write_number(effect.bands[name]))
        rows.append(f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in (*cells, *figures))}</tr>")
    cells = [_write_number(pace, ".0f") for part in parts for pace in (part.a_pace, part.b_pace)]
    cells += [_write_number(effect.pace_difference, "+.0f"), ""]
    rows.append(f"<tr><th>shots a minute</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f'<table class="levels">{"".join(rows)}</table>'


def _write_number(value: float, form: str = ".2f") -> str:
    """Write a number as people do; a dash where there is none."""
    if math.isnan(value):
        return "–"
    told = format(value, form)
    return told.lstrip("+-") if float(told) == 0 else told.replace("-", "−")
