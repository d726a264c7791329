"""Tests of the clock."""

import ast
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import (
    find_label_rate,
    frame_to_seconds,
    frame_to_timecode,
    seconds_to_frame,
    seconds_to_next_frame,
    seconds_to_timecode,
    shift_timecode,
    timecode_to_frame,
    timecode_to_seconds,
)

NTSC = Fraction(30_000, 1001)
FILM = Fraction(24_000, 1001)
DROP_RATES = [NTSC, 2 * NTSC, 4 * NTSC]
EVERY_RATE = [FILM, 2 * FILM, *DROP_RATES, *map(Fraction, (24, 25, 30, 48, 50, 60, 100, 120))]
COUNTS = [(rate, False) for rate in EVERY_RATE] + [(rate, True) for rate in DROP_RATES]
"""Every way to count: the rate, and whether drop-frame."""

RATES = st.sampled_from(EVERY_RATE)
FRAMES = st.integers(0, 24 * 3600 * 120)


def count_labels(nominal: int, *, drop: bool) -> Iterator[tuple[int, str]]:
    """Count through a whole day as SMPTE ST 12-1 has it, yielding every frame of each minute's first and last second.

    The first numbers of a minute are skipped, except every tenth. Nothing is computed here, only counted.
    """
    mark, width = ";" if drop else ":", 3 if nominal > 100 else 2
    skipped = {30: 2, 60: 4, 120: 8}[nominal] if drop else 0
    count = 0
    for minute in range(24 * 60):
        for second in range(60):
            first = skipped if second == 0 and minute % 10 != 0 else 0
            if second in (0, 59):
                for frame in range(first, nominal):
                    label = f"{minute // 60:02}:{minute % 60:02}:{second:02}{mark}{frame:0{width}}"
                    yield count + frame - first, label
            count += nominal - first


@st.composite
def instants(draw: Any) -> tuple[Fraction, bool, int, str]:
    """Draw a way to count, a frame of a film up to a day long, and a start timecode, often just before midnight."""
    rate, drop = draw(st.sampled_from(COUNTS))
    day = day_of(rate, drop=drop)
    near = st.integers(0, 3 * round(rate))
    start = draw(st.one_of(st.integers(0, day - 1), near, near.map(lambda frames: day - 1 - frames)))
    frame = draw(st.one_of(st.integers(0, day - 1), near))
    return rate, drop, frame, frame_to_timecode(start, rate, drop=drop)


def day_of(rate: Fraction, *, drop: bool) -> int:
    """How many labels a day has: the last of them, read, and one."""
    nominal = round(rate)
    return timecode_to_frame(f"23:59:59{';' if drop else ':'}{nominal - 1}", rate) + 1


@given(frame=FRAMES, rate=RATES)
def test_a_frame_begins_at_its_own_instant(frame: int, rate: Fraction) -> None:
    start_s = frame_to_seconds(frame, rate)
    assert seconds_to_frame(start_s, rate) == frame
    assert seconds_to_frame(start_s - Fraction(1, 10**9), rate) == frame - 1
    assert seconds_to_frame(float(start_s), rate) == frame


@given(frame=FRAMES, rate=RATES, share=st.floats(0, 0.999))
def test_a_frame_stays_on_show_until_the_next(frame: int, rate: Fraction, share: float) -> None:
    assert seconds_to_frame((frame + Fraction(share)) / rate, rate) == frame


@given(instant=instants())
def test_seconds_to_timecode_and_back_is_the_same_frame_over_a_day(instant: tuple[Fraction, bool, int, str]) -> None:
    rate, drop, frame, _ = instant
    start = frame_to_timecode(0, rate, drop=drop)
    for seconds_s in (frame_to_seconds(frame, rate), float(frame_to_seconds(frame, rate))):
        label = seconds_to_timecode(seconds_s, rate, start_timecode=start)
        assert label == frame_to_timecode(frame, rate, drop=drop)
        assert timecode_to_frame(label, rate) == frame
        assert seconds_to_frame(timecode_to_seconds(label, rate, start_timecode=start), rate) == frame


@given(instant=instants())
def test_any_start_timecode_leads_there_and_back_also_past_midnight(instant: tuple[Fraction, bool, int, str]) -> None:
    rate, drop, frame, start = instant
    seconds_s = frame_to_seconds(frame, rate)
    for instant_s in (seconds_s, float(seconds_s)):
        label = seconds_to_timecode(instant_s, rate, start_timecode=start)
        assert timecode_to_seconds(label, rate, start_timecode=start) == seconds_s
    day = day_of(rate, drop=drop)
    assert timecode_to_frame(label, rate) == (timecode_to_frame(start, rate) + frame) % day
    assert shift_timecode(label, -frame, rate) == start


@pytest.mark.parametrize(("rate", "drop"), [(NTSC, False), (NTSC, True), (2 * NTSC, True)])
def test_the_labels_of_a_whole_day_are_those_that_counting_gives(rate: Fraction, drop: bool) -> None:
    frame = -1
    for frame, label in count_labels(round(rate), drop=drop):
        if frame_to_timecode(frame, rate, drop=drop) != label or timecode_to_frame(label, rate) != frame:
            pytest.fail(f"frame {frame} should be {label}")
    assert frame + 1 == day_of(rate, drop=drop)
    assert frame_to_timecode(frame + 1, rate, drop=drop) == ("00:00:00;00" if drop else "00:00:00:00")


@pytest.mark.parametrize("rate", EVERY_RATE)
def test_no_frame_has_drifted_after_three_hours(rate: Fraction) -> None:
    """The label is made here by counting whole frames, with no rate in it but the rounded one."""
    nominal = round(rate)
    first = int(3 * 3600 * rate)
    for frame in range(first, first + 2 * nominal):
        seconds, frames = divmod(frame, nominal)
        label = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:0{3 if nominal > 100 else 2}}"
        assert seconds_to_timecode(frame / rate, rate) == label
        assert seconds_to_timecode(float(frame / rate), rate) == label


@pytest.mark.parametrize("rate", [Fraction("12.37"), Fraction(50, 3), Fraction("28.61"), Fraction("0.4")])
def test_a_rate_that_is_none_is_counted_at_a_whole_one_that_stays_with_the_clock(rate: Fraction) -> None:
    counted = find_label_rate(rate)
    assert counted.denominator == 1
    assert abs(counted - rate) <= Fraction(3, 5)
    assert seconds_to_timecode(3 * 3600 + 25 * 60, counted) == "03:25:00:00"


@pytest.mark.parametrize("rate", EVERY_RATE)
def test_a_rate_that_timecode_knows_is_counted_as_it_is(rate: Fraction) -> None:
    assert find_label_rate(rate) == rate


@pytest.mark.parametrize(("rate", "rounded"), [(FILM, 23.976), (NTSC, 29.97), (2 * NTSC, 59.94)])
def test_a_rounded_rate_would_have_drifted_after_three_hours(rate: Fraction, rounded: float) -> None:
    frame = int(3 * 3600 * rate)
    assert seconds_to_frame(frame / rate, rate) == frame
    assert seconds_to_frame(frame / rate, Fraction(str(rounded))) == frame - 1


@given(frame=FRAMES, rate=RATES, resolution=st.sampled_from([600, 1000, 12_800, 90_000]))
def test_a_stamp_rounded_by_its_container_is_still_its_frame(frame: int, rate: Fraction, resolution: int) -> None:
    stamp_s = Fraction(round(frame_to_seconds(frame, rate) * resolution), resolution)
    assert seconds_to_frame(float(stamp_s), rate) == frame


def test_a_film_that_starts_a_minute_before_midnight_goes_on_at_nought() -> None:
    start = "23:59:00:00"
    assert seconds_to_timecode(59.98, Fraction(25), start_timecode=start) == "23:59:59:24"
    assert seconds_to_timecode(60, Fraction(25), start_timecode=start) == "00:00:00:00"
    assert timecode_to_seconds("00:00:00:00", Fraction(25), start_timecode=start) == 60


def test_a_label_counted_the_other_way_is_not_one_of_the_film() -> None:
    with pytest.raises(ValueError, match="without drop-frame, the film with"):
        timecode_to_seconds("01:00:00:00", NTSC, start_timecode="01:00:00;00")
    with pytest.raises(ValueError, match="with drop-frame, the film without"):
        timecode_to_seconds("01:00:00;00", NTSC)


def is_rate(node: ast.expr) -> bool:
    """Whether an expression is a frame rate by its name, as a float or one side of its fraction as well."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "int", "round") and node.args:
        return is_rate(node.args[0])
    if isinstance(node, ast.Attribute) and node.attr in ("numerator", "denominator"):
        return is_rate(node.value)
    name = getattr(node, "id", getattr(node, "attr", ""))
    return name.lstrip("_") in {"rate", "frame_rate", "timecode_rate", "nominal", "fps"}


def test_no_other_file_multiplies_or_divides_by_a_frame_rate() -> None:
    """The time of one frame, `1 / rate`, is a duration and may stand anywhere; every other product counts frames."""
    root = Path(__file__).parents[2]
    found = set()
    for path in (path for floor in ("models", "pipeline", "studio") for path in (root / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_product = isinstance(node, ast.BinOp) and isinstance(
                node.op, ast.Mult | ast.Div | ast.FloorDiv | ast.Mod
            )
            if is_product and any(map(is_rate, (node.left, node.right))) and ast.unparse(node.left) != "1":
                found.add(path.relative_to(root).as_posix())
    # What a speed effect of CMX 3600 states is a speed, in frames a second.
    assert found == {"pipeline/clock.py", "pipeline/export/change_edl.py"}


@given(frame=st.integers(0, 2_589_407), rate=st.sampled_from(DROP_RATES))
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


@pytest.mark.parametrize(
    "timecode", ["", "1:2:3:4", "00:00:60:00", "00:00:00:25", "24:00:00:00", "00:00:00:00:00", "٠٠:٠٠:٠٠:٠٠"]
)
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
    with pytest.raises(ValueError, match="no timecode"):
        seconds_to_timecode(-0.1, Fraction(25), start_timecode="01:00:00:00")
    with pytest.raises(ValueError, match="not a frame rate"):
        seconds_to_frame(1.0, Fraction(0))


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(25), Fraction(60_000, 1001)])
def test_the_next_frame_is_the_one_that_begins_at_an_instant_or_the_one_behind(rate: Fraction) -> None:
    for frame in (0, 1, 24, 1_000_003):
        start_s = frame_to_seconds(frame, rate)
        assert seconds_to_next_frame(start_s, rate) == frame
        assert seconds_to_next_frame(float(start_s), rate) == frame
        assert seconds_to_next_frame(start_s + Fraction(1, 10**9), rate) == frame + 1
        assert seconds_to_next_frame(float(start_s) + 0.0005, rate) == frame
        assert seconds_to_next_frame(float(start_s) + 0.5 / float(rate), rate) == frame + 1
