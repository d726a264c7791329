"""Everything in one archive and back, from either database into either, verified to the last bit."""

import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from pipeline.errors import FilmError, LibraryError
from studio.backup import back_up_library, restore_library
from studio.blob import analysis_to_bytes
from studio.choices import MomentChoices
from studio.entries import ANALYSIS, TRAILER, WAITING
from studio.schema import NOTES
from studio.settings import read_settings
from studio.store import open_library
from studio.upkeep import check_library
from tests.analyses import make_analysis

OLD = (3, 5)
"""Revisions whose own versions made `revision_N.zip`: the first that made backups, and the last whose jobs had no kind. Each
holds two cuts of one title, with a note, a tag and choices; their analysis, done; and a trailer that is being rendered."""


@pytest.fixture
def settings(either):
    return either


@pytest.fixture
def full(library, settings, tmp_path):
    """A library with something of everything."""
    own = tmp_path / "own" / "film.mp4"
    uploaded = settings.media / "a1" / "night.mp4"
    for path in (
        own,
        uploaded,
        settings.home / "stills" / "aa.zip",
        settings.home / "previews" / "aa" / "t-1" / "p.mp4",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.as_posix().encode() * 1000)
    library.save_analysis(make_analysis(90, seed=1, cut_id="aa", title="Night „1“", path=uploaded))
    library.save_analysis(make_analysis(60, seed=2, cut_id="bb", title="Night „1“", path=own))
    library.projects.set_version("bb", version="director's", position=1)
    library.remarks.add_note("aa", 12.125, 'Ein\nWort, "noch" eins \u2028 und')
    library.remarks.add_tags("bb", ["day"])
    library.decisions.save_choices("aa", MomentChoices(most=7))
    job = library.jobs.add_job(uploaded, "Again", cut_id="aa")
    library.jobs.start_job(job.id)
    return library


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """An empty library elsewhere."""
    from tests.studio.postgres import make_database

    environ = {"THROUGHLINE_HOME": str(tmp_path / "other home"), "THROUGHLINE_PERSON": "Ben"}
    if request.param == "postgresql":
        environ["THROUGHLINE_DATABASE"] = make_database(request.getfixturevalue("server"))
    library = open_library(read_settings(environ))
    yield library
    library.close()


def test_a_library_comes_back_elsewhere_with_everything(full, empty, tmp_path):
    report = back_up_library(full, tmp_path / "all.zip")
    assert (report.cuts, report.missing) == (2, ())
    assert restore_library(empty, tmp_path / "all.zip") == 2
    own, uploaded = full.find_cut("bb").path, empty.settings.media / "a1" / "night.mp4"
    moved = {"aa": uploaded, "bb": own}
    assert empty.list_cuts() == [replace(cut, path=moved[cut.id]) for cut in full.list_cuts()]
    for cut_id in ("aa", "bb"):
        old, new = (library.find_cut(cut_id) for library in (full, empty))
        assert new.digest == old.digest
        assert empty.analyses.read(new.analysis) == full.analyses.read(old.analysis)
        assert empty.load_analysis(cut_id).cut.path == moved[cut_id]
    assert analysis_to_bytes(empty.load_analysis("bb")) == analysis_to_bytes(full.load_analysis("bb"))
    assert empty.remarks.list_notes("aa") == full.remarks.list_notes("aa")
    assert empty.decisions.load_choices("aa") == MomentChoices(most=7)
    jobs = [replace(job, path=uploaded, state="waiting", stage=WAITING) for job in full.jobs.list_jobs()]
    assert empty.jobs.list_jobs() == jobs
    assert empty.audit.list_actions("aa") == full.audit.list_actions("aa")
    assert (empty.audit.list_actions()[-1].action, empty.audit.list_actions()[-1].person) == ("restored", "Ben")
    for name in ("stills/aa.zip", "previews/aa/t-1/p.mp4"):
        assert (empty.settings.home / name).read_bytes() == (full.settings.home / name).read_bytes()
    assert uploaded.read_bytes() == full.find_cut("aa").path.read_bytes()
    assert check_library(empty) == []


def test_films_from_elsewhere_come_along_when_they_are_asked_for_and_are_the_librarys_then(full, empty, tmp_path):
    report = back_up_library(full, tmp_path / "all.zip", films="all")
    assert (report.left_out, report.left_out_bytes) == ((), 0)
    restore_library(empty, tmp_path / "all.zip")
    for cut_id in ("aa", "bb"):
        path = empty.find_cut(cut_id).path
        assert empty.settings.media in path.parents
        assert path.read_bytes() == full.find_cut(cut_id).path.read_bytes()
    assert check_library(empty) == []


def test_what_is_left_out_is_told_with_its_size(full, empty, tmp_path):
    own, uploaded = full.find_cut("bb").path, full.find_cut("aa").path
    report = back_up_library(full, tmp_path / "all.zip")
    assert (report.left_out, report.left_out_bytes) == ((own,), own.stat().st_size)
    report = back_up_library(full, tmp_path / "all.zip", films="none")
    assert set(report.left_out) == {own, uploaded}
    assert report.left_out_bytes == own.stat().st_size + uploaded.stat().st_size
    restore_library(empty, tmp_path / "all.zip")
    assert not empty.settings.media.exists()
    assert empty.find_cut("aa").path == empty.settings.media / "a1" / "night.mp4"
    assert {finding.fault.split(" at ")[0] for finding in check_library(empty)} == {"its film is no longer"}


def test_uploads_of_jobs_are_in_a_backup_while_these_need_them(full, empty, tmp_path):
    waiting, failed, done = (full.settings.media / name / "day.mp4" for name in ("a2", "a3", "a4"))
    for path in (waiting, failed, done):
        path.parent.mkdir()
        path.write_bytes(path.parent.name.encode())
    full.jobs.add_job(waiting, "Day")
    job = full.jobs.add_job(failed, "Day")
    full.jobs.fail_job(job.id, "The disk is full.", "Make room on it.", can_retry=True)
    job = full.jobs.add_job(done, "Day")
    full.jobs.finish_job(job.id, "aa")
    gone = full.jobs.add_job(full.settings.media / "a5" / "gone.mp4", "Day")
    full.jobs.fail_job(gone.id, "It is no film.", "Use another.")
    report = back_up_library(full, tmp_path / "all.zip")
    assert report.missing == ()
    restore_library(empty, tmp_path / "all.zip")
    assert sorted(path.parent.name for path in empty.settings.media.rglob("*.mp4")) == ["a1", "a2", "a3"]
    for path in (waiting, failed):
        assert (empty.settings.media / path.parent.name / "day.mp4").read_bytes() == path.read_bytes()


def test_a_film_behind_a_url_stays_where_it_is(full, empty, tmp_path):
    remote = Path("s3:/films/day.mov")
    full.save_analysis(make_analysis(5, seed=3, cut_id="cc", title="Day", path=remote))
    report = back_up_library(full, tmp_path / "all.zip", films="all")
    assert (report.left_out, report.missing) == ((remote,), ())
    restore_library(empty, tmp_path / "all.zip")
    assert empty.find_cut("cc").path == remote


def test_a_film_that_is_gone_is_told_and_the_rest_backed_up(full, tmp_path):
    own = full.find_cut("bb").path
    own.unlink()
    assert back_up_library(full, tmp_path / "all.zip", films="all").missing == (own,)


@pytest.mark.parametrize("revision", OLD)
def test_a_backup_of_an_earlier_version_is_restored(empty, revision):
    path = Path(__file__).with_name(f"revision_{revision}.zip")
    assert restore_library(empty, path) == 2
    cuts = {cut.id: (cut.project, cut.version, cut.position, cut.tags) for cut in empty.list_cuts()}
    assert cuts == {"aa": ("Night", "v1", 2, ()), "bb": ("Night", "director's", 1, ("day",))}
    assert empty.find_cut("aa").path == empty.settings.media / "a1" / "night.mp4"
    with zipfile.ZipFile(path) as archive:
        for cut_id in cuts:
            assert empty.analyses.read(empty.find_cut(cut_id).analysis) == archive.read(f"analyses/{cut_id}.npz")
    assert [note.text for note in empty.remarks.list_notes("aa")] == ["Zu lang."]
    assert empty.decisions.load_choices("aa") == MomentChoices(most=7)
    jobs = {job.kind: (job.template, job.state, job.can_retry) for job in empty.jobs.list_jobs()}
    assert jobs == {ANALYSIS: (None, "done", False), TRAILER: ("teaser", "waiting", False)}
    assert [done.action for done in empty.audit.list_actions("aa")] == ["analysed", "noted"]


def test_a_backup_of_a_newer_version_is_refused(full, empty, tmp_path):
    path, newer = tmp_path / "all.zip", tmp_path / "newer.zip"
    back_up_library(full, path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(newer, "w") as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
        manifest = json.loads(archive.read("manifest.json"))
    for change in ({"revision": "99"}, {"format": 2}):
        with zipfile.ZipFile(newer, "a") as other, pytest.warns(UserWarning, match="Duplicate"):
            other.writestr("manifest.json", json.dumps(manifest | change))
        with pytest.raises(LibraryError, match="newer version"):
            restore_library(empty, newer)
    assert empty.list_cuts() == []


def test_a_library_whose_cuts_were_removed_is_put_back_and_its_record_goes_on(full, tmp_path):
    back_up_library(full, tmp_path / "all.zip")
    before, jobs = full.list_cuts(), full.jobs.list_jobs()
    for job in jobs:
        full.jobs.finish_job(job.id, "aa")
    for cut in before:
        full.remove_cut(cut.id)
    record = full.audit.list_actions()
    assert restore_library(full, tmp_path / "all.zip") == 2
    assert full.list_cuts() == before
    assert full.find_cut("aa").path.is_file()
    assert full.jobs.list_jobs() == [replace(job, state="waiting", stage=WAITING) for job in jobs]
    assert full.audit.list_actions()[:-1] == record
    assert full.audit.list_actions()[-1].action == "restored"


def test_a_restore_that_breaks_off_leaves_the_library_as_it_was(full, empty, tmp_path):
    back_up_library(full, tmp_path / "all.zip")
    (empty.settings.home / "media").write_text("in the way")
    with pytest.raises(LibraryError, match="cannot be restored"):
        restore_library(empty, tmp_path / "all.zip")
    assert list(empty.analyses.list_files()) == []
    files = {path.name for path in empty.settings.home.rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith("library.sqlite")} == {"media"}
    (empty.settings.home / "media").unlink()
    with empty.engine.begin() as connection:
        (note,) = full.remarks.list_notes("aa")
        values = {"id": note.id, "cut_id": "gone", "at_s": 1.0, "text": "", "person": "", "added_at": ""}
        connection.execute(insert(NOTES).values(values))
        empty.audit.record_action(connection, "noted", "gone")
    with pytest.raises(LibraryError, match="library check"):
        restore_library(empty, tmp_path / "all.zip")
    assert list(empty.analyses.list_files()) == []
    assert empty.list_cuts() == []
    check_library(empty)
    assert restore_library(empty, tmp_path / "all.zip") == 2


def test_a_library_that_is_not_empty_is_not_written_over(full, tmp_path):
    back_up_library(full, tmp_path / "all.zip")
    with pytest.raises(LibraryError, match="not empty"):
        restore_library(full, tmp_path / "all.zip")


def test_an_archive_with_any_byte_changed_restores_nothing(full, empty, tmp_path):
    path = tmp_path / "all.zip"
    back_up_library(full, path, films="all")
    block = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        places = [info.header_offset + 30 + len(info.filename) + 25 for info in archive.infolist()]
    for place in places:
        path.write_bytes(block[:place] + bytes([block[place] ^ 255]) + block[place + 1 :])
        with pytest.raises(LibraryError, match="cannot be restored"):
            restore_library(empty, path)
    for broken in (b"", b"no archive", block[: len(block) // 2]):
        path.write_bytes(broken)
        with pytest.raises(LibraryError, match="cannot be restored"):
            restore_library(empty, path)
    assert empty.list_cuts() == []
    assert not (empty.settings.home / "stills").exists()
    assert list(empty.analyses.list_files()) == []
    path.write_bytes(block)
    assert restore_library(empty, path) == 2


def test_an_archive_that_would_write_outside_the_home_is_refused(full, empty, tmp_path):
    path, evil = tmp_path / "all.zip", tmp_path / "evil.zip"
    back_up_library(full, path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(evil, "w") as other:
        manifest = json.loads(archive.read("manifest.json"))
        for name in list(manifest["members"]):
            new = name.replace("stills/", "stills/../../")
            other.writestr(new, archive.read(name))
            manifest["members"][new] = manifest["members"].pop(name)
        other.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(LibraryError, match="outside"):
        restore_library(empty, evil)


def test_a_lost_analysis_is_not_backed_up_in_silence(full, tmp_path):
    full.analyses.discard(full.find_cut("aa").analysis)
    with pytest.raises(LibraryError, match="library check"):
        back_up_library(full, tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()
    with pytest.raises(FilmError):
        back_up_library(full, tmp_path / "own")


def test_a_backup_made_while_others_write_is_whole(full, settings, empty, tmp_path):
    stop = threading.Event()

    def write() -> None:
        library = open_library(settings)
        while not stop.is_set():
            for seed in (1, 2):
                library.save_analysis(make_analysis(20, seed=seed, cut_id="cc"))
            library.remove_cut("cc")
        library.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up_library(full, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            rows = [json.loads(line) for line in archive.read("tables/cuts.jsonl").decode().split("\n") if line]
            assert {f"analyses/{row['id']}.npz" for row in rows} == {
                name for name in archive.namelist() if name.startswith("analyses/")
            }
            assert {"aa", "bb"} <= {row["id"] for row in rows}
    assert restore_library(empty, tmp_path / "4.zip") >= 2
