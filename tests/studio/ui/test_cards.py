"""What the browser is told of moments."""

import json
from dataclasses import replace

from pipeline.types import Line, Reason, Segment
from studio.ui.cards import card_data
from tests.analyses import make_analysis

REASONS = (
    Reason(name="a face", weight=0.1),
    Reason(name="dark picture", weight=-0.5),
    Reason(name="length", weight=0.0),
)


def test_a_card_tells_its_span_its_words_and_what_counts_most_first():
    analysis = make_analysis(60, start_timecode="01:00:00:00")
    spoken = (Line(start_s=9, end_s=10, text="Before."), Line(start_s=11, end_s=12, text="<b>Now!</b>"))
    segment = Segment(start_s=10.02, end_s=14.0, score=-0.4, reasons=REASONS)
    data = card_data(replace(analysis, lines=spoken), [segment], film_url="/film/a", still_url="/still/a/SECOND")
    (moment,) = data["moments"]
    assert (moment["rank"], moment["start"], moment["line"]) == (1, "01:00:10:00", "<b>Now!</b>")
    assert [reason["name"] for reason in moment["reasons"]] == ["dark picture", "a face"]
    assert data["seconds"] == 60
    json.dumps(data)


def test_a_cut_without_picture_has_no_strips():
    data = card_data(make_analysis(5, streams=("audio",)), [], film_url="/f", still_url="/s")
    assert not data["has_picture"]
    assert data["moments"] == []
