"""What a format cannot hold, refused in words."""

from fractions import Fraction
from typing import Protocol

from pipeline.clock import can_drop_frames, split_rate
from pipeline.errors import ExportError


class Rated(Protocol):
    """Whatever is laid out in frames of one exact rate: a timeline, or a list of changes."""

    @property
    def rate(self) -> Fraction:
        """Frames a second."""


def check_rate(timeline: Rated, label: str) -> None:
    """Refuse a rate that no editing program has timelines of: neither whole, nor 1000/1001 of a whole one.

    Args:
        timeline: the timeline.
        label: what people call the format.

    Raises:
        ExportError: such a rate.
    """
    try:
        split_rate(timeline.rate)
    except ValueError as error:
        raise _refuse(timeline, label, "no editing program has timelines of such a rate") from error


def check_two_digits(timeline: Rated, label: str) -> None:
    """Refuse a rate whose frame numbers need more than the two digits that a format has.

    Raises:
        ExportError: more than 100 frames a second.
    """
    if split_rate(timeline.rate)[0] > 100:
        raise _refuse(timeline, label, "its timecode has two digits for the frame")


def check_drop(timeline: Rated, label: str) -> None:
    """Refuse drop-frame where it is not defined.

    Raises:
        ExportError: the timeline's rate has no drop-frame timecode.
    """
    if not can_drop_frames(timeline.rate):
        raise ExportError(
            f"{label} cannot be written at {float(timeline.rate):.5g} frames a second: "
            "drop-frame is defined at 29.97 and 59.94 alone.",
            "Export edl, which counts without it.",
        )


def _refuse(timeline: Rated, label: str, why: str) -> ExportError:
    """The error for a rate that a format cannot hold."""
    return ExportError(
        f"{label} cannot hold {float(timeline.rate):.5g} frames a second: {why}.",
        "Export otio, csv or srt, or give the film a common constant frame rate first.",
    )
