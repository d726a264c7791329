"""The player: the film, what its curves say at this instant, and the playhead it draws on the chart.

Everything on the clock happens in the browser (`player.js`): a click or a drag on the chart seeks the film, and while
the film plays a line moves over the chart. Nothing of that runs the page again.
"""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pipeline.types import CURVE_RANGE, Analysis
from studio.ui.charts import AXIS_PX, LEFT_PX, RIGHT_PX
from studio.ui.palette import DARK, LIGHT

FOLDER = Path(__file__).parent

mount_player = st.components.v2.component(
    "throughline_player",
    html=(FOLDER / "player.html").read_text(encoding="utf-8"),
    css=(FOLDER / "player.css").read_text(encoding="utf-8"),
    js=(FOLDER / "player.js").read_text(encoding="utf-8"),
)


def show_player(analysis: Analysis, url: str, *, chart_key: str, dark: bool) -> None:
    """Show a film beside what its curves say of the instant on show.

    Args:
        analysis: what is known of the cut.
        url: where the browser reads the film, by ranges.
        chart_key: the key of the container that holds the chart to draw the playhead on.
        dark: in the colours of the dark face.
    """
    mount_player(key="player", data=player_data(analysis, url, chart_key=chart_key, dark=dark))


def player_data(analysis: Analysis, url: str, *, chart_key: str, dark: bool) -> dict[str, Any]:
    """Put together what the browser needs to know of a film and of the chart below it.

    Args:
        analysis: what is known of the cut.
        url: where the browser reads the film.
        chart_key: the key of the container that holds the chart.
        dark: in the colours of the dark face.

    Returns:
        Plain values; a curve's `percent` holds one whole number a second, 0 at the bottom of its range, 100 at the top.
    """
    palette = DARK if dark else LIGHT
    curves = []
    for name in analysis.curves.names:
        low, high = CURVE_RANGE[name]
        percent = np.rint((analysis.curves.curve(name) - low) / (high - low) * 100).astype(int).tolist()
        curves.append({"name": name, "low": low, "high": high, "color": palette.curves[name], "percent": percent})
    return {
        "url": url,
        "has_picture": "frames" in analysis.cut.streams,
        "duration_s": float(analysis.cut.duration_s),
        "chart": f".st-key-{chart_key} .marks",
        "left_px": LEFT_PX,
        "right_px": RIGHT_PX,
        "axis_px": AXIS_PX,
        "ink": palette.ink,
        "curves": curves,
        "lines": [[line.start_s, line.end_s, line.text] for line in analysis.lines],
    }
