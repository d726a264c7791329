"""A trailer on its timeline: a player that plays it out of the film, its tension against its arc, and its clips."""

import html
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pipeline.sequence import Trailer
from pipeline.templates import TEMPLATES
from pipeline.types import Analysis
from studio.ui.charts import LEFT_PX, RIGHT_PX, chart_config, draw_clock
from studio.ui.palette import DARK, LIGHT
from studio.ui.state import SEQUENCE_KEY, picked_clip, take_picked_clip

FOLDER = Path(__file__).parent
TIMELINE_KEY = "timeline"
CURVE_PX = 110

mount_sequence = st.components.v2.component(
    "throughline_sequence",
    html=(FOLDER / "sequence.html").read_text(encoding="utf-8"),
    css=(FOLDER / "sequence.css").read_text(encoding="utf-8"),
    js="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("film.js", "sequence.js")),
)


def show_sequence(analysis: Analysis, trailer: Trailer, *, film_url: str, dark: bool) -> int | None:
    """Show the player of a trailer.

    Args:
        analysis: what is known of the cut.
        trailer: the trailer.
        film_url: where the browser reads the film.
        dark: in the colours of the dark face.

    Returns:
        The place of the clip that is picked, counted from 0: the one clicked last, wherever it was moved; or None.
    """
    data = sequence_data(analysis, trailer, film_url=film_url, dark=dark)
    # A callback, for it runs before anything can interrupt the page: a quick click is not lost.
    mount_sequence(key=SEQUENCE_KEY, data=data, on_picked_change=take_picked_clip)
    picked = picked_clip()
    return picked if picked is not None and picked < len(trailer.clips) else None


def sequence_data(analysis: Analysis, trailer: Trailer, *, film_url: str, dark: bool) -> dict[str, Any]:
    """Put together what the browser needs to play a trailer; `at_s` is where a clip begins in the trailer."""
    aspect = TEMPLATES[trailer.template].aspect
    return {
        "cut": analysis.cut.cut_id,
        "film_url": film_url,
        "has_picture": "frames" in analysis.cut.streams,
        "is_upright": aspect is not None and aspect < 1,
        "total_s": float(trailer.duration_s),
        "timeline": f".st-key-{TIMELINE_KEY}",
        "left_px": LEFT_PX,
        "right_px": RIGHT_PX,
        "ink": (DARK if dark else LIGHT).ink,
        "clips": [
            {"at_s": float(at_s), "start_s": float(clip.start_s), "end_s": float(clip.end_s), "role": clip.role}
            for at_s, clip in zip(list_starts(trailer), trailer.clips, strict=True)
        ],
    }


def list_starts(trailer: Trailer) -> list[Fraction]:
    """Return where each clip begins in the trailer, seconds."""
    lengths = [clip.end_s - clip.start_s for clip in trailer.clips]
    return list(accumulate(lengths, initial=Fraction(0)))[: len(lengths)]


def draw_arc(trailer: Trailer, *, dark: bool = False) -> alt.LayerChart:
    """Draw the tension of a trailer over the arc that its template wants.

    Args:
        trailer: the trailer, with its arc and its tension.
        dark: in the colours of the dark face.

    Returns:
        A chart as wide as its container, with the margins of all charts.
    """
    palette = DARK if dark else LIGHT
    end_s = float(trailer.duration_s)
    clock = draw_clock(0, end_s, with_hours=False)
    scale = alt.Scale(domain=[0, 1], range=[CURVE_PX, 0], nice=False)
    y = alt.Y(
        "value:Q",
        scale=scale,
        axis=alt.Axis(values=[0, 1], format=".0f", minExtent=LEFT_PX, maxExtent=LEFT_PX),
        title=None,
    )
    names = {"arc": ("wanted", palette.muted, [5, 4]), "tension": ("tension", palette.curves["tension"], [1, 0])}
    layers: list[alt.Chart] = []
    for place, (field, (name, color, dash)) in enumerate(names.items()):
        table = _curve_table(getattr(trailer, field), end_s)
        line = alt.Chart(table).mark_line(color=color, strokeDash=dash, strokeWidth=1.75, interpolate="monotone")
        layers.append(line.encode(x=clock, y=y, tooltip=alt.value(None)))
        text = alt.Chart(pd.DataFrame({"text": [name]})).mark_text(baseline="top", dy=3, fontWeight=600, color=color)
        layers.append(text.encode(x=alt.value(8 + 70 * place), y=alt.value(0), text="text:N"))
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .resolve_scale(y="shared")
        .properties(
            description="the trailer's tension and the arc it should follow",
            width="container",
            height=CURVE_PX,
            padding={"left": 0, "right": RIGHT_PX - 1, "top": 4, "bottom": 6},
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            config=alt.Config(**chart_config(palette)),
        )
    )
    return chart


def _curve_table(values: Any, end_s: float) -> pd.DataFrame:
    """A value a second, each in the middle of its second, carried on to both ends."""
    if not len(values):
        return pd.DataFrame({"x_s": [], "value": []})
    middles = np.minimum(np.arange(len(values)) + 0.5, end_s)
    x_s = np.concatenate([[0.0], middles, [end_s]])
    return pd.DataFrame({"x_s": x_s.round(3), "value": np.concatenate([values[:1], values, values[-1:]]).round(4)})


def write_strip(analysis: Analysis, trailer: Trailer, *, still_url: str, picked: int | None) -> str:
    """Write the clips as a strip, each as wide as it is long, with the picture of its middle.

    Args:
        analysis: what is known of the cut.
        trailer: the trailer.
        still_url: where the browser finds the picture of a second, with `SECOND` for the second.
        picked: the place of the clip that stands out.

    Returns:
        HTML.
    """
    last = analysis.features.seconds - 1
    items = []
    for index, clip in enumerate(trailer.clips):
        second = min(int((clip.start_s + clip.end_s) / 2), last)
        picture = ""
        if "frames" in analysis.cut.streams:
            picture = f'<img alt="" loading="lazy" src="{html.escape(still_url.replace("SECOND", str(second)))}">'
        marks = " picked" * (index == picked) + " locked" * clip.is_locked
        lock = '<span class="lock">locked</span>' if clip.is_locked else ""
        items.append(
            f'<li data-clip="{index}" class="clip{marks}" tabindex="0" role="button" aria-label="Clip {index + 1}"'
            f' style="flex-grow:{float(clip.end_s - clip.start_s):.3f}" title="{index + 1}. {html.escape(clip.role)}">'
            f"{picture}<b>{index + 1}</b>{lock}</li>"
        )
    return f'<ol class="clips">{"".join(items)}</ol>'
