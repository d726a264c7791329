"""Seconds, frames and timecode, exactly, from a film's exact frame rate.

Rates are Fractions: 24000/1001, never 23.976. Frame 0 is the film's first. A film without a picture has no rate of its
own; callers use 25 for it.

Source: SMPTE ST 12-1 for the timecode address and the drop-frame compensation.
"""

import math
import re
from fractions import Fraction

_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
_FLOAT_SLACK = Fraction(1, 1_000_000)
"""Frames by which a float may fall short of a boundary and still mean it: a double cannot hold 5/24 s exactly."""


def seconds_to_frame(seconds_s: Fraction | float, rate: Fraction) -> int:
    """Return the frame on show at an instant: `floor(seconds_s * rate)`.

    Args:
        seconds_s: seconds of the film. A Fraction is taken exactly; a float within a millionth of a frame below a
            boundary means that boundary, so `float(frame_to_seconds(n, rate))` is frame n again.
        rate: frames a second, > 0.

    Returns:
        The frame's number, counted from 0; negative before the film's start.

    Raises:
        ValueError: the rate is not positive.
    """
    _check_rate(rate)
    slack = _FLOAT_SLACK if isinstance(seconds_s, float) else 0
    return math.floor(Fraction(seconds_s) * rate + slack)


def frame_to_seconds(frame: int, rate: Fraction) -> Fraction:
    """Return the instant at which a frame comes on show: `frame / rate`, seconds, exact.

    Args:
        frame: the frame's number, counted from 0.
        rate: frames a second, > 0.

    Raises:
        ValueError: the rate is not positive.
    """
    _check_rate(rate)
    return frame / rate


def can_drop_frames(rate: Fraction) -> bool:
    """Say whether drop-frame timecode is defined at a rate: at 30000/1001, 60000/1001 and 120000/1001."""
    return rate.denominator == 1001 and rate.numerator in (30_000, 60_000, 120_000)


def frame_to_timecode(frame: int, rate: Fraction, *, drop: bool = False) -> str:
    """Write a frame's number as timecode.

    Non-drop counts frames at the rounded rate. Drop-frame leaves out the first 2 numbers (at 29.97; 4 at 59.94) of
    every minute that is not a multiple of ten, so that the label stays with the clock on the wall.

    Args:
        frame: the frame's number, counted from 00:00:00:00, >= 0; the label wraps after 24 hours.
        rate: frames a second, > 0.
        drop: write drop-frame timecode.

    Returns:
        `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

    Raises:
        ValueError: a negative frame, or drop-frame at a rate that has none.
    """
    if frame < 0:
        raise ValueError(f"timecode has no label for frame {frame}")
    nominal, dropped = _count_rate(rate, drop=drop)
    per_ten_minutes = 600 * nominal - 9 * dropped
    frame %= 144 * per_ten_minutes
    if dropped:
        tens, rest = divmod(frame, per_ten_minutes)
        # The first minute of ten keeps all its numbers, each of the other nine starts `dropped` numbers late.
        minutes = max(0, (rest - dropped) // (60 * nominal - dropped))
        frame += dropped * (9 * tens + minutes)
    seconds, frames = divmod(frame, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    width = len(str(max(10, nominal - 1)))
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if drop else ':'}{frames:0{width}d}"


def timecode_to_frame(timecode: str, rate: Fraction) -> int:
    """Read timecode as a frame's number.

    Args:
        timecode: `HH:MM:SS:FF`; a `;`, `.` or `,` before the frames means drop-frame.
        rate: frames a second, > 0.

    Returns:
        The frame's number, counted from 00:00:00:00.

    Raises:
        ValueError: not a timecode, or one that this rate never shows.
    """
    match = _TIMECODE.fullmatch(timecode.strip())
    if match is None:
        raise ValueError(f"{timecode!r} is not a timecode like 01:02:03:04")
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    nominal, dropped = _count_rate(rate, drop=match[4] != ":")
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        raise ValueError(f"{timecode!r} lies outside a day of {nominal} frames a second")
    if frames < dropped and seconds == 0 and minutes % 10:
        raise ValueError(f"drop-frame timecode leaves {timecode!r} out")
    total_minutes = 60 * hours + minutes
    return (60 * total_minutes + seconds) * nominal + frames - dropped * (total_minutes - total_minutes // 10)


def seconds_to_timecode(seconds_s: Fraction | float, rate: Fraction, *, start_timecode: str | None = None) -> str:
    """Write an instant of a film as the timecode of the frame on show.

    Args:
        seconds_s: seconds of the film, >= 0.
        rate: frames a second, > 0.
        start_timecode: the label of the film's first frame; the answer is drop-frame where this is. None means
            00:00:00:00.

    Returns:
        `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

    Raises:
        ValueError: a negative instant, or a start timecode that this rate never shows.
    """
    frame = seconds_to_frame(seconds_s, rate)
    if start_timecode is None:
        return frame_to_timecode(frame, rate)
    drop = re.search(r"[;.,]", start_timecode) is not None
    return frame_to_timecode(frame + timecode_to_frame(start_timecode, rate), rate, drop=drop)


def _count_rate(rate: Fraction, *, drop: bool) -> tuple[int, int]:
    """Return the numbers counted in a second, and how many of them drop-frame leaves out of a minute."""
    _check_rate(rate)
    if drop and not can_drop_frames(rate):
        raise ValueError(f"drop-frame timecode is not defined at {rate} frames a second")
    nominal = max(1, round(rate))
    return nominal, nominal // 15 if drop else 0


def _check_rate(rate: Fraction) -> None:
    """Refuse a rate that is no rate."""
    if rate <= 0:
        raise ValueError(f"{rate} is not a frame rate")
