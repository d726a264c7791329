"""FCP7 XML: its file, its channels and links, and its timecode."""

from fractions import Fraction

import pytest

from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.xmeml import render_xmeml
from tests.pipeline.export.readers import check_xmeml, count_label, read_xmeml
from tests.pipeline.export.timelines import RATES, make_clips, make_cut, make_golden_timeline


def lay_out(rate=Fraction(25), *, start_timecode=None, spans=((250, 300), (0, 25)), handles=0, **cut):
    cut = make_cut(rate, start_timecode=start_timecode, **cut)
    return make_timeline(cut, make_clips(spans, cut.timecode_rate), options=TimelineOptions(handles=handles))


@pytest.mark.parametrize("name", RATES)
def test_label_and_frame_of_every_timecode_agree(name):
    rate, start = RATES[name]
    root = check_xmeml(render_xmeml(lay_out(rate, start_timecode=start)))
    timecodes = list(root.iter("timecode"))
    assert [timecode.findtext("string") for timecode in timecodes][1] == start
    for timecode in timecodes:
        label = timecode.findtext("string")
        assert int(timecode.findtext("frame")) == count_label(label, rate)
        assert timecode.findtext("displayformat") == ("DF" if ";" in label else "NDF")
        nominal, ntsc = int(timecode.findtext("rate/timebase")), timecode.findtext("rate/ntsc") == "TRUE"
        assert rate == (Fraction(nominal * 1000, 1001) if ntsc else nominal)


@pytest.mark.parametrize("channels", [0, 1, 2, 6])
def test_every_channel_has_a_track_and_all_of_a_clip_are_linked(channels):
    root = check_xmeml(render_xmeml(lay_out(channels=channels)))
    audio = root.findall("sequence/media/audio/track")
    assert len(audio) == channels
    assert [track.findtext("clipitem/sourcetrack/trackindex") for track in audio] == [
        str(channel) for channel in range(1, channels + 1)
    ]
    assert root.findtext(".//file/media/audio/channelcount") == (str(channels) if channels else None)
    ids = {clip.get("id") for clip in root.iter("clipitem")}
    assert len(ids) == 2 * (channels + 1)
    for clip in root.iter("clipitem"):
        links = [link.findtext("linkclipref") for link in clip.iter("link")]
        assert len(links) == (channels + 1 if channels else 0)
        assert set(links) <= ids
        assert not links or clip.get("id") in links


def test_the_file_is_described_once_where_it_is_first_named():
    files = list(check_xmeml(render_xmeml(lay_out())).iter("file"))
    assert len(files) == 6
    assert {file.get("id") for file in files} == {"file-1"}
    assert [len(file) > 0 for file in files] == [True] + [False] * 5


def test_in_and_out_count_from_the_file_s_first_frame():
    root = check_xmeml(render_xmeml(lay_out(start_timecode="10:00:00:00")))
    clip = root.find(".//clipitem")
    assert [clip.findtext(tag) for tag in ("in", "out", "start", "end")] == ["250", "300", "0", "50"]


def test_titles_addresses_and_reel_survive_the_escaping():
    root = check_xmeml(render_xmeml(make_golden_timeline()))
    assert root.findtext("sequence/name") == "Überfall & <Rettung> „2“"
    assert root.findtext(".//file/name") == "Überfall 100%.mov"
    assert root.findtext(".//file/pathurl").endswith(
        "Gr%C3%B6%C3%9Fe%20%26%20%3CMa%C3%9F%3E/%C3%9Cberfall%20100%25.mov"
    )
    assert root.findtext(".//file/timecode/reel/name") == "Uberfall_100"


def test_a_marker_spans_the_moment_without_its_handles():
    root = check_xmeml(render_xmeml(lay_out(handles=10)))
    spans = [(marker.findtext("in"), marker.findtext("out")) for marker in root.iter("marker")]
    assert spans == [("10", "60"), ("70", "95")]
    assert {marker.findtext("comment") for marker in root.iter("marker")} == {"tension peak +0.50, credits -0.25"}


def test_opentimelineio_finds_the_sequence_its_start_and_its_file():
    read = read_xmeml(render_xmeml(make_golden_timeline()))
    assert read.name == "Überfall & <Rettung> „2“"
    assert read.global_start_time.value == 107_892
    reference = read.tracks[0][0].media_reference
    assert reference.available_range.start_time.value == 107_892
    assert reference.available_range.duration.value == 107_892  # An hour of film.
