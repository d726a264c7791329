"""Marker lists: names, notes, places, and what shares a frame."""

from fractions import Fraction

import pytest

from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.markers import render_markers_premiere, render_markers_resolve
from pipeline.sequence import Clip
from tests.pipeline.export.readers import Mark, count_label, read_premiere_markers, read_resolve_markers
from tests.pipeline.export.timelines import make_clips, make_cut

RATE = Fraction(25)
NOTE = "tension peak +0.50, credits -0.25"
BOTH = [(render_markers_resolve, read_resolve_markers), (render_markers_premiere, read_premiere_markers)]


def lay_out(clips, *, start_timecode="10:00:00:00", **options):
    return make_timeline(make_cut(RATE, start_timecode=start_timecode), clips, options=TimelineOptions(**options))


@pytest.mark.parametrize(("render", "read"), BOTH)
def test_markers_lie_on_the_cut_in_its_order_without_handles(render, read):
    timeline = lay_out(make_clips([(250, 300), (0, 25)], RATE), handles=10)
    assert read(render(timeline), RATE) == [
        Mark(900_000, 25, "02 part 2", NOTE),
        Mark(900_250, 50, "01 part 1", NOTE),
    ]


@pytest.mark.parametrize(("render", "read"), BOTH)
def test_markers_that_share_a_frame_are_one_as_long_as_the_longest(render, read):
    peak = Clip(start_s=Fraction(10), end_s=Fraction(251, 25), role="tension peak 0.83")
    for clips in ([*make_clips([(250, 300)], RATE), peak], [peak, *make_clips([(250, 300)], RATE)]):
        (mark,) = read(render(lay_out(clips)), RATE)
        assert (mark.first, mark.frames, mark.note) == (900_250, 50, NOTE)
        assert "part 1" in mark.name
        assert "tension peak 0.83" in mark.name


@pytest.mark.parametrize(("render", "read"), BOTH)
def test_a_timeline_that_starts_elsewhere_has_its_markers_from_there(render, read):
    (mark,) = read(render(lay_out(make_clips([(250, 300)], RATE), record_start="01:00:00:00")), RATE)
    assert mark.first == count_label("01:00:10:00", RATE)


def test_nothing_in_a_name_can_break_the_list():
    clip = Clip(start_s=Fraction(0), end_s=Fraction(1), role="a|b\t„c“\n |D:9")
    (mark,) = read_resolve_markers(render_markers_resolve(lay_out([clip])), RATE)
    assert (mark.name, mark.frames) == ("01 a/b „c“ /D:9", 25)
    (mark,) = read_premiere_markers(render_markers_premiere(lay_out([clip])), RATE)
    assert (mark.name, mark.frames) == ("01 a|b „c“ |D:9", 25)


def test_drop_frame_is_written_as_premiere_does_throughout():
    rate = Fraction(30_000, 1001)
    cut = make_cut(rate, start_timecode="01:00:00;00")
    text = render_markers_premiere(make_timeline(cut, make_clips([(1798, 1803)], rate)))
    assert text.splitlines()[1].split("\t")[2:5] == ["01;00;59;28", "01;01;00;05", "00;00;00;05"]
