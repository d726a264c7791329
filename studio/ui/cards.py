"""Moments as filmstrips with their scores and reasons, each playing under the pointer, in the browser alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pipeline.types import Analysis, Segment

FOLDER = Path(__file__).parent

TOLD = 0.005
"""A reason that adds or takes away less is not told."""

mount_cards = st.components.v2.component(
    "throughline_cards",
    html=(FOLDER / "cards.html").read_text(encoding="utf-8"),
    css=(FOLDER / "cards.css").read_text(encoding="utf-8"),
    js=(FOLDER / "cards.js").read_text(encoding="utf-8"),
)


def show_cards(analysis: Analysis, segments: Sequence[Segment], *, film_url: str, still_url: str) -> None:
    """Show moments, best first.

    Args:
        analysis: what is known of the cut.
        segments: the moments.
        film_url: where the browser reads the film, by ranges.
        still_url: where it finds the picture of a second, with `SECOND` for the second.
    """
    mount_cards(key="cards", data=card_data(analysis, segments, film_url=film_url, still_url=still_url))


def card_data(analysis: Analysis, segments: Sequence[Segment], *, film_url: str, still_url: str) -> dict[str, Any]:
    """Put together what the browser needs to draw the moments: plain values; reasons with what counts most first."""
    return {
        "film_url": film_url,
        "still_url": still_url,
        "has_picture": "frames" in analysis.cut.streams,
        "seconds": analysis.features.seconds,
        "moments": [_describe(analysis, rank, segment) for rank, segment in enumerate(segments, start=1)],
    }


def _describe(analysis: Analysis, rank: int, segment: Segment) -> dict[str, Any]:
    """One moment."""
    cut = analysis.cut
    start, end = map(cut.timecode, (segment.start_s, segment.end_s))
    told = sorted(segment.reasons, key=lambda reason: -abs(reason.weight))
    spoken = [line.text for line in analysis.lines if line.start_s < segment.end_s and line.end_s > segment.start_s]
    return {
        "rank": rank,
        "start_s": segment.start_s,
        "end_s": segment.end_s,
        "start": start,
        "end": end,
        "score": segment.score,
        "line": " ".join(spoken),
        "reasons": [{"name": reason.name, "adds": reason.weight} for reason in told if abs(reason.weight) >= TOLD],
    }
