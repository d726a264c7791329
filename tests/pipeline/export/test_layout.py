"""Clips laid out as a timeline: handles, ends of the film, reels, names, starts."""

from dataclasses import replace
from fractions import Fraction

import pytest

from pipeline.errors import ExportError, TimecodeError
from pipeline.export.layout import TimelineOptions, find_whole, make_timeline, write_one_line
from pipeline.sequence import Clip
from tests.pipeline.export.timelines import make_clips, make_cut

RATE = Fraction(24)


def lay_out(spans, *, frames=240, cut=None, **options):
    cut = cut or make_cut(duration_s=frames / RATE)
    return make_timeline(cut, make_clips(spans, cut.timecode_rate), options=TimelineOptions(**options))


def test_clips_follow_one_another_without_a_gap():
    events = lay_out([(100, 120), (0, 10), (100, 120)]).events
    assert [(e.source_in, e.source_out, e.record_in, e.record_out) for e in events] == [
        (100, 120, 0, 20), (0, 10, 20, 30), (100, 120, 30, 50),
    ]  # fmt: skip
    assert [e.name for e in events] == ["01 part 1", "02 part 2", "03 part 3"]
    assert {e.note for e in events} == {"tension peak +0.50, credits -0.25"}


def test_handles_are_whatever_the_film_has_of_them():
    events = lay_out([(4, 20), (100, 120), (225, 235)], handles=8).events
    assert [(e.source_in, e.source_out, e.head, e.tail) for e in events] == [
        (0, 28, 4, 8), (92, 128, 8, 8), (217, 240, 8, 5),
    ]  # fmt: skip
    assert [(e.record_in, e.record_out) for e in events] == [(0, 28), (28, 64), (64, 87)]


def test_a_clip_that_runs_past_the_end_ends_with_the_film():
    for handles in (0, 8):
        (event,) = lay_out([(230, 260)], handles=handles).events
        assert (event.source_out, event.tail) == (240, 0)


def test_a_clip_behind_the_end_is_refused_by_its_number():
    with pytest.raises(ExportError, match="Clip 2"):
        lay_out([(0, 10), (240, 250)])


def test_nothing_is_refused():
    with pytest.raises(ExportError, match="A film"):
        lay_out([])


def test_a_clip_between_two_frames_is_a_bug():
    cut = make_cut()
    with pytest.raises(ValueError, match="between two frames"):
        make_timeline(cut, [Clip(start_s=Fraction(1, 48), end_s=Fraction(1), role="x")])


@pytest.mark.parametrize(
    ("duration_s", "rate", "frames"),
    [
        (Fraction(10), Fraction(24), 240),
        (Fraction(10) + Fraction(1, 30), Fraction(24), 240),  # Sound that ends within a frame that has no picture.
        (Fraction(4171, 1000), Fraction(24_000, 1001), 100),
        (Fraction(4170, 1000), Fraction(24_000, 1001), 100),  # Matroska's stamps are whole milliseconds.
        (Fraction(1, 1000), Fraction(24), 1),
    ],
)
def test_a_cut_has_the_frames_that_its_duration_means(duration_s, rate, frames):
    cut = make_cut(rate, duration_s=duration_s)
    timeline = make_timeline(cut, [find_whole(cut)])
    assert (timeline.media.frames, timeline.frames) == (frames, frames)


@pytest.mark.parametrize(
    ("path", "reel", "long", "short"),
    [
        ("/a/My Film - Reel 3 (v12).mov", None, "My_Film_Reel_3_v12", "MYFILMRE"),
        ("/a/Größe.mov", None, "Groe", "GROE"),
        ("/a/映画.mov", None, "0123456789abcdef", "01234567"),
        ("/a/b.mov", "A001C003_240101_R1AB", "A001C003_240101_R1AB", "A001C003"),
        ("/a/b.mov", "x" * 40, "x" * 32, "X" * 8),
        ("/a/bl.mov", None, "bl", "RBL"),
        ("/a/b.mov", "ax", "ax", "RAX"),
    ],
)
def test_reels_have_32_characters_and_eight_in_an_edl(path, reel, long, short):
    media = lay_out([(0, 10)], cut=make_cut(path=path), reel=reel).media
    assert (media.reel, media.short_reel) == (long, short)


def test_the_address_of_a_file_escapes_what_no_url_holds():
    media = lay_out([(0, 10)], cut=make_cut(path="/films/Größe & <Maß>/100% #1?.mov")).media
    assert media.url == "file:///films/Gr%C3%B6%C3%9Fe%20%26%20%3CMa%C3%9F%3E/100%25%20%231%3F.mov"
    assert media.name == "100% #1?.mov"


def test_a_name_that_is_no_unicode_keeps_its_address(tmp_path):
    media = lay_out([(0, 10)], cut=make_cut(path="/films/\udcff.mov")).media
    assert media.url == "file:///films/%FF.mov"
    assert media.name == " .mov"


def test_a_file_s_name_keeps_its_spaces_for_programs_find_it_by_them():
    assert lay_out([(0, 10)], cut=make_cut(path="/films/a  b\n.mov")).media.name == "a  b .mov"


def test_a_path_that_is_not_absolute_still_has_an_address():
    assert lay_out([(0, 10)], cut=make_cut(path="film.mov")).media.url.startswith("file:///")


@pytest.mark.parametrize(
    ("start_timecode", "record_start", "is_drop", "source", "record"),
    [
        (None, None, False, "00:00:00:00", "01:00:00:00"),
        ("10:00:00:00", None, False, "10:00:00:00", "01:00:00:00"),
        ("10:00:00;00", None, True, "10:00:00;00", "01:00:00;00"),
        ("10:00:00.02", None, True, "10:00:00;02", "01:00:00;00"),
        (None, "00:59:50;00", True, "00:00:00;00", "00:59:50;00"),
        ("10:00:00;00", "00:59:50:00", True, "10:00:00;00", "00:59:50;00"),
    ],
)
def test_a_timeline_counts_as_its_cut_does_or_as_its_start_asks(start_timecode, record_start, is_drop, source, record):
    cut = make_cut(Fraction(30_000, 1001), start_timecode=start_timecode)
    timeline = lay_out([(0, 10)], cut=cut, record_start=record_start)
    assert timeline.is_drop == is_drop
    assert (timeline.find_source_start(), timeline.find_record_start()) == (source, record)


@pytest.mark.parametrize("start", ["01:00", "25:00:00:00", "00:01:00;00", "", "01:00:00;00"])
def test_a_start_that_the_rate_never_shows_is_refused(start):
    timeline = lay_out([(0, 10)], record_start=start or "?")
    with pytest.raises(TimecodeError, match="24 frames a second"):
        timeline.find_record_start()


def test_labels_go_on_at_midnight():
    cut = make_cut(start_timecode="23:59:59:00")
    timeline = lay_out([(0, 10), (48, 72)], cut=cut, record_start="23:59:59:20")
    assert [timeline.label_source(frame) for frame in (0, 23, 24, 72)] == [
        "23:59:59:00", "23:59:59:23", "00:00:00:00", "00:00:02:00",
    ]  # fmt: skip
    assert [timeline.label_record(frame) for frame in (3, 4)] == ["23:59:59:23", "00:00:00:00"]


@pytest.mark.parametrize(
    ("channels", "streams", "expected"), [(0, ("frames", "audio"), 2), (6, ("frames", "audio"), 6), (0, ("frames",), 0)]
)
def test_sound_of_which_nobody_knows_the_channels_is_stereo(channels, streams, expected):
    cut = replace(make_cut(channels=channels), streams=streams)
    assert lay_out([(0, 10)], cut=cut).media.channels == expected


def test_text_is_written_on_one_line_without_what_no_text_holds():
    assert write_one_line(" a\r\n\tb\x00\x1b  c\u2028d\udc80 „ü“ <&> ") == "a b c d „ü“ <&>"


def test_an_empty_title_has_a_stand_in():
    assert lay_out([(0, 10)], title="\n").title == "Untitled"
