"""FCPXML: its times, its file, and what Final Cut Pro has no projects of."""

import re
from fractions import Fraction

import pytest

from pipeline.errors import ExportError
from pipeline.export.fcpxml import render_fcpxml
from pipeline.export.layout import TimelineOptions, make_timeline
from tests.pipeline.export.readers import check_fcpxml, read_time
from tests.pipeline.export.timelines import RATES, make_clips, make_cut, make_golden_timeline


def lay_out(rate=Fraction(25), *, start_timecode=None, spans=((250, 300),), handles=0, **cut):
    cut = make_cut(rate, start_timecode=start_timecode, **cut)
    return make_timeline(cut, make_clips(spans, cut.timecode_rate), options=TimelineOptions(handles=handles))


@pytest.mark.parametrize("name", RATES)
def test_every_rate_has_its_exact_frame_duration(name):
    rate, start = RATES[name]
    root = check_fcpxml(render_fcpxml(lay_out(rate, start_timecode=start)))
    assert read_time(root.find(".//format").get("frameDuration")) == 1 / rate
    assert root.find(".//sequence").get("tcFormat") == ("DF" if ";" in start else "NDF")


def test_ntsc_times_are_frames_over_the_rate_s_own_numerator():
    text = render_fcpxml(lay_out(Fraction(30_000, 1001), spans=((1, 2),)))
    assert 'frameDuration="1001/30000s"' in text
    assert re.search(r'<asset-clip [^>]*start="1001/30000s" duration="1001/30000s"', text)


def test_whole_seconds_are_written_whole():
    assert re.search(r'<asset-clip [^>]*start="10s" duration="2s"', render_fcpxml(lay_out()))


@pytest.mark.parametrize(
    ("start", "seconds"),
    [("01:00:00:00", Fraction(108_000 * 1001, 30_000)), ("01:00:00;00", Fraction(107_892 * 1001, 30_000)), (None, 0)],
)
def test_a_file_starts_where_its_timecode_lies_in_real_time(start, seconds):
    root = check_fcpxml(render_fcpxml(lay_out(Fraction(30_000, 1001), start_timecode=start, spans=((0, 10),))))
    assert read_time(root.find(".//asset").get("start")) == seconds
    assert read_time(root.find(".//asset-clip").get("start")) == seconds


def test_clips_lie_within_their_file_and_follow_one_another_on_the_sequence():
    root = check_fcpxml(render_fcpxml(make_golden_timeline()))
    asset, sequence = root.find(".//asset"), root.find(".//sequence")
    first = read_time(asset.get("start"))
    end = first + read_time(asset.get("duration"))
    at = read_time(sequence.get("tcStart"))
    for clip in root.iter("asset-clip"):
        start, length = read_time(clip.get("start")), read_time(clip.get("duration"))
        assert first <= start < start + length <= end
        assert start <= read_time(clip.find("marker").get("start")) < start + length
        assert read_time(clip.get("offset")) == at
        at += length
    assert at - read_time(sequence.get("tcStart")) == read_time(sequence.get("duration"))


def test_titles_and_addresses_survive_the_escaping():
    root = check_fcpxml(render_fcpxml(make_golden_timeline()))
    assert root.find(".//project").get("name") == "Überfall & <Rettung> „2“"
    assert root.find(".//asset").get("name") == "Überfall 100%.mov"
    assert root.find(".//media-rep").get("src") == (
        "file:///films/Gr%C3%B6%C3%9Fe%20%26%20%3CMa%C3%9F%3E/%C3%9Cberfall%20100%25.mov"
    )


@pytest.mark.parametrize(("channels", "layout"), [(1, "stereo"), (2, "stereo"), (6, "surround"), (0, None)])
def test_the_sound_has_the_channels_that_the_film_has(channels, layout):
    root = check_fcpxml(render_fcpxml(lay_out(channels=channels)))
    assert root.find(".//asset").get("audioChannels") == (str(channels) if channels else None)
    assert root.find(".//sequence").get("audioLayout") == layout


def test_a_marker_says_where_the_moment_begins_behind_its_handle():
    clip = check_fcpxml(render_fcpxml(lay_out(handles=25))).find(".//asset-clip")
    assert (clip.get("start"), clip.get("duration"), clip.find("marker").get("start")) == ("9s", "4s", "10s")
    assert clip.find("note").text == "tension peak +0.50, credits -0.25"


@pytest.mark.parametrize(
    "rate", [Fraction(12), Fraction(48), Fraction(120), Fraction(48_000, 1001), Fraction(2997, 100)]
)
def test_a_rate_that_final_cut_has_no_projects_of_is_refused(rate):
    with pytest.raises(ExportError, match="Final Cut Pro"):
        render_fcpxml(lay_out(rate))
