"""What of a cut is handed off, and how the command line asks for it."""

import re
from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pysubs2
import pytest

from pipeline.errors import ExportError
from pipeline.export.formats import FORMATS
from pipeline.export.layout import TimelineOptions
from pipeline.export.tables import render_curves_csv
from pipeline.spoilers import place_spoilers
from pipeline.types import Analysis, Line
from studio.choices import MomentChoices
from studio.handoff import HandoffOptions, export_cut
from studio.ranking import rank_moments
from tests.moments import make_film

LINES = tuple(Line(start_s=float(t), end_s=t + 2.5, text=f"Line {t}!") for t in (30, 70, 110, 150))
TENSION = {"tension": {(60, 64): 0.9, (140, 144): 0.8, (200, 204): 0.7}}


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return make_film(300, rate=Fraction(25), lines=LINES, curves=TENSION)


def read_spans(text: str) -> list[tuple[Fraction, Fraction]]:
    """The clips of an EDL at 25 frames, seconds of the cut."""
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=25)
    clips = [clip.source_range for clip in timeline.tracks[0].find_clips()]
    return [(Fraction(int(c.start_time.value), 25), Fraction(int(c.end_time_exclusive().value), 25)) for c in clips]


def test_a_string_out_holds_the_ranked_moments_best_first(analysis):
    spans = read_spans(export_cut(analysis, format_name="edl", options=HandoffOptions(choices=MomentChoices(most=3))))
    segments = rank_moments(analysis, MomentChoices(most=3))
    assert len(spans) == 3
    for (start_s, end_s), segment in zip(spans, segments, strict=True):
        assert abs(start_s - Fraction(segment.start_s)) <= Fraction(1, 25)
        assert abs(end_s - Fraction(segment.end_s)) <= Fraction(1, 25)


def test_in_order_means_in_the_order_of_the_film(analysis):
    by_rank = read_spans(export_cut(analysis, format_name="edl", options=HandoffOptions(choices=MomentChoices(most=4))))
    in_order = HandoffOptions(choices=MomentChoices(most=4), in_order=True)
    in_order = read_spans(export_cut(analysis, format_name="edl", options=in_order))
    assert in_order == sorted(by_rank)
    assert by_rank != in_order


def test_a_template_asks_for_its_own_lengths(analysis):
    spans = read_spans(
        export_cut(analysis, format_name="edl", options=HandoffOptions(choices=MomentChoices(template="spot15")))
    )
    assert spans
    assert all(end_s - start_s <= Fraction(102, 25) for start_s, end_s in spans)


def test_a_bin_is_a_string_out_like_any_other(analysis):
    text = export_cut(analysis, format_name="edl", options=HandoffOptions(bin_name="lines", in_order=True))
    spans = read_spans(text)
    assert spans
    for start_s, end_s in spans:
        assert any(start_s == line.start_s and 0 <= end_s - Fraction(line.end_s) < Fraction(1, 25) for line in LINES)
    assert "* COMMENT: 01 lines: " in text


def test_csv_is_the_table_of_curves_and_srt_every_line(analysis):
    assert export_cut(analysis, format_name="csv") == render_curves_csv(analysis)
    cues = pysubs2.SSAFile.from_string(export_cut(analysis, format_name="srt"), format_="srt")
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (round(line.start_s * 1000), round(line.end_s * 1000), line.text) for line in LINES
    ]


@pytest.mark.parametrize("name", ["markers-resolve", "markers-premiere"])
def test_markers_are_the_moments_and_the_peaks_of_tension(analysis, name):
    text = export_cut(analysis, format_name=name, options=HandoffOptions(choices=MomentChoices(most=3)))
    assert len(re.findall(r"\d\d segment", text)) == 3
    assert "tension peak 0.90" in text
    assert ("00:01:00:00" in text) == ("00:01:00:01" in text)


@pytest.mark.parametrize("name", ["markers-resolve", "markers-premiere"])
def test_what_people_noted_is_marked_where_it_was_noted(analysis, library, name):
    library.save_analysis(analysis)
    library.remarks.add_note(analysis.cut.cut_id, 12.5, "Goes\tdead here")
    notes = library.remarks.list_notes(analysis.cut.cut_id)
    text = export_cut(analysis, format_name=name, options=HandoffOptions(choices=MomentChoices(most=1), notes=notes))
    assert "Goes dead here (" in text
    assert analysis.cut.timecode(12.5) in text


def test_no_peak_is_marked_that_gives_the_story_away():
    film = make_film(300, rate=Fraction(25), curves={"tension": {(60, 64): 0.8, (280, 284): 0.95}})
    zones = place_spoilers(film.features, film.curves, duration_s=300)
    assert any(zone.is_hard and zone.start_s <= 280 and zone.end_s >= 284 for zone in zones)
    text = export_cut(film, format_name="markers-resolve")
    assert "tension peak 0.80" in text
    assert "tension peak 0.95" not in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("csv", "srt")])
def test_a_cut_without_moments_says_so(name):
    film = make_film(300, rate=Fraction(30_000, 1001), lines=[Line(start_s=0, end_s=300, text="On and on.")])
    with pytest.raises(ExportError, match="Even"):
        export_cut(film, format_name=name)


def test_a_cut_without_dialogue_has_no_subtitles():
    with pytest.raises(ExportError, match="Nothing is known of what is said"):
        export_cut(make_film(60), format_name="srt")


def test_reel_handles_and_start_reach_the_timeline(analysis):
    options = TimelineOptions(handles=10, reel="A001", record_start="10:00:00:00")
    text = export_cut(
        analysis, format_name="edl", options=HandoffOptions(choices=MomentChoices(most=1), timeline=options)
    )
    (line,) = re.findall(r"^001.*$", text, re.MULTILINE)
    assert line.split()[1] == "A001"
    assert line.split()[6] == "10:00:00:00"
    assert "HANDLES: 10 FRAMES" in text


def test_a_start_timecode_of_the_film_is_that_of_its_clips(analysis):
    moved = replace(analysis, cut=replace(analysis.cut, start_timecode="10:00:00:00"))
    plain, later = (read_spans(export_cut(film, format_name="edl")) for film in (analysis, moved))
    assert later == [(start_s + 36_000, end_s + 36_000) for start_s, end_s in plain]
