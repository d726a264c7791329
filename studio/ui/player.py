"""The player: the film, what its curves say at this instant, and the playhead it draws on the chart.

Everything on the clock happens in the browser (`player.js`): a click or a drag on the chart seeks the film, and while
the film plays a line moves over the chart. Nothing of that runs the page again.
"""

from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pipeline.types import CURVE_RANGE, Analysis, Floats
from studio.ui.charts import AXIS_PX, LEFT_PX, RIGHT_PX
from studio.ui.palette import DARK, LIGHT
from studio.ui.tidy import Stretch

FOLDER = Path(__file__).parent

mount_player = st.components.v2.component(
    "throughline_player",
    html=(FOLDER / "player.html").read_text(encoding="utf-8"),
    css="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("screen.css", "player.css")),
    js="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("film.js", "player.js")),
)


def show_player(analysis: Analysis, url: str, *, still_url: str, chart_key: str, stretch: Stretch, dark: bool) -> None:
    """Show a film beside what its curves say of the instant on show.

    Args:
        analysis: what is known of the cut.
        url: where the browser reads the film, by ranges.
        still_url: where it finds the picture of a second, with `SECOND` for the second.
        chart_key: the key of the container that holds the chart to draw the playhead on.
        stretch: the part of the film that the chart shows.
        dark: in the colours of the dark face.
    """
    mount_player(
        key="player",
        data=player_data(analysis, url, still_url=still_url, chart_key=chart_key, stretch=stretch, dark=dark),
    )


def player_data(
    analysis: Analysis, url: str, *, still_url: str, chart_key: str, stretch: Stretch, dark: bool
) -> dict[str, Any]:
    """Put together what the browser needs to know of a film and of the chart below it.

    Args:
        analysis: what is known of the cut.
        url: where the browser reads the film.
        still_url: where it finds the picture of a second.
        chart_key: the key of the container that holds the chart.
        stretch: the part of the film that the chart shows.
        dark: in the colours of the dark face.

    Returns:
        Plain values. Of a curve, `values` and the edges of its `band` hold one byte a second, in base64: 0 at the bottom
        of its range, 100 at the top.
    """
    palette = DARK if dark else LIGHT
    shown = analysis.curves
    curves = []
    for column, name in enumerate(shown.names):
        low, high = CURVE_RANGE[name]
        values, *band = (_pack_percent(array[:, column], low, high) for array in (shown.values, shown.low, shown.high))
        color = palette.curves[name]
        curves.append({"name": name, "low": low, "high": high, "color": color, "values": values, "band": band})
    return {
        "cut": analysis.cut.cut_id,
        "url": url,
        "still_url": still_url,
        "has_picture": "frames" in analysis.cut.streams,
        "duration_s": float(analysis.cut.duration_s),
        "stretch_s": [stretch.start_s, stretch.end_s],
        "chart": f".st-key-{chart_key} .marks",
        "left_px": LEFT_PX,
        "right_px": RIGHT_PX,
        "axis_px": AXIS_PX,
        "ink": palette.ink,
        "curves": curves,
        "lines": [[line.start_s, line.end_s, line.text] for line in analysis.lines],
    }


def _pack_percent(values: Floats, low: float, high: float) -> str:
    """Write values (T,) as whole percent of their range, a byte each, in base64: two hours stay a modest message."""
    percent = np.rint((values - low) / (high - low) * 100)
    return b64encode(np.clip(percent, 0, 100).astype(np.uint8).tobytes()).decode("ascii")
