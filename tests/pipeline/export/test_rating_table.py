"""Ratings as tables: what is written is read again, what panel tools write is read, and what is wrong is named by its row."""

import pytest

from pipeline.errors import DataError, LibraryError
from pipeline.export.rating_table import TableOptions, read_rating_table, render_rating_table
from pipeline.ratings import RatingSeries
from tests.analyses import make_analysis

CUTS = {"aa01": 30, "bb02": 5}


def find_cut(cut_id: str) -> tuple[str, int]:
    found = [known for known in CUTS if cut_id and known.startswith(cut_id)]
    if len(found) != 1:
        raise LibraryError(f"In the library, no cut has the id {cut_id!r}.", "List the cuts to see their ids.")
    return found[0], CUTS[found[0]]


def read(text: str, **options: object) -> list[RatingSeries]:
    return read_rating_table(text, name="panel.csv", find_cut=find_cut, options=TableOptions(**options))


def test_what_is_written_is_read_again():
    cut = make_analysis(30, cut_id="aa01", start_timecode="01:00:00:00").cut
    series = [
        RatingSeries(cut_id="aa01", curve="valence", rater="Zoe", values={0: -1.0, 1: 0.125}),
        RatingSeries(cut_id="aa01", curve="tension", rater="Jürgen O'Neil", values={29: 0.5}),
        RatingSeries(cut_id="aa01", curve="tension", rater="Ada", values={4: 1.0, 3: 0.0}),
    ]
    text = render_rating_table(cut, series)
    assert text.splitlines()[:3] == [
        "cut,second,timecode,rater,curve,value",
        "aa01,3,01:00:02:23,Ada,tension,0.000000",
        "aa01,4,01:00:03:23,Ada,tension,1.000000",
    ]
    again = {(each.curve, each.rater): each for each in read(text)}
    assert again == {(each.curve, each.rater): each for each in series}


def test_a_wide_table_has_a_column_for_each_rater_and_empty_cells_are_not_rated():
    text = "second,timecode,Ada,Grace\n0,00:00:00:00,0.1,\n1,00:00:01:00,,0.3\n\n2,x,0.5,0.6\n"
    series = {each.rater: each for each in read(text, cut="aa", curve="arousal")}
    assert series["Ada"].values == {0: 0.1, 2: 0.5}
    assert series["Grace"] == RatingSeries(cut_id="aa01", curve="arousal", rater="Grace", values={1: 0.3, 2: 0.6})


def test_semicolons_decimal_commas_tabs_and_a_byte_order_mark_are_read():
    assert read("\ufeffsecond;rater;value\r\n3;Ada;0,25\r\n", cut="bb", curve="joy")[0].values == {3: 0.25}
    assert read("Second\tRater\tCurve\tValue\n3\tAda\tTension\t0,25\n", cut="bb")[0].curve == "tension"


def test_another_scale_becomes_the_range_of_the_curve():
    text = "second,curve,Ada\n0,valence,0\n1,valence,50\n2,valence,100\n"
    assert read(text, cut="aa", scale=(0, 100))[0].values == {0: -1.0, 1: 0.0, 2: 1.0}
    assert read("second,Ada\n0,1\n1,7\n", cut="aa", curve="fear", scale=(7, 1))[0].values == {0: 1.0, 1: 0.0}
    with pytest.raises(DataError, match=r"Row 2 of panel.csv: 101 lies outside the scale"):
        read("second,Ada\n0,101\n", cut="aa", curve="fear", scale=(0, 100))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("aa,0,Ada,tension,0.5\naa,1,Ada,tension,1.5", "Row 3 of panel.csv: 1.5 lies outside the range of tension"),
        ("aa,0,Ada,tension,0.5\nbb,0,Ada,tension,nan", "Row 3 of panel.csv: nan lies outside the range"),
        ("aa,0,Ada,tension,high", "Row 2 of panel.csv: 'high' is no number"),
        (
            "aa,0,Ada,tension,0.5\n\naa,0,Ada,tension,0.6",
            "Row 4 of panel.csv: Ada rated second 0 of tension in an earlier row",
        ),
        (
            "aa,29,Ada,tension,0.5\naa,30,Ada,tension,0.5",
            "Row 3 of panel.csv: second 30 lies behind the end of cut aa01",
        ),
        ("bb,-1,Ada,tension,0.5", "Row 2 of panel.csv: '-1' is no second"),
        ("bb,0.5,Ada,tension,0.5", "Row 2 of panel.csv: '0.5' is no second"),
        ("bb,0,Ada,suspense,0.5", "Row 2 of panel.csv: There is no curve 'suspense'"),
        ("zz,0,Ada,tension,0.5", "Row 2 of panel.csv: In the library, no cut has the id 'zz'"),
        ("bb,0,=Ada,tension,0.5", "Row 2 of panel.csv: '=Ada' is no rater's name"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_row(rows, fault):
    with pytest.raises(DataError) as error:
        read(f"cut,second,rater,curve,value\n{rows}\n")
    assert error.value.message.startswith(fault)


@pytest.mark.parametrize(
    ("text", "options", "fault"),
    [
        ("", {}, "Row 1 of panel.csv: there is no column 'second'"),
        ("second,rater,value\n", {"curve": "joy"}, "there is no column 'cut'"),
        ("second,Ada\n", {"cut": "aa"}, "there is no column 'curve'"),
        ("second,rater,rater,value\n", {"cut": "aa", "curve": "joy"}, "the column 'rater' is there twice"),
        ("second,rater\n", {"cut": "aa", "curve": "joy"}, "there is no column 'value'"),
        ("second,Ada\n", {"cut": "aa", "curve": "joy"}, "panel.csv holds no rating"),
        ("second,Ada\n0,\n", {"cut": "aa", "curve": "joy"}, "panel.csv holds no rating"),
    ],
)
def test_a_table_without_what_it_needs_is_refused(text, options, fault):
    with pytest.raises(DataError) as error:
        read(text, **options)
    assert fault in error.value.message
