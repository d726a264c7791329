"""Watched folders: what is offered of them, and that nothing of them is ever touched."""

import os
import time

import pytest

from studio.settings import Settings, read_settings
from studio.watched import LISTED, list_folder, offer_films


def make_old_file(path, content=b"film", age_s=3600.0):
    """Make a file that nobody has written for a while."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(tmp_path, folder) -> Settings:
    environ = {
        "THROUGHLINE_HOME": str(tmp_path / "home"),
        "THROUGHLINE_WATCHED": f"{folder}{os.pathsep}{tmp_path / 'no'}",
    }
    return read_settings(environ)


def offer(settings, known=frozenset()):
    return offer_films(map(list_folder, settings.watched), known=known)


def names(settings, known=frozenset()):
    return [film.name for film in offer(settings, known)]


def test_films_and_sound_are_offered_with_the_newest_first_and_nothing_else(folder, watching):
    make_old_file(folder / "old.mov", age_s=9000)
    make_old_file(folder / "day 2" / "New.MXF", age_s=60)
    make_old_file(folder / "mix.wav", age_s=600)
    for name in ("notes.txt", "old.srt", ".hidden.mov", ".trash/gone.mov", "suffixless"):
        make_old_file(folder / name)
    make_old_file(folder / "empty.mov", b"")
    assert names(watching) == [os.path.join("day 2", "New.MXF"), "mix.wav", "old.mov"]  # noqa: PTH118


def test_a_film_that_the_library_has_is_not_offered(folder, watching):
    film = make_old_file(folder / "a.mov")
    assert names(watching, {film}) == []


def test_a_film_that_is_still_being_written_is_told_apart(folder, watching):
    make_old_file(folder / "growing.mov", age_s=0)
    make_old_file(folder / "settled.mov")
    settled = {film.name: film.is_settled for film in offer(watching)}
    assert settled == {"growing.mov": False, "settled.mov": True}


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder, watching, tmp_path):
    secret = make_old_file(tmp_path / "elsewhere" / "secret.mov")
    (folder / "link.mov").symlink_to(secret)
    (folder / "linked").symlink_to(secret.parent)
    (folder / "broken.mov").symlink_to(tmp_path / "nothing.mov")
    assert names(watching) == []


def test_a_name_in_a_legacy_encoding_can_be_shown(folder, watching):
    make_old_file(folder / os.fsdecode(b"caf\xe9.mov"))
    (name,) = names(watching)
    assert name.encode("utf-8")


def test_a_whole_archive_is_cut_short(folder, watching):
    for number in range(LISTED + 5):
        make_old_file(folder / f"{number}.mov")
    assert len(names(watching)) == LISTED


def test_a_folder_that_is_not_there_is_told(tmp_path, folder, watching):
    there, missing = map(list_folder, watching.watched)
    assert there.problem is None
    assert str(tmp_path / "no") in missing.problem.message
    assert "no such file" in missing.problem.message
    assert "THROUGHLINE_WATCHED" in missing.problem.hint


def test_a_film_of_two_places_is_offered_once(tmp_path, folder):
    make_old_file(folder / "reel" / "a.mov")
    environ = {"THROUGHLINE_WATCHED": f"{folder}{os.pathsep}{folder / 'reel'}"}
    assert names(read_settings(environ)) == ["a.mov"]


def test_removing_a_cut_leaves_its_film_in_the_watched_folder(folder, watching, library):
    film = make_old_file(folder / "a.mov")
    library.jobs.discard_media(film)
    assert film.is_file()
