"""The reasons of a curve, told to a person or a script."""

import math
from dataclasses import asdict
from typing import Any

from pipeline.errors import TimecodeError
from pipeline.reasons import CAUTION, CurveReasons, tell_reasons, write_cause, write_reasons
from pipeline.types import STREAM_WORDS, Analysis
from studio.remarks import timecode_to_instant


def explain_span(analysis: Analysis, *, curve: str, at: str, until: str | None = None) -> CurveReasons:
    """Explain why a curve stands where it stands.

    Args:
        analysis: the cut's analysis.
        curve: the curve's name.
        at: the timecode of an instant, or of the beginning of a span.
        until: the timecode of the end of the span; None for the second that `at` lies in.

    Raises:
        TimecodeError: the film never shows such a timecode, or the span ends before it begins.
        LibraryError: there is only a draft of the cut.
    """
    begin_s = timecode_to_instant(analysis.cut, at)
    finish_s = None if until is None else timecode_to_instant(analysis.cut, until)
    if finish_s is not None and finish_s <= begin_s:
        raise TimecodeError(f"From {at} to {until} there is nothing.", "Give --until a later timecode than --at.")
    start_s = math.floor(begin_s)
    end_s = start_s + 1 if finish_s is None else math.ceil(finish_s)
    return tell_reasons(analysis, curve=curve, start_s=start_s, end_s=end_s)


def describe_explanation(analysis: Analysis, reasons: CurveReasons) -> dict[str, Any]:
    """Describe reasons as JSON types: the span in seconds and timecode, value, shares, and causes with their words."""
    values = asdict(reasons)
    values["shares"] = {STREAM_WORDS[stream]: share for stream, share in reasons.shares.items()}
    for told, cause in zip(values["causes"], reasons.causes, strict=True):
        told |= {"stream": STREAM_WORDS[cause.stream], "text": write_cause(cause)}
    start, end = _name_ends(analysis, reasons)
    return {**values, "start_timecode": start, "end_timecode": end}


def write_explanation(analysis: Analysis, reasons: CurveReasons) -> str:
    """Write reasons for a person, with what they are."""
    start, end = _name_ends(analysis, reasons)
    place = f"At {start}" if reasons.end_s == reasons.start_s + 1 else f"From {start} to {end}"
    return f"{place} {write_reasons(reasons)}\n{CAUTION}"


def _name_ends(analysis: Analysis, reasons: CurveReasons) -> tuple[str, str]:
    """The timecodes at which a span begins and ends."""
    return analysis.cut.timecode(reasons.start_s), analysis.cut.timecode(reasons.end_s)
