"""Two cuts of the library compared, and what is written of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import LibraryError
from studio.cli import main
from studio.comparing import compare_analyses, render_files
from tests.studio.known_cuts import save_known_cut


@pytest.fixture
def cuts(library, settings):
    rows = np.arange(60 * 25)
    return [
        save_known_cut(library, settings, rows, 1),
        save_known_cut(library, settings, np.delete(rows, np.arange(500, 600)), 2),
    ]


def test_compare_finds_the_edit_and_writes_its_files(library, settings, cuts, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    words = ["compare", *(cut.cut.cut_id for cut in cuts), "--out", str(tmp_path / "out"), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    (change,) = told["changes"]
    assert (change["kind"], change["a_start_s"], change["a_end_s"], change["b_start_s"]) == ("removed", 20, 24, 20)
    assert change["sentence"].startswith("Removing 00:00:20-00:00:24 ")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["aligned.csv", "changes.csv", "changes.edl", "changes.otio", "comparison.html", "comparison.json"]
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert kept == {name: value for name, value in told.items() if name != "files"}
    assert (tmp_path / "out" / "changes.csv").read_text().splitlines()[1].startswith("removed,20.000000,24.000000,")


def test_a_cut_that_is_not_known_again_cannot_be_compared(library, cuts):
    library.find_fingerprint(cuts[0].cut.cut_id).discard()
    with pytest.raises(LibraryError, match="cannot be compared"):
        compare_analyses(library, *cuts)


def test_what_a_removed_cut_was_known_by_is_deleted(library, cuts):
    library.remove_cut(cuts[0].cut.cut_id)
    assert not library.find_fingerprint(cuts[0].cut.cut_id).exists()
    assert library.find_fingerprint(cuts[1].cut.cut_id).exists()


def test_cuts_of_two_rates_have_no_edl_and_it_says_why(library, cuts):
    a, b = cuts
    consequence = compare_analyses(library, a, b)
    other = replace(b, cut=replace(b.cut, frame_rate=2 * a.cut.timecode_rate))
    texts, refusals = render_files(library, consequence, a, other)
    assert set(texts) == {"changes.csv", "aligned.csv", "comparison.html", "changes.otio"}
    assert "frames a second" in refusals["changes.edl"].message
