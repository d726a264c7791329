"""Why a curve stands where it stands, in one second of the film."""

import html

from pipeline.reasons import CAUTION, CurveReasons, ToldCause, tell_reasons, write_amount, write_cause
from pipeline.types import CURVE_RANGE, STREAM_WORDS, Analysis
from studio.ui.palette import DARK, LIGHT

FULL_SHARE = 0.15
"""A bar is at its full length where a cause moved the curve by this share of its range."""


def write_reasons(analysis: Analysis, curve: str, second: int, *, dark: bool) -> str:
    """Write why a curve stands where it stands in one second: HTML.

    Args:
        analysis: what is known of the cut, with its effects.
        curve: the curve.
        second: of the film.
        dark: in the colours of the dark face.
    """
    reasons = tell_reasons(analysis, curve=curve, start_s=second, end_s=second + 1)
    is_highest = second == int(analysis.curves.curve(curve).argmax())
    return write_panel(analysis, reasons, is_highest=is_highest, dark=dark)


def write_panel(analysis: Analysis, reasons: CurveReasons, *, is_highest: bool = False, dark: bool = False) -> str:
    """Write reasons as a heading, a line on what the curve rests on, and a bar for each cause: HTML.

    Args:
        analysis: the cut.
        reasons: of one of its seconds.
        is_highest: whether the curve is nowhere higher.
        dark: in the colours of the dark face.
    """
    palette = DARK if dark else LIGHT
    low, _ = CURVE_RANGE[reasons.curve]
    value, usual = (write_amount(number, signed=low < 0) for number in (reasons.value, reasons.usual))
    streams = "".join(
        f'<span><i style="background: {palette.streams[stream]}"></i>{STREAM_WORDS[stream]} {share:.0%}</span>'
        for stream, share in reasons.shares.items()
        if share
    )
    place = f"at {analysis.cut.timecode(reasons.start_s)}{', its highest' if is_highest else ''}"
    rows = "".join(_write_row(cause, reasons.curve, palette.curves[reasons.curve]) for cause in reasons.causes)
    return (
        f'<section class="reasons" aria-label="Reasons"><h3>Why {reasons.curve} is {value} <small>{place}</small></h3>'
        f'<p class="rests">The film’s mean is {usual}. Here it rests on {streams or "nothing"}</p>'
        f"<ol>{rows or '<li>Nothing named moved it by much: it is near what is usual in this film.</li>'}</ol>"
        f'<p class="caution">{html.escape(CAUTION)}</p></section>'
    )


def _write_row(cause: ToldCause, curve: str, color: str) -> str:
    """Write one cause: by how much, as a number and as a bar from the middle, and what it was."""
    low, high = CURVE_RANGE[curve]
    length = min(abs(cause.effect) / (high - low) / FULL_SHARE, 1) * 50
    side = "left" if cause.effect > 0 else "right"
    bar = f'<span class="bar"><i style="{side}: 50%; width: {length:.1f}%; background: {color}"></i></span>'
    return f"<li><b>{write_amount(cause.effect)}</b>{bar}<span>{html.escape(write_cause(cause))}</span></li>"
