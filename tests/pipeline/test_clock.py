"""Tests of the clock."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import (
    frame_to_seconds,
    frame_to_timecode,
    seconds_to_frame,
    seconds_to_timecode,
    timecode_to_frame,
)

NTSC = Fraction(30_000, 1001)
DROP_RATES = [NTSC, 2 * NTSC, 4 * NTSC]
RATES = st.sampled_from([Fraction(24_000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(50), *DROP_RATES])
FRAMES = st.integers(0, 2_000_000)


@given(frame=FRAMES, rate=RATES)
def test_a_frame_begins_at_its_own_instant(frame: int, rate: Fraction) -> None:
    start_s = frame_to_seconds(frame, rate)
    assert seconds_to_frame(start_s, rate) == frame
    assert seconds_to_frame(start_s - Fraction(1, 10**9), rate) == frame - 1
    assert seconds_to_frame(float(start_s), rate) == frame


@given(frame=FRAMES, rate=RATES, share=st.floats(0, 0.999))
def test_a_frame_stays_on_show_until_the_next(frame: int, rate: Fraction, share: float) -> None:
    assert seconds_to_frame((frame + Fraction(share)) / rate, rate) == frame


@given(frame=FRAMES, rate=RATES)
def test_timecode_reads_back_as_the_frame_it_was_written_from(frame: int, rate: Fraction) -> None:
    assert timecode_to_frame(frame_to_timecode(frame, rate), rate) == frame


@given(frame=FRAMES, rate=st.sampled_from(DROP_RATES))
def test_drop_frame_timecode_reads_back_as_the_frame_it_was_written_from(frame: int, rate: Fraction) -> None:
    assert timecode_to_frame(frame_to_timecode(frame, rate, drop=True), rate) == frame


@given(frame=FRAMES, rate=st.sampled_from(DROP_RATES))
def test_drop_frame_timecode_stays_within_three_frames_of_the_wall_clock(frame: int, rate: Fraction) -> None:
    hours, minutes, rest = frame_to_timecode(frame, rate, drop=True).split(":")
    seconds, frames = rest.split(";")
    label_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + Fraction(int(frames), round(rate))
    assert abs(label_s - frame_to_seconds(frame, rate)) < Fraction(3 * round(rate) // 15, round(rate))


@pytest.mark.parametrize(
    ("frame", "timecode"),
    [
        (0, "00:00:00;00"),
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),
        (17_981, "00:09:59;29"),
        (17_982, "00:10:00;00"),
        (107_892, "01:00:00;00"),
        (2_589_407, "23:59:59;29"),
        (2_589_408, "00:00:00;00"),
    ],
)
def test_drop_frame_labels_are_those_of_the_standard(frame: int, timecode: str) -> None:
    assert frame_to_timecode(frame, NTSC, drop=True) == timecode


def test_59_94_leaves_four_numbers_out_of_a_minute() -> None:
    assert frame_to_timecode(3600, 2 * NTSC, drop=True) == "00:01:00;04"


def test_high_rates_count_frames_with_three_digits() -> None:
    assert frame_to_timecode(119, Fraction(120)) == "00:00:00:119"


def test_an_instant_is_labelled_from_the_start_timecode() -> None:
    assert seconds_to_timecode(1.5, Fraction(24)) == "00:00:01:12"
    assert seconds_to_timecode(1.5, Fraction(24), start_timecode="01:00:00:00") == "01:00:01:12"
    assert seconds_to_timecode(Fraction(1800) / NTSC, NTSC, start_timecode="00:00:00;00") == "00:01:00;02"


@pytest.mark.parametrize("timecode", ["", "1:2:3:4", "00:00:60:00", "00:00:00:25", "24:00:00:00", "00:00:00:00:00"])
def test_what_no_clock_shows_is_refused(timecode: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|outside"):
        timecode_to_frame(timecode, Fraction(25))


def test_labels_that_drop_frame_leaves_out_are_refused() -> None:
    with pytest.raises(ValueError, match="leaves"):
        timecode_to_frame("00:01:00;01", NTSC)
    assert timecode_to_frame("00:10:00;01", NTSC) == 17_983


def test_drop_frame_is_refused_at_rates_that_have_none() -> None:
    with pytest.raises(ValueError, match="not defined"):
        frame_to_timecode(0, Fraction(25), drop=True)


def test_a_negative_frame_and_a_rate_of_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="no label"):
        frame_to_timecode(-1, Fraction(25))
    with pytest.raises(ValueError, match="not a frame rate"):
        seconds_to_frame(1.0, Fraction(0))
