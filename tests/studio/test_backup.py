"""Everything in one archive and back, from either database into either, verified to the last bit."""

import json
import threading
import zipfile
from dataclasses import replace

import pytest

from pipeline.errors import FilmError, LibraryError
from studio.backup import back_up_library, restore_library
from studio.blob import analysis_to_bytes
from studio.choices import MomentChoices
from studio.settings import read_settings
from studio.store import open_library
from studio.upkeep import check_library
from tests.analyses import make_analysis


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
    assert [replace(job, path=uploaded) for job in full.jobs.list_jobs()] == empty.jobs.list_jobs()
    assert empty.audit.list_actions("aa") == full.audit.list_actions("aa")
    assert (empty.audit.list_actions()[-1].action, empty.audit.list_actions()[-1].person) == ("restored", "Ben")
    for name in ("stills/aa.zip", "previews/aa/t-1/p.mp4"):
        assert (empty.settings.home / name).read_bytes() == (full.settings.home / name).read_bytes()
    assert not uploaded.exists()
    assert {finding.fault.split(" at ")[0] for finding in check_library(empty)} == {"its film is no longer"}


def test_films_come_along_when_they_are_asked_for_and_are_the_librarys_then(full, empty, tmp_path):
    back_up_library(full, tmp_path / "all.zip", films=True)
    restore_library(empty, tmp_path / "all.zip")
    for cut_id in ("aa", "bb"):
        path = empty.find_cut(cut_id).path
        assert empty.settings.media in path.parents
        assert path.read_bytes() == full.find_cut(cut_id).path.read_bytes()
    assert check_library(empty) == []


def test_a_film_that_is_gone_is_told_and_the_rest_backed_up(full, tmp_path):
    own = full.find_cut("bb").path
    own.unlink()
    assert back_up_library(full, tmp_path / "all.zip", films=True).missing == (own,)


def test_a_library_that_is_not_empty_is_not_written_over(full, tmp_path):
    back_up_library(full, tmp_path / "all.zip")
    with pytest.raises(LibraryError, match="not empty"):
        restore_library(full, tmp_path / "all.zip")


def test_an_archive_with_any_byte_changed_restores_nothing(full, empty, tmp_path):
    path = tmp_path / "all.zip"
    back_up_library(full, path, films=True)
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
