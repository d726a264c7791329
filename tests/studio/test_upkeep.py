"""Finding and mending what was left behind: every kind of it, and nothing else."""

import os
import time

import pytest

from studio.entries import UNFINISHED
from studio.upkeep import GRACE_S, check_library, purge_library
from tests.analyses import make_analysis


@pytest.fixture
def settings(either):
    return either


def put(path, age_s: float = 0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"something")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


@pytest.fixture
def whole(library, settings):
    """A library of three cuts with all their files, of which nothing is to be found fault with."""
    for cut_id in ("aa", "bb", "cc"):
        film = put(settings.media / cut_id / "film.mp4", 1e7)
        library.save_analysis(make_analysis(3, cut_id=cut_id, path=film))
        put(settings.home / "stills" / f"{cut_id}.zip", 1e7)
        put(settings.home / "fingerprints" / f"{cut_id}.npz", 1e7)
        put(settings.home / "previews" / cut_id / "teaser-1" / "preview.mp4", 1e7)
    assert check_library(library) == []
    return library


def list_all(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("analyses/dd-0123.npz", "an analysis that no cut has"),
        ("stills/dd.zip", "stills of a cut"),
        ("fingerprints/dd.npz", "fingerprints of a cut"),
        ("previews/dd/teaser-1/preview.mp4", "previews of a cut"),
        ("parts/aa/5-sound.npz", "parts of an analysis that is complete"),
        ("stills/aa.4711", "not written to its end"),
        ("media/dd/film.mp4", "an upload that no cut has"),
    ],
)
def test_files_too_many_are_found_and_deleted(whole, settings, name, fault):
    before = list_all(settings.home)
    path = put(settings.home / name, 1e7)
    (finding,) = check_library(whole, mend=False)
    assert fault in finding.fault
    assert path.exists()
    (finding,) = check_library(whole)
    assert finding.mended == "deleted"
    assert check_library(whole) == []
    kept = [name for name in list_all(settings.home) if "sqlite" not in name]
    assert kept == [name for name in before if "sqlite" not in name]
    assert [entry.action for entry in whole.audit.list_actions()][-1] == "mended"


def test_what_somebody_may_still_be_writing_is_left_alone(whole, settings):
    for name in ("analyses/dd-0123.npz", "stills/dd.zip", "parts/aa/5-sound.npz", "media/dd/film.mp4"):
        put(settings.home / name, GRACE_S / 2)
    put(settings.home / "media" / "ee" / "film.mp4", 5 * 24 * 3600)
    put(settings.home / "parts" / "ff" / "5-sound.npz", 1e6)
    assert check_library(whole) == []


def test_the_parts_and_uploads_of_a_job_at_work_are_left_alone(whole, settings):
    film = put(settings.media / "dd" / "film.mp4", 1e7)
    job = whole.jobs.add_job(film, "On its way", cut_id="aa")
    assert job.state in UNFINISHED
    put(settings.home / "parts" / "aa" / "5-sound.npz", 1e7)
    assert check_library(whole) == []


@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_a_cut_whose_analysis_is_gone_asks_to_be_analysed_again(whole, harm):
    whole.remarks.add_tags("bb", ["day"])
    name = whole.find_cut("bb").analysis
    if harm == "lost":
        whole.analyses.discard(name)
    else:
        address = whole.settings.home / "analyses" / name
        block = bytearray(address.read_bytes())
        block[len(block) // 2] ^= 1
        address.write_bytes(block)
    (finding,) = check_library(whole, mend=False)
    assert (finding.fault, finding.mended) == (f"its analysis is {harm}", "")
    assert whole.find_cut("bb").analysed
    (finding,) = check_library(whole)
    assert finding.mended == "it can be analysed again"
    cut = whole.find_cut("bb")
    assert (cut.analysed, cut.tags, cut.version) == (False, ("day",), "v2")
    assert check_library(whole) == []
    whole.save_analysis(make_analysis(3, seed=1, cut_id="bb", path=cut.path))
    assert whole.find_cut("bb").analysed


def test_an_analysis_that_cannot_be_read_now_is_told_and_not_given_up(whole):
    address = whole.settings.home / "analyses" / whole.find_cut("bb").analysis
    block = address.read_bytes()
    address.unlink()
    address.mkdir()  # Reading it fails, and not for want of it.
    (finding,) = check_library(whole)
    assert finding.fault.startswith("its analysis cannot be read")
    assert finding.mended == ""
    address.rmdir()
    address.write_bytes(block)
    assert check_library(whole) == []
    assert whole.load_analysis("bb").cut.cut_id == "bb"


def test_a_film_that_is_gone_is_told_and_its_analysis_kept(whole):
    whole.find_cut("cc").path.unlink()
    (finding,) = check_library(whole)
    assert "its film is no longer at" in finding.fault
    assert whole.find_cut("cc").analysed


def test_files_that_belong_to_another_database_are_not_touched(whole, settings):
    for file in (settings.home / "analyses").iterdir():
        file.rename(file.with_name(f"x{file.name}"))
        os.utime(file.with_name(f"x{file.name}"), (0, 0))
    before = list_all(settings.home / "analyses")
    findings = check_library(whole)
    assert "THROUGHLINE_DATABASE" in findings[-1].fault
    assert not any(finding.mended for finding in findings)
    assert list_all(settings.home / "analyses") == before
    assert all(cut.analysed for cut in whole.list_cuts())


def test_nothing_is_left_after_a_purge(whole, settings, tmp_path):
    own = put(tmp_path / "my film.mp4")
    whole.save_analysis(make_analysis(3, cut_id="dd", path=own))
    whole.jobs.add_job(own, "On its way")
    purge_library(whole)
    assert whole.list_cuts() == []
    assert whole.jobs.list_jobs() == []
    assert whole.audit.list_actions() == []
    assert [name for name in list_all(settings.home) if "sqlite" not in name] == []
    assert own.exists()
