"""Tables over the versions: a library that the first version made, with a film's real analysis, opened by this one."""

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from pipeline.errors import LibraryError
from pipeline.export.tables import render_curves_csv
from studio.blob import analysis_to_bytes, bytes_to_analysis
from studio.entries import ANALYSIS, TRAILER
from studio.schema import METADATA, REVISION
from studio.settings import read_settings
from studio.store import open_library
from tests.analyses import make_analysis

OLD = Path(__file__).with_name("revision_1.sqlite")
"""Made by the first version: the demo film analysed, its start timecode set and its moments chosen; a second cut of the
same title whose analysis nobody can read; and a job that has ended."""


def read_old(query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(OLD)
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


@pytest.fixture
def old(either):
    """The settings of a home whose library the first version made."""
    either.home.mkdir()
    if either.database.startswith("sqlite"):
        shutil.copy(OLD, either.home / "library.sqlite")
        return either
    engine = create_engine(either.database)
    with engine.begin() as connection:
        for (statement,) in read_old("SELECT sql FROM sqlite_master WHERE type = 'table'"):
            connection.execute(text(str(statement).replace("BLOB", "BYTEA")))
        for table in ("cuts", "choices", "jobs"):
            names = [str(row[1]) for row in read_old(f"PRAGMA table_info({table})")]
            places = ", ".join(f":{name}" for name in names)
            for row in read_old(f"SELECT * FROM {table}"):  # noqa: S608
                values = dict(zip(names, row, strict=True))
                if table == "jobs":
                    values["cancel_asked"] = bool(values["cancel_asked"])
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
                connection.execute(text(statement), values)
    engine.dispose()
    return either


def test_the_tables_that_revisions_make_are_those_of_the_schema(either):
    library = open_library(either)
    with library.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    library.close()


def test_the_latest_revision_is_the_one_that_opening_looks_for():
    config = Config()
    config.set_main_option("script_location", "studio:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_library_of_the_first_version_is_opened_without_loss(old):
    ((block,),) = read_old("SELECT analysis FROM cuts WHERE format = 3")
    expected = bytes_to_analysis(block)
    library = open_library(old)
    cut_id = expected.cut.cut_id
    entry = library.find_cut(cut_id)
    assert library.analyses.read(entry.analysis) == block
    assert entry.digest == hashlib.sha256(block).hexdigest()
    loaded = library.load_analysis(cut_id)
    assert analysis_to_bytes(loaded) == analysis_to_bytes(expected)
    assert render_curves_csv(loaded) == render_curves_csv(expected)
    assert loaded.cut.start_timecode == "01:00:00:00"
    assert entry.provenance == dict(expected.provenance)
    ((added_at,),) = read_old("SELECT added_at FROM cuts WHERE format = 3")
    assert entry.added_at.isoformat(timespec="microseconds") == added_at
    choices = library.decisions.load_choices(cut_id)
    assert (choices.template, choices.most) == ("teaser", 7)
    (job,) = library.jobs.list_jobs()
    assert (job.title, job.state, job.cut_id, job.template) == ("Again", "done", cut_id, None)
    library.close()


def test_cuts_of_the_same_title_become_its_versions_in_the_order_they_came(old):
    library = open_library(old)
    cuts = {cut.id: cut for cut in library.list_cuts()}
    later = cuts.pop("0123456789abcdef")
    (first,) = cuts.values()
    assert (first.project, first.version, first.position) == (first.title, "v1", 1)
    assert (later.project, later.version, later.position) == (first.title, "v2", 2)
    assert not later.analysed
    assert later.provenance == {}
    with pytest.raises(LibraryError, match="Analyse its film again"):
        library.load_analysis(later.id)
    library.close()


def test_an_upgraded_library_is_one_like_any_other(old):
    open_library(old).close()
    library = open_library(old)
    with library.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert "choices" not in inspect(connection).get_table_names()
    for cut in library.list_cuts():
        library.remove_cut(cut.id)
    assert list((old.home / "analyses").iterdir()) == []
    library.close()


def test_a_library_made_between_revisions_keeps_what_was_decided_in_it(settings):
    settings.home.mkdir()
    shutil.copy(OLD, settings.home / "library.sqlite")
    connection = sqlite3.connect(settings.home / "library.sqlite")
    connection.executescript(
        "CREATE TABLE decisions (cut_id VARCHAR(64) NOT NULL, kind VARCHAR(64) NOT NULL, document TEXT NOT NULL, "
        "PRIMARY KEY (cut_id, kind)); ALTER TABLE jobs ADD COLUMN template VARCHAR(32);"
        """INSERT INTO decisions SELECT cut_id, 'moments', replace(document, '"most": 7', '"most": 9') FROM choices;"""
        "INSERT INTO decisions SELECT cut_id, 'trailer:teaser', 'a trailer' FROM choices;"
        "INSERT INTO jobs SELECT 'rendered', title, path, transcript, state, stage, done, position_s, added_at, started_at, "
        "updated_at, message, hint, cut_id, cancel_asked, 'teaser' FROM jobs;"
    )
    connection.close()
    library = open_library(settings)
    cut_id = next(cut.id for cut in library.list_cuts() if cut.analysed)
    assert library.decisions.load_choices(cut_id).most == 9
    with library.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM decisions WHERE kind = 'trailer:teaser'")).scalar() == 1
    kinds = {job.id: job.kind for job in library.jobs.list_jobs()}
    assert kinds == {"052af28a448cae1f": ANALYSIS, "rendered": TRAILER}
    library.close()


def test_an_upgrade_that_breaks_off_leaves_the_library_as_it_was(old):
    (old.home / "analyses").write_text("in the way")
    with pytest.raises(LibraryError, match="cannot be kept"):
        open_library(old)
    engine = create_engine(old.database)
    with engine.connect() as connection:
        assert "choices" in inspect(connection).get_table_names()
        assert len(connection.execute(text("SELECT analysis FROM cuts WHERE format = 3")).scalar()) > 1000
    engine.dispose()
    (old.home / "analyses").unlink()
    library = open_library(old)
    assert [cut.analysed for cut in library.list_cuts()].count(True) == 1
    library.close()


def test_a_library_of_a_newer_version_is_left_alone(either):
    library = open_library(either)
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '99'"))
    library.close()
    with pytest.raises(LibraryError, match="newer version"):
        open_library(either)


def test_analyses_lie_wherever_a_url_says(tmp_path):
    for place in (f"file://{tmp_path}/elsewhere", "memory://films/analyses"):
        settings = read_settings({"THROUGHLINE_HOME": str(tmp_path / place[:4]), "THROUGHLINE_ANALYSES": place})
        library = open_library(settings)
        library.save_analysis(make_analysis(cut_id="aa"))
        library.save_analysis(make_analysis(seed=2, cut_id="aa"))
        assert list(library.analyses.list_files()) == [library.find_cut("aa").analysis]
        expected = analysis_to_bytes(make_analysis(seed=2, cut_id="aa"))
        assert analysis_to_bytes(library.load_analysis("aa")) == expected
        assert not (settings.home / "analyses").exists()
        library.close()
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_a_place_that_nothing_can_write_to_is_refused(tmp_path):
    for place in ("nosuch://bucket/films", f"file://{tmp_path}/file/below"):
        (tmp_path / "file").write_text("")
        settings = read_settings({"THROUGHLINE_HOME": str(tmp_path / "home"), "THROUGHLINE_ANALYSES": place})
        with pytest.raises(LibraryError, match="THROUGHLINE_ANALYSES"):
            open_library(settings).save_analysis(make_analysis(3))
