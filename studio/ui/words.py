"""What the pages say about an analysis, in full sentences."""

import html
from collections.abc import Sequence

from models.shipped import OWN_CURVES, CurveFigures
from pipeline.types import STREAM_WORDS, STREAMS, Analysis
from studio.ui.tidy import Stretch, seconds_to_clock

PROXY = (
    "Nobody rated tension: it is a declared proxy, (U + max(arousal, 0) + max(−valence, 0)) / 3, where U adds up fear, "
    "anger, hate and fears confirmed, at most 1. The curves guide people; they decide nothing."
)


def describe_model(analysis: Analysis) -> str:
    """Say what the curves stand for: the proxy of the weights that ship, or a studio's own ratings."""
    model_id = analysis.curves.model_id
    if not model_id.startswith(OWN_CURVES):
        return PROXY
    return (
        f"These curves were fitted to your own ratings ({model_id}), as far as its card says; the others are those that ship. "
        "The curves guide people; they decide nothing."
    )


DRAFT_FIGURE = "on Big Buck Bunny, tension moved by 0.04 on average, and its draft and final curve agreed at r = 0.87"
"""How far a draft differs from the full analysis: measured by `python -m benchmarks.draft`."""


def describe_analysis(analysis: Analysis, *, version: str = "") -> str:
    """Return a cut's title, length, shots and picture as HTML, and its version where there are others."""
    cut, shots = analysis.cut, len(analysis.features.shot_starts_s)
    facts = [version] if version else []
    facts += [seconds_to_clock(float(cut.duration_s)), f"{shots} shot{'' if shots == 1 else 's'}"]
    if cut.frame_rate is not None:
        facts += [f"{float(cut.frame_rate):.5g} fps", f"{cut.width} × {cut.height}"]
    facts += [f"no {STREAM_WORDS[stream]}" for stream in STREAMS if stream not in cut.streams]
    spans = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts)
    return f'<h1 class="cut-heading">{html.escape(cut.title)}</h1><div class="cut-facts">{spans}</div>'


def describe_draft(full_s: int, total_s: float) -> str:
    """Say what a draft rests on.

    Args:
        full_s: seconds of the film that have been read in full.
        total_s: how long the film lasts, seconds.
    """
    read = f"{seconds_to_clock(full_s)} of {seconds_to_clock(total_s)} have been read in full; " if full_s else ""
    return (
        f"{read}{'the rest of' if full_s else 'all of'} the curve, drawn faint, rests on key frames and sound alone and will "
        f"still move: {DRAFT_FIGURE}."
    )


def describe_points(stretch: Stretch) -> str:
    """Say what one point of the chart stands for, and what a band is."""
    points = (
        "Each point is one second" if stretch.step_s == 1 else f"Each point is the mean of {stretch.step_s} seconds"
    )
    return f"{points}. The band of the curve under the pointer shows: the wider it is, the less sure the model."


def describe_fit(names: Sequence[str], figures: CurveFigures) -> str:
    """Say how well some curves follow people, and how well people follow one another.

    Args:
        names: the curves.
        figures: of the weights that drew them.
    """
    told = []
    for name in names:
        people = figures.raters.get(name)
        told.append(
            f"{name} {figures.held_out[name]:.2f}" + ("" if people is None else f" (another audience: {people:.2f})")
        )
    return (
        f"How closely a curve follows people, on parts of its training film that it had not seen; 1 is exactly, 0 not at all: "
        f"{', '.join(told)}. The other audience only heard the film: so far do people agree with one another."
    )
