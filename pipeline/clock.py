"""Seconds, frames and timecode, exactly, from a film's exact frame rate: the only place that turns one into another.

Rates are Fractions: 24000/1001, never 23.976, which drifts from it by a frame every 11.6 hours. Frame 0 is the
film's first. A film without a picture has no rate of its own; callers use 25 for it. A film of variable frame rate
is counted at its nominal rate: an instant has the label that a clock of that rate shows, however many frames are missing.

Source: SMPTE ST 12-1 for the timecode address and the drop-frame compensation.
"""

import math
import re
from fractions import Fraction

import numpy as np
import numpy.typing as npt

_TIMECODE = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.,])([0-9]{2,3})")
_MIDNIGHT = "00:00:00:00"
_FLOAT_SLACK_S = Fraction(1, 1000)
"""Seconds by which a float may fall short of a boundary and still mean it: floats are measured, and Matroska's stamps
are whole milliseconds, those of a transport stream 1/90000 s. The shortest frame lasts 8."""


def seconds_to_frame(seconds_s: Fraction | float, rate: Fraction) -> int:
    """Return the frame on show at an instant: `floor(seconds_s * rate)`.

    Args:
        seconds_s: seconds of the film. A Fraction is taken exactly; a float within a millisecond (and a quarter of a
            frame) below a boundary means that boundary, so the stamp of frame n is frame n again in any container.
        rate: frames a second, > 0.

    Returns:
        The frame's number, counted from 0; negative before the film's start.

    Raises:
        ValueError: the rate is not positive.
    """
    _check_rate(rate)
    slack = min(_FLOAT_SLACK_S * rate, Fraction(1, 4)) if isinstance(seconds_s, float) else 0
    return math.floor(Fraction(seconds_s) * rate + slack)


def seconds_to_next_frame(seconds_s: Fraction | float, rate: Fraction) -> int:
    """Return the first frame that comes on show at an instant or later: `ceil(seconds_s * rate)`.

    Args:
        seconds_s: as in `seconds_to_frame`; a float as little above a boundary as there below it means that boundary.
        rate: frames a second, > 0.

    Raises:
        ValueError: the rate is not positive.
    """
    return -seconds_to_frame(-seconds_s, rate)


def seconds_to_frames(seconds_s: npt.NDArray[np.float64], rate: Fraction) -> npt.NDArray[np.int64]:
    """Return the frame on show at each of many instants: what `seconds_to_frame` says of a float.

    Args:
        seconds_s: (N,) float64, seconds of the film.
        rate: frames a second, > 0.
    """
    per_s = float(rate)
    return np.floor(np.asarray(seconds_s) * per_s + min(float(_FLOAT_SLACK_S) * per_s, 0.25)).astype(np.int64)


def frames_to_seconds(frames: npt.NDArray[np.int64], rate: Fraction) -> npt.NDArray[np.float64]:
    """Return the instants at which many frames come on show, (N,) float64, as near as floats come."""
    seconds_s: npt.NDArray[np.float64] = np.asarray(frames) * rate.denominator / rate.numerator
    return seconds_s


def nearest_frame(seconds_s: Fraction | float, rate: Fraction) -> int:
    """Return the frame that comes on show nearest to an instant."""
    _check_rate(rate)
    return round(Fraction(seconds_s) * rate)


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


def frame_to_ratio(frame: int, rate: Fraction) -> tuple[int, int]:
    """Return when a frame begins, seconds, as a fraction that is not reduced: over the rate's own numerator.

    Args:
        frame: its number, or a count of frames.
        rate: frames a second, > 0.
    """
    return frame * rate.denominator, rate.numerator


def count_frames(duration_s: Fraction, rate: Fraction) -> int:
    """Return how many whole frames a film has, 1 at least; a duration made of rounded stamps may fall short of the last.

    Args:
        duration_s: seconds, > 0.
        rate: frames a second, > 0.

    Raises:
        ValueError: the rate is not positive.
    """
    return max(seconds_to_frame(float(duration_s), rate), 1)


def split_rate(rate: Fraction) -> tuple[int, bool]:
    """Return the frames that a rate counts to a second, and whether it runs at 1000/1001 of that, as NTSC does.

    Args:
        rate: frames a second: whole, or 1000/1001 of a whole number.

    Raises:
        ValueError: any other rate.
    """
    nominal = round(rate)
    if rate not in (nominal, Fraction(1000 * nominal, 1001)) or nominal < 1:
        raise ValueError(f"{float(rate):.5g} frames a second is no rate of an editing program")
    return nominal, rate.denominator == 1001


def find_label_rate(rate: Fraction) -> Fraction:
    """Return the rate that labels count at: that of the film, or the nearest whole one where that is no such rate.

    Films of variable frame rate have averages such as 12.37, of which no label would stay with the clock on the wall.

    Args:
        rate: frames a second, > 0.
    """
    try:
        split_rate(rate)
    except ValueError:
        return Fraction(max(1, round(rate)))
    return rate


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
    frame %= _count_day(rate, drop=drop)
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


def shift_timecode(timecode: str, frames: int, rate: Fraction) -> str:
    """Return the label so many frames on, counted like the one given; past midnight it goes on at 00:00:00:00.

    Args:
        timecode: a label, as `timecode_to_frame` reads it.
        frames: how far, frames; negative for earlier, 0 to have the label written the one way that the clock writes it.
        rate: frames a second, > 0.

    Returns:
        `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

    Raises:
        ValueError: not a timecode, or one that this rate never shows.
    """
    drop = _is_drop(timecode)
    frame = timecode_to_frame(timecode, rate) + frames
    return frame_to_timecode(frame % _count_day(rate, drop=drop), rate, drop=drop)


def convert_timecode(timecode: str, counted: int, rate: Fraction) -> str:
    """Turn a label that counts fewer frames a second than the film has into the film's own counting.

    Args:
        timecode: a label, as `timecode_to_frame` reads it.
        counted: frames a second that it counts: as many as the film's rounded rate, a half, or a quarter.
        rate: frames a second of the film, > 0.

    Returns:
        The label of the first of the frames that share the given one.

    Raises:
        ValueError: the label is none, or counts at a rate that does not fit into the film's.
    """
    drop = _is_drop(timecode)
    nominal, _ = _count_rate(rate, drop=drop)
    if counted <= 0 or nominal % counted or nominal // counted > 4:
        raise ValueError(f"{timecode!r} counts {counted} frames a second, the film {nominal}")
    repeats = nominal // counted
    return frame_to_timecode(repeats * timecode_to_frame(timecode, rate / repeats), rate, drop=drop)


def seconds_to_timecode(seconds_s: Fraction | float, rate: Fraction, *, start_timecode: str | None = None) -> str:
    """Write an instant of a film as the timecode of the frame on show.

    Args:
        seconds_s: seconds of the film, >= 0; a float as in `seconds_to_frame`.
        rate: frames a second, > 0.
        start_timecode: the label of the film's first frame; the answer is drop-frame where this is. None means
            00:00:00:00.

    Returns:
        `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

    Raises:
        ValueError: a negative instant, or a start timecode that this rate never shows.
    """
    frame = seconds_to_frame(seconds_s, rate)
    if frame < 0:
        raise ValueError(f"a film has no timecode {seconds_s} seconds from its start")
    return shift_timecode(start_timecode or _MIDNIGHT, frame, rate)


def timecode_to_seconds(timecode: str, rate: Fraction, *, start_timecode: str | None = None) -> Fraction:
    """Read a timecode of a film as the instant at which its frame comes on show: the way back of `seconds_to_timecode`.

    A label earlier than the start's belongs to the next day: in a film that starts at 23:59:00:00, 00:00:00:00 is one
    minute in.

    Args:
        timecode: a label of the film, as `timecode_to_frame` reads it.
        rate: frames a second, > 0.
        start_timecode: the label of the film's first frame; None means 00:00:00:00.

    Returns:
        Seconds of the film, exact, 0 up to a day.

    Raises:
        ValueError: a label that this rate never shows, or one counted with drop-frame where the film's is not, or the
            other way round.
    """
    start_timecode = start_timecode or _MIDNIGHT
    drop = _is_drop(start_timecode)
    if _is_drop(timecode) != drop:
        ways = ("without", "with") if drop else ("with", "without")
        raise ValueError(f"{timecode!r} counts {ways[0]} drop-frame, the film {ways[1]}")
    frames = timecode_to_frame(timecode, rate) - timecode_to_frame(start_timecode, rate)
    return frame_to_seconds(frames % _count_day(rate, drop=drop), rate)


def _is_drop(timecode: str) -> bool:
    """Say whether a label is written as drop-frame."""
    return any(mark in timecode for mark in ";.,")


def _count_day(rate: Fraction, *, drop: bool) -> int:
    """Return how many labels there are before the first one comes again."""
    nominal, dropped = _count_rate(rate, drop=drop)
    return 144 * (600 * nominal - 9 * dropped)


def _count_rate(rate: Fraction, *, drop: bool) -> tuple[int, int]:
    """Return the numbers counted in a second, and how many of them drop-frame leaves out of a minute."""
    _check_rate(rate)
    if drop and not can_drop_frames(rate):
        raise ValueError(f"drop-frame timecode is not defined at {float(rate):.5g} frames a second")
    nominal = max(1, round(rate))
    return nominal, nominal // 15 if drop else 0


def _check_rate(rate: Fraction) -> None:
    """Refuse a rate that is no rate."""
    if rate <= 0:
        raise ValueError(f"{rate} is not a frame rate")
