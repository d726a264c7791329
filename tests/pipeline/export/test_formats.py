"""What holds of every format, and that each is frame-exact after three hours of film."""

from fractions import Fraction

import pytest

from pipeline.errors import ExportError
from pipeline.export.formats import FORMATS, render_formats
from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.timeline import Timeline
from pipeline.types import Line
from tests.pipeline.export import readers
from tests.pipeline.export.timelines import (
    GOLDEN,
    HOUR,
    RATES,
    draw_spans,
    make_clips,
    make_cut,
    make_golden_timeline,
    make_long_timeline,
)

LINE = Line(start_s=0.5, end_s=1.0, text="Hello.")
DROP = [name for name in RATES if name.startswith(("29.97", "59.94"))]
EVERY = [(name, rate) for name in FORMATS for rate in (DROP if name == "edl-drop" else RATES)]


def test_the_formats_are_those_that_people_rely_on():
    assert list(FORMATS) == [
        "csv", "edl", "edl-drop", "otio", "fcpxml", "xmeml", "markers-resolve", "markers-premiere", "srt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_what_its_golden_file_holds(name):
    text = FORMATS[name].render(make_golden_timeline())
    assert text == (GOLDEN / f"timeline{FORMATS[name].suffix}").read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_text_of_its_own_and_the_same_each_time(name):
    text = FORMATS[name].render(make_golden_timeline())
    assert text.strip()
    assert text.endswith("\n")
    assert "\r" not in text
    assert text == FORMATS[name].render(make_golden_timeline())


def test_no_two_formats_would_overwrite_each_other():
    suffixes = [format_.suffix for format_ in FORMATS.values()]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") for suffix in suffixes)
    assert all(format_.label and format_.readers for format_ in FORMATS.values())


def test_a_trailer_is_handed_off_in_every_format_that_can_hold_it():
    texts, refusals = render_formats(make_golden_timeline())
    assert list(texts) == list(FORMATS)
    assert refusals == {}
    rate = Fraction(143, 5)
    texts, refusals = render_formats(make_timeline(make_cut(rate), make_clips([(3, 50)], rate)))
    assert list(texts) == ["csv", "otio"]
    assert {*texts, *refusals} == set(FORMATS)


def read_back(name: str, text: str, timeline: Timeline) -> list[list[readers.Read]]:
    """Read a format's tracks, however many it has."""
    if name == "fcpxml":
        return [readers.list_fcpxml_clips(readers.check_fcpxml(text))]
    if name == "otio":
        return readers.list_tracks(readers.read_otio(text))
    if name == "xmeml":
        return readers.list_tracks(readers.read_xmeml(text))
    return readers.list_tracks(readers.read_edl(text, timeline.rate))


@pytest.mark.parametrize(
    ("name", "rate"), [pair for pair in EVERY if pair[0] in ("edl", "edl-drop", "otio", "fcpxml", "xmeml")]
)
def test_every_in_and_out_point_is_read_back_on_the_frame(name, rate):
    timeline = make_long_timeline(rate)
    truth = readers.list_truth(timeline)
    assert sum(event.source_in > 3 * HOUR * timeline.rate for event in timeline.events) > 90
    tracks = read_back(name, FORMATS[name].render(timeline), timeline)
    assert tracks == [truth] * {"edl": 3, "edl-drop": 3, "otio": 2, "xmeml": 3, "fcpxml": 1}[name]


@pytest.mark.parametrize(("name", "rate"), [pair for pair in EVERY if pair[0].startswith("edl")])
def test_every_label_of_an_edl_counts_to_its_frame(name, rate):
    timeline = make_long_timeline(rate)
    text = FORMATS[name].render(timeline)
    separator = ";" if name == "edl-drop" else ":"
    assert text.splitlines()[1] == ("FCM: DROP FRAME" if name == "edl-drop" else "FCM: NON-DROP FRAME")
    start = readers.count_label(f"01:00:00{separator}00", timeline.rate)
    for (_, _, _, labels), read in zip(readers.read_edl_lines(text), readers.list_truth(timeline), strict=True):
        counted = [readers.count_label(label, timeline.rate) for label in labels]
        assert counted == [read.source_in, read.source_out, start + read.record_in, start + read.record_out]
        assert {label[8] for label in labels[2:]} == {separator}
        assert {label[8] for label in labels[:2]} == {timeline.find_source_start()[8]}


@pytest.mark.parametrize("rate", RATES)
def test_every_marker_is_read_back_on_the_frame(rate):
    timeline = make_long_timeline(rate)
    truth = sorted((read.source_in, read.source_out - read.source_in) for read in readers.list_truth(timeline))
    resolve = readers.read_resolve_markers(FORMATS["markers-resolve"].render(timeline), timeline.rate)
    premiere = readers.read_premiere_markers(FORMATS["markers-premiere"].render(timeline), timeline.rate)
    for marks in (resolve, premiere):
        assert [(mark.first, mark.frames) for mark in marks] == truth


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("parts", [{"rate": None}, {"channels": 0}], ids=["no picture", "no sound"])
def test_a_cut_without_picture_or_without_sound_can_be_handed_off(name, parts):
    cut = make_cut(**parts)
    if name == "edl-drop":
        with pytest.raises(ExportError):
            FORMATS[name].render(make_timeline(cut, make_clips([(0, 50)], cut.timecode_rate)))
        return
    timeline = make_timeline(cut, make_clips([(50, 75), (0, 50)], cut.timecode_rate), lines=[LINE])
    text = FORMATS[name].render(timeline)
    if name == "fcpxml":
        asset = readers.check_fcpxml(text).find(".//asset")
        assert (asset.get("hasVideo"), asset.get("hasAudio")) == (("1", None) if cut.frame_rate else (None, "1"))
    if name == "xmeml":
        readers.check_xmeml(text)
    if name in ("edl", "otio", "fcpxml", "xmeml"):
        tracks = read_back(name, text, timeline)
        assert tracks
        assert all(track == readers.list_truth(timeline) for track in tracks)
    if name in ("otio", "xmeml"):
        read = readers.read_otio(text) if name == "otio" else readers.read_xmeml(text)
        assert {track.kind for track in read.tracks} == ({"Video"} if cut.frame_rate else {"Audio"})


@pytest.mark.parametrize("name", ["edl", "fcpxml", "xmeml", "markers-resolve", "markers-premiere"])
@pytest.mark.parametrize("rate", [Fraction(143, 5), Fraction(24_000, 1003), Fraction(2997, 100)])
def test_a_rate_of_no_editing_program_is_refused_with_a_way_out(name, rate):
    timeline = make_timeline(make_cut(rate), make_clips([(0, 50)], rate))
    with pytest.raises(ExportError, match=r"28\.6|23\.928|29\.97") as caught:
        FORMATS[name].render(timeline)
    assert "otio" in caught.value.hint


@pytest.mark.parametrize("name", ["csv", "otio", "srt"])
def test_formats_without_timecode_of_their_own_hold_any_rate(name):
    rate = Fraction(143, 5)
    timeline = make_timeline(make_cut(rate), make_clips([(3, 50)], rate), lines=[LINE])
    text = FORMATS[name].render(timeline)
    if name == "otio":
        assert read_back(name, text, timeline) == [readers.list_truth(timeline)] * 2


@pytest.mark.parametrize("name", ["edl", "fcpxml", "markers-resolve"])
def test_rates_beyond_two_digits_of_frames_are_refused(name):
    rate = Fraction(120)
    with pytest.raises(ExportError, match="120"):
        FORMATS[name].render(make_timeline(make_cut(rate), make_clips([(0, 50)], rate)))


@pytest.mark.parametrize("name", ["edl", "markers-resolve"])
def test_more_events_than_three_digits_can_number_are_refused(name):
    timeline = make_timeline(make_cut(), make_clips([(2 * i, 2 * i + 1) for i in range(1000)], Fraction(24)))
    with pytest.raises(ExportError, match="1000"):
        FORMATS[name].render(timeline)


def test_handles_and_a_start_that_was_asked_for_stay_on_the_frame():
    options = TimelineOptions(handles=24, record_start="23:59:59:00")
    for rate in ("23.976", "59.94"):
        timeline = make_long_timeline(rate, options=options)
        for name in ("otio", "fcpxml", "xmeml"):
            tracks = read_back(name, FORMATS[name].render(timeline), timeline)
            assert tracks == [readers.list_truth(timeline)] * {"otio": 2, "xmeml": 3, "fcpxml": 1}[name]


def test_spans_of_the_tests_touch_minutes_and_follow_no_order():
    spans = draw_spans(Fraction(30))
    assert (191 * 1800 - 1, 191 * 1800) in spans
    assert spans != sorted(spans)
