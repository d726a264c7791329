"""EDLs: the text itself, line by line."""

import re
from fractions import Fraction

import pytest

from pipeline.errors import ExportError
from pipeline.export.edl import render_edl, render_edl_drop
from pipeline.export.layout import TimelineOptions, make_timeline
from tests.pipeline.export.readers import count_label, read_edl, read_edl_lines
from tests.pipeline.export.timelines import make_clips, make_cut

NTSC = Fraction(30_000, 1001)


def lay_out(spans, rate=Fraction(25), *, start_timecode="10:00:00:00", handles=0, **cut):
    cut = make_cut(rate, start_timecode=start_timecode, **cut)
    return make_timeline(cut, make_clips(spans, cut.timecode_rate), options=TimelineOptions(handles=handles))


def test_an_edl_reads_as_cmx_3600_has_it():
    assert render_edl(lay_out([(250, 300), (0, 25)])) == (
        "TITLE: A film\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  AFILM    AA/V  C        10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n"
        "* FROM CLIP NAME: a film.mov\n"
        "* REEL NAME: a_film\n"
        "* COMMENT: 01 part 1: tension peak +0.50, credits -0.25\n"
        "\n"
        "002  AFILM    AA/V  C        10:00:00:00 10:00:01:00 01:00:02:00 01:00:03:00\n"
        "* FROM CLIP NAME: a film.mov\n"
        "* REEL NAME: a_film\n"
        "* COMMENT: 02 part 2: tension peak +0.50, credits -0.25\n"
        "\n"
    )


def test_every_event_line_has_its_columns_where_cmx_3600_has_them():
    text = render_edl(lay_out([(250, 300)]))
    (line,) = re.findall(r"^001.*$", text, re.MULTILINE)
    assert (line[0:3], line[5:13].rstrip(), line[14:19].rstrip(), line[20]) == ("001", "AFILM", "AA/V", "C")
    assert line[29:] == "10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00"
    assert len(line) == 76


def test_drop_frame_leaves_out_the_first_labels_of_a_minute():
    timeline = lay_out([(1799, 1800), (1800, 1801), (17_982, 17_983)], NTSC, start_timecode=None)
    labels = [event[3][:2] for event in read_edl_lines(render_edl_drop(timeline))]
    assert labels == [
        ["00:00:59;29", "00:01:00;02"], ["00:01:00;02", "00:01:00;03"], ["00:10:00;00", "00:10:00;01"],
    ]  # fmt: skip


def test_a_cut_without_timecode_is_counted_as_the_list_is_and_one_with_it_as_it_counts_itself():
    without = lay_out([(1800, 1801)], NTSC, start_timecode=None)
    assert read_edl_lines(render_edl(without))[0][3][0] == "00:01:00:00"
    assert read_edl_lines(render_edl_drop(without))[0][3][0] == "00:01:00;02"
    for start, label in (("00:00:00:00", "00:01:00:00"), ("00:00:00;00", "00:01:00;02")):
        stated = lay_out([(1800, 1801)], NTSC, start_timecode=start)
        for render in (render_edl, render_edl_drop):
            assert read_edl_lines(render(stated))[0][3][0] == label


def test_an_hour_of_drop_frame_is_an_hour_on_the_wall():
    frames = int(3600 * NTSC)
    timeline = lay_out([(0, frames)], NTSC, start_timecode=None)
    assert read_edl_lines(render_edl_drop(timeline))[0][3] == [
        "00:00:00;00",
        "01:00:00;00",
        "01:00:00;00",
        "02:00:00;00",
    ]
    assert read_edl_lines(render_edl(timeline))[0][3] == ["00:00:00:00", "00:59:56:12", "01:00:00:00", "01:59:56:12"]


def test_59_94_is_counted_in_59_frames_with_drop_frame_and_without():
    rate = Fraction(60_000, 1001)
    timeline = lay_out([(3599, 3601)], rate, start_timecode=None)
    assert read_edl_lines(render_edl_drop(timeline))[0][3][:2] == ["00:00:59;59", "00:01:00;05"]
    assert read_edl_lines(render_edl(timeline))[0][3][:2] == ["00:00:59:59", "00:01:00:01"]


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60)])
def test_drop_frame_is_refused_where_it_is_not_defined(rate):
    with pytest.raises(ExportError, match="drop-frame is defined at"):
        render_edl_drop(lay_out([(0, 10)], rate, start_timecode=None))


@pytest.mark.parametrize(
    ("rate", "channels", "word"),
    [(25, 0, "V"), (25, 1, "B"), (25, 2, "AA/V"), (25, 6, "AA/V"), (None, 1, "A"), (None, 2, "AA")],
)
def test_the_channels_that_are_cut_are_named(rate, channels, word):
    timeline = lay_out([(0, 10)], None if rate is None else Fraction(rate), channels=channels)
    text = render_edl(timeline)
    assert read_edl_lines(text)[0][2] == word
    assert len(read_edl(text, timeline.rate).tracks) == {"V": 1, "B": 2, "AA/V": 3, "A": 1, "AA": 2}[word]


def test_handles_are_in_the_event_and_told_in_a_comment():
    text = render_edl(lay_out([(250, 300), (4, 25)], handles=10))
    assert [event[3] for event in read_edl_lines(text)] == [
        ["10:00:09:15", "10:00:12:10", "01:00:00:00", "01:00:02:20"],
        ["10:00:00:00", "10:00:01:10", "01:00:02:20", "01:00:04:05"],
    ]
    assert re.findall(r"^\* HANDLES: (.*)$", text, re.MULTILINE) == [
        "10 FRAMES BEFORE, 10 BEHIND",
        "4 FRAMES BEFORE, 10 BEHIND",
    ]


def test_past_midnight_labels_begin_anew():
    timeline = lay_out([(0, 100)], start_timecode="23:59:59:00")
    labels = read_edl_lines(render_edl(timeline))[0][3]
    assert labels[:2] == ["23:59:59:00", "00:00:03:00"]
    day = 24 * 3600 * 25
    assert (count_label(labels[1], timeline.rate) - count_label(labels[0], timeline.rate)) % day == 100


def test_names_cannot_break_a_line():
    cut = make_cut(path="/films/a\nb.mov", title="A\n001  EVIL     V     C")
    text = render_edl(make_timeline(cut, make_clips([(0, 10)], Fraction(24))))
    assert text.splitlines()[0] == "TITLE: A 001 EVIL V C"
    assert "* FROM CLIP NAME: a b.mov" in text
    assert len(read_edl_lines(text)) == 1


def test_the_reader_finds_reel_name_and_title():
    timeline = lay_out([(250, 300)])
    read = read_edl(render_edl(timeline), timeline.rate)
    clip = read.tracks[0][0]
    assert read.name == "A film"
    assert clip.name == "a film.mov"
    assert clip.metadata["cmx_3600"]["reel"] == "AFILM"
