"""Two cuts beside each other, in step on one clock: the story's, which is that of the first with what was added put in."""

from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pipeline.comparison import Change, Consequence
from pipeline.story_clock import list_stretches, place_change
from pipeline.types import CURVE_RANGE, Analysis, Floats
from studio.ui.charts import AXIS_PX, RIGHT_PX
from studio.ui.compare_chart import CHART_KEY, LEFT_PX, place_lanes
from studio.ui.palette import DARK, LIGHT

FOLDER = Path(__file__).parent

NOTHING = 255
"""The byte of a second in which a cut has nothing; values are 0 to 100."""

mount_pair = st.components.v2.component(
    "throughline_side_by_side",
    html=(FOLDER / "side_by_side.html").read_text(encoding="utf-8"),
    css=(FOLDER / "side_by_side.css").read_text(encoding="utf-8"),
    js="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("film.js", "side_by_side.js")),
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two cuts, what the edit between them did, and where the browser reads their films.

    Attributes:
        a: the first cut's analysis, the reference.
        b: the second's.
        consequence: what changed and what it did.
        film_urls: the address of each film.
        still_urls: of each cut's stills, with `SECOND` for the second.
    """

    a: Analysis
    b: Analysis
    consequence: Consequence
    film_urls: tuple[str, str]
    still_urls: tuple[str, str]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, in order of the first cut."""
        return self.consequence.comparison.changes


def show_pair(pair: Pair, *, shown: Collection[int], curve: str, dark: bool) -> int | None:
    """Show both films in step.

    Args:
        pair: the two cuts.
        shown: the places of the changes that the list shows, counted from 0.
        curve: the curve whose value stands beside each film.
        dark: in the colours of the dark face.

    Returns:
        The place of the change that was clicked, on the chart or in the list; None before one was.
    """
    data = pair_data(pair, shown=shown, curve=curve, dark=dark)
    result = mount_pair(key="side-by-side", data=data, on_picked_change=lambda: None)
    picked = result.picked
    if picked is None or picked[0] != data["id"] or picked[1] >= len(pair.changes):
        return None  # What was clicked may have been a change between other cuts.
    return int(picked[1])


def pair_data(pair: Pair, *, shown: Collection[int], curve: str, dark: bool) -> dict[str, Any]:
    """Put together what the browser needs to play two cuts in step: plain values, instants of the story's clock.

    Args:
        pair: the two cuts.
        shown: the places of the changes that the list shows.
        curve: the curve whose values it tells.
        dark: in the colours of the dark face.

    Returns:
        `stretches` say where either cut is from when to when on the clock; `values` of a cut hold a byte a second of it.
    """
    stretches, at_s = [], 0.0
    for stretch in (all_stretches := list_stretches(pair.consequence.comparison)):
        if stretch.length_s <= 0:
            continue
        spans = {"a": [stretch.a_start_s, stretch.a_end_s], "b": [stretch.b_start_s, stretch.b_end_s]}
        stretches.append({"kind": stretch.kind, "at_s": at_s, "length_s": stretch.length_s, **spans})
        at_s += stretch.length_s
    low, high = CURVE_RANGE[curve]
    column = pair.consequence.aligned.names.index(curve)
    changes = [
        {
            "kind": change.kind,
            "start_s": start_s,
            "end_s": end_s,
            "words": name_kind(change.kind),
            "is_shown": i in shown,
        }
        for i, change in enumerate(pair.changes)
        for start_s, end_s in [place_change(all_stretches, change)]
    ]
    sides = {
        name: {
            "title": analysis.cut.title,
            "cut": analysis.cut.cut_id,
            "film_url": film_url,
            "has_picture": "frames" in analysis.cut.streams,
            "values": _pack_percent(values[:, column], low, high),
        }
        for name, analysis, film_url, values in (
            ("a", pair.a, pair.film_urls[0], pair.consequence.aligned.a),
            ("b", pair.b, pair.film_urls[1], pair.consequence.aligned.b),
        )
    }
    lanes = place_lanes(pair.changes)
    return {
        "id": f"{pair.a.cut.cut_id}-{pair.b.cut.cut_id}",
        **sides,
        "stretches": stretches,
        "changes": changes,
        "total_s": at_s,
        "curve": curve,
        "low": low,
        "high": high,
        "chart": f".st-key-{CHART_KEY} .marks",
        "lanes": [{"kind": kind, "top_px": top, "bottom_px": bottom} for kind, (top, bottom) in lanes.items()],
        "left_px": LEFT_PX,
        "right_px": RIGHT_PX,
        "axis_px": AXIS_PX,
        "ink": (DARK if dark else LIGHT).ink,
    }


def name_kind(kind: str) -> str:
    """Return what people call a kind of change."""
    return {"picture": "another picture", "sound": "another sound"}.get(kind, kind)


def _pack_percent(values: Floats, low: float, high: float) -> str:
    """Write values (M,) as whole percent of their range, a byte each, in base64; `NOTHING` where there is none."""
    percent = np.clip(np.rint((values - low) / (high - low) * 100), 0, 100)
    return b64encode(np.where(np.isnan(values), NOTHING, percent).astype(np.uint8).tobytes()).decode("ascii")
