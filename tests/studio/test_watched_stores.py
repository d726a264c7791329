"""Watched stores: what is offered of them, what is told of one that cannot be listed, and that nobody waits for one."""

import threading
import time
from pathlib import Path

import fsspec
import pytest

from benchmarks.film_store import serve_films
from pipeline.errors import FileUnreadable
from pipeline.streams.source import open_source
from studio import watched_stores
from studio.addresses import url_to_path
from studio.watched import LISTED, LOOKED_AT, Listing, offer_films
from studio.watched_stores import Stores, list_store
from tests.studio.test_watched import make_old_file

PLACE = Path("memory://films")


@pytest.fixture
def memory() -> fsspec.AbstractFileSystem:
    """A store in this process, which every test finds empty."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    return system


def list_films(place):
    listing = list_store(place)
    assert listing.problem is None
    return sorted(listing.films, key=lambda film: film.name)


def test_films_are_found_in_subfolders_and_lead_to_their_bytes(memory):
    for name in ("a.mov", "day 2/New.MXF", "day 2/#1 100% me@home.wav"):
        memory.pipe(f"/films/{name}", name.encode())
    for name in ("notes.txt", ".hidden.mov", ".trash/gone.mov", "what?.mov", "double//key.mov", "a::b.mov"):
        memory.pipe(f"/films/{name}", b"no")
    memory.pipe("/films/empty.mov", b"")
    memory.pipe("/films-of-others/b.mov", b"no")
    films = list_films(PLACE)
    assert [film.name for film in films] == ["a.mov", "day 2/#1 100% me@home.wav", "day 2/New.MXF"]
    for film in films:
        with open_source(film.path) as source:
            assert source.read().decode() == film.name
        assert (film.place, film.size) == (PLACE, len(film.name))
        assert abs(film.changed_s - time.time()) < 60
        assert not film.is_settled


def test_a_store_of_this_machine_offers_no_links(tmp_path):
    root = tmp_path / "films"
    make_old_file(root / "reel" / "a.mov", age_s=3600)
    secret = make_old_file(tmp_path / "elsewhere" / "secret.mov")
    (root / "link.mov").symlink_to(secret)
    (root / "linked").symlink_to(secret.parent)
    (film,) = list_films(url_to_path(f"file://{root}"))
    assert film.name == "reel/a.mov"
    assert film.path == Path(f"file:{root}/reel/a.mov")
    assert film.is_settled
    assert film.size == 4
    assert film.changed_s == pytest.approx(time.time() - 3600, abs=60)


def test_a_store_on_the_network_is_listed_anew_each_time(tmp_path):
    make_old_file(tmp_path / "a.mov", age_s=3600)
    with serve_films(tmp_path) as url:
        place = url_to_path(url)
        (film,) = list_films(place)
        assert film.changed_s == pytest.approx(time.time() - 3600, abs=60)
        assert film.size == 4
        with open_source(film.path) as source:
            assert source.read() == b"film"
        make_old_file(tmp_path / "b.mov")
        assert [film.name for film in list_films(place)] == ["a.mov", "b.mov"]


def test_why_a_store_cannot_be_listed_is_told_in_one_sentence(memory):
    memory.pipe("/films/a.mov", b"film")
    for url, said in {
        "memory://nothing": "There is no folder memory://nothing.",
        "memory://films/a.mov": "There is no folder memory://films/a.mov.",
        "unheard://films": "The films in unheard://films cannot be listed: Protocol not known: unheard.",
    }.items():
        listing = list_store(Path(url))
        assert listing == Listing(problem=listing.problem)
        assert isinstance(listing.problem, FileUnreadable)
        assert listing.problem.message == said
        assert listing.problem.hint
    nobody = "The films in webhdfs://127.0.0.1:9/x cannot be listed: its store does not answer as it should."
    assert list_store(Path("webhdfs://127.0.0.1:9/x")).problem.message == nobody


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (ImportError("Install s3fs to access S3"), "Install s3fs to access S3.", "package"),
        (PermissionError("Access Denied"), "Access Denied.", "keys"),
        (RuntimeError(), "its store does not answer as it should.", "keys"),
        (RuntimeError("long " * 500), "its store does not answer as it should.", "log"),
    ],
)
def test_what_a_store_says_is_passed_on(monkeypatch, error, said, hint):
    def fail(url):
        raise error

    monkeypatch.setattr(fsspec.core, "url_to_fs", fail)
    problem = list_store(PLACE).problem
    assert problem.message.startswith("The films in memory://films cannot be listed: ")
    assert said in problem.message
    assert hint in problem.hint


def test_a_whole_archive_is_cut_short(memory, monkeypatch):
    monkeypatch.setattr(watched_stores, "LOOKED_AT", 50)
    for folder in range(20):
        for number in range(10):
            memory.pipe(f"/films/{folder}/{number}.mov", b"film")
    assert len(list_films(PLACE)) == 60
    monkeypatch.setattr(watched_stores, "LOOKED_AT", LOOKED_AT)
    monkeypatch.setattr(watched_stores, "LISTING_S", 0)
    assert len(list_films(PLACE)) == 0
    for number in range(LISTED + 1):
        memory.pipe(f"/films/{number}.mov", b"film")
    assert len(offer_films([list_store(PLACE)], known=set())) == LISTED


@pytest.mark.parametrize(
    ("facts", "changed_s"),
    [
        ({"mtime": 5.5, "created": 9.0}, 5.5),
        ({"modificationTime": 1_700_000_000_250}, 1_700_000_000.25),
        ({"updated": "2026-01-02T03:04:05+00:00"}, 1767323045),
        ({"updated": "yesterday", "created": 9.0}, 9.0),
        ({}, None),
    ],
)
def test_dates_are_read_as_stores_write_them(facts, changed_s):
    assert watched_stores._read_date(facts) == changed_s


class SlowStore:
    """A store that answers when it is let."""

    def __init__(self):
        self.may_answer, self.asked = threading.Event(), 0
        self.stores = Stores(self._list)

    def look(self):
        return self.stores.look(PLACE)

    def wait(self):
        """Wait for the listing that is on its way."""
        deadline_s = time.monotonic() + 20
        while self.stores._asked_s and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert not self.stores._asked_s

    def _list(self, place):
        self.asked += 1
        answer = Listing(problem=FileUnreadable(f"Answer {self.asked}.", "Look again."))
        assert self.may_answer.wait(20)
        return answer


def test_nobody_waits_for_a_store():
    slow = SlowStore()
    assert not any(slow.look().is_complete for _ in range(3))
    slow.may_answer.set()
    slow.wait()
    assert slow.look().problem.message == "Answer 1."
    assert slow.asked == 1


def test_an_old_listing_is_shown_until_there_is_a_new_one(monkeypatch):
    slow = SlowStore()
    slow.may_answer.set()
    slow.look()
    slow.wait()
    slow.may_answer.clear()
    monkeypatch.setattr(watched_stores, "FRESH_S", -1)
    assert slow.look().problem.message == "Answer 1."
    slow.may_answer.set()
    slow.wait()
    assert slow.look().problem.message == "Answer 2."
    slow.wait()


def test_that_a_store_does_not_answer_is_told(monkeypatch):
    slow = SlowStore()
    slow.look()
    monkeypatch.setattr(watched_stores, "PATIENCE_S", -1)
    assert "has not answered" in slow.look().problem.message
    assert slow.asked == 1
    slow.may_answer.set()
    slow.wait()
    assert slow.look().problem.message == "Answer 1."
