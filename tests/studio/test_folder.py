"""Files written whole or not at all."""

import json

import pytest

from pipeline.errors import FilmError
from studio.folder import draft_folder, render_json, write_analysis, write_file
from tests.analyses import make_analysis

NAMES = {"curves.csv", "shots.csv", "segments.csv", "analysis.json", "curves.html"}


def test_an_analysis_is_written_as_five_files(tmp_path):
    files = write_analysis(make_analysis(5), tmp_path / "a" / "b")
    assert {file.name for file in files} == NAMES
    assert {file.name for file in (tmp_path / "a" / "b").iterdir()} == NAMES


def test_writing_again_replaces_the_files_and_leaves_others_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_analysis(make_analysis(5), tmp_path)
    write_analysis(make_analysis(9), tmp_path)
    assert (tmp_path / "curves.csv").read_text().count("\n") == 10
    assert {file.name for file in tmp_path.iterdir()} == NAMES | {"notes.txt"}


def test_the_json_says_what_was_cut_and_what_made_it():
    analysis = make_analysis(5, title="Schöne „Frauen“")
    text = render_json(analysis)
    assert "Schöne „Frauen“" in text
    values = json.loads(text)
    assert values["cut"]["frame_rate"] == "24000/1001"
    assert values["provenance"] == {"curves": "random", "text": "random"}


def test_work_that_fails_leaves_no_draft_and_no_new_folder(tmp_path):
    def fail() -> None:
        with draft_folder(tmp_path / "new") as draft:
            (draft / "curves.csv").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["file/curves.csv", "."])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(FilmError):
        write_file("text", tmp_path / name)
