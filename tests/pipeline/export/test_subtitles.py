"""Subtitles of what a timeline keeps, read back by pysubs2."""

from fractions import Fraction

import pysubs2
import pytest

from pipeline.errors import ExportError
from pipeline.export.layout import TimelineOptions, find_whole, make_timeline
from pipeline.export.subtitles import render_srt
from pipeline.types import Line
from tests.pipeline.export.timelines import make_clips, make_cut

RATE = Fraction(24)


def read_srt(text):
    return [(cue.start, cue.end, cue.plaintext) for cue in pysubs2.SSAFile.from_string(text, format_="srt")]


def lay_out(lines, spans=None, *, rate=RATE, handles=0, duration_s=Fraction(60)):
    cut = make_cut(rate, duration_s=duration_s)
    clips = [find_whole(cut)] if spans is None else make_clips(spans, rate)
    lines = [Line(start_s=start_s, end_s=end_s, text=text) for start_s, end_s, text in lines]
    return make_timeline(cut, clips, lines=lines, options=TimelineOptions(handles=handles))


def test_a_whole_cut_keeps_every_line_at_its_own_time():
    lines = [(0.0, 1.5, "One."), (2.25, 3.0, "„Zwei“ & drei."), (58.0, 59.999, "Last.")]
    assert read_srt(render_srt(lay_out(lines))) == [
        (0, 1500, "One."), (2250, 3000, "„Zwei“ & drei."), (58_000, 59_999, "Last."),
    ]  # fmt: skip


def test_lines_are_moved_to_where_their_clip_plays():
    lines = [(1.0, 2.0, "first"), (21.0, 22.5, "second"), (41.0, 42.0, "third")]
    timeline = lay_out(lines, [(40 * 24, 44 * 24), (20 * 24, 24 * 24)])
    assert read_srt(render_srt(timeline)) == [(1000, 2000, "third"), (5000, 6500, "second")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ((9.0, 11.0), (0, 1000)),  # Half of it is heard.
        ((8.9, 11.0), None),
        ((13.0, 15.0), (3000, 4000)),
        ((13.1, 15.1), None),
        ((8.0, 16.0), (0, 4000)),
        ((14.0, 15.0), None),
        ((9.0, 10.0), None),
        ((12.0, 12.0), None),
    ],
)
def test_a_line_is_kept_where_half_of_it_is_heard_and_shown_while_it_is(line, expected):
    read = read_srt(render_srt(lay_out([(*line, "x"), (11.0, 11.5, "kept")], [(240, 336)])))
    assert sorted(read) == sorted([(1000, 1500, "kept"), *([(*expected, "x")] if expected else [])])


def test_clips_that_go_on_where_the_one_before_ended_are_one():
    timeline = lay_out([(11.0, 15.0, "over the join")], [(240, 312), (312, 400)])
    assert read_srt(render_srt(timeline)) == [(1000, 5000, "over the join")]


def test_a_line_heard_twice_is_written_twice():
    timeline = lay_out([(10.5, 11.0, "again")], [(240, 288), (240, 288)])
    assert read_srt(render_srt(timeline)) == [(500, 1000, "again"), (2500, 3000, "again")]


def test_handles_are_heard_too():
    timeline = lay_out([(9.5, 10.0, "before")], [(240, 288)], handles=24)
    assert read_srt(render_srt(timeline)) == [(500, 1000, "before")]


def test_three_hours_on_times_are_right_to_the_millisecond():
    rate = Fraction(24_000, 1001)
    first = int(3 * 3600 * rate)
    line = (10_800.5, 10_801.25, "late")
    timeline = lay_out([line], [(0, 24), (first, first + 240)], rate=rate, duration_s=Fraction(4 * 3600))
    shift = Fraction(24) / rate - first / rate
    assert read_srt(render_srt(timeline)) == [
        (round((Fraction(line[0]) + shift) * 1000), round((Fraction(line[1]) + shift) * 1000), "late")
    ]


def test_text_stays_on_one_line_and_empty_lines_are_left_out():
    timeline = lay_out([(1.0, 2.0, "a\n\nb\r\x00c"), (3.0, 4.0, "  ")])
    assert render_srt(timeline) == "1\n00:00:01,000 --> 00:00:02,000\na b c\n"


@pytest.mark.parametrize(("lines", "said"), [([], "--transcript"), ([(50.0, 51.0, "elsewhere")], "something is said")])
def test_where_nothing_is_said_there_are_no_subtitles(lines, said):
    with pytest.raises(ExportError) as caught:
        render_srt(lay_out(lines, [(0, 24)]))
    assert said in caught.value.hint
