"""Watched places on the library's page: folders and stores, one film or all, by a click or by an address."""

import os
import time

import fsspec
import pytest
import streamlit as st

from studio.entries import BATCH, USUAL
from studio.jobs import Jobs
from tests.studio.test_watched import make_old_file
from tests.studio.ui.pages.test_library import shown


@pytest.fixture(autouse=True)
def memory() -> fsspec.AbstractFileSystem:
    """A store in this process, which every test finds empty, as nobody has listed it."""
    st.cache_resource.clear()
    system = fsspec.filesystem("memory")
    system.store.clear()
    return system


@pytest.fixture
def watch(monkeypatch):
    """Have places watched."""
    return lambda *places: monkeypatch.setenv("THROUGHLINE_WATCHED", os.pathsep.join(map(str, places)))


@pytest.fixture
def submitted(library, monkeypatch):
    """The queue, of which nothing is taken: the jobs as they were asked for, the first one first."""
    monkeypatch.setattr(
        "studio.jobs._current", Jobs(library.settings, library, cluster=None, lock=None, owns_cluster=False)
    )
    return lambda: library.jobs.list_jobs()[::-1]


def find_addresses(app):
    """The fields for addresses; the name of whoever is at work is another."""
    return [field for field in app.text_input if field.label == "Or give a film's address"]


def run_until_listed(app):
    """Draw the page until every store has answered."""
    deadline_s = time.monotonic() + 20
    while True:
        app.run()
        assert not app.exception
        if not any("Looking into" in words for words in captions(app)):
            return
        assert time.monotonic() < deadline_s


def captions(app):
    return [caption.value.replace("\\", "") for caption in app.caption]


def labels(app):
    return [button.label for button in app.button]


def give_address(app, url):
    """Type an address, and press the button beside it."""
    find_addresses(app)[0].set_value(url)
    next(button for button in app.button if button.form_id).click()
    run_until_listed(app)


def test_films_of_a_watched_folder_are_offered_until_the_library_has_them(app, library, tmp_path, watch):
    folder = tmp_path / "watched"
    known, fresh = (make_old_file(folder / name) for name in ("known.mov", "reel 2/fresh *1*.mov"))
    watch(folder)
    library.jobs.add_job(known, "")
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "In the watched folders"
    assert "reel 2/fresh *1*.mov" in shown(app)
    assert labels(app).count("Add") == 1
    assert "Add all" not in " ".join(labels(app))
    next(button for button in app.button if button.label == "Add").click().run()
    assert "no worker was started" in app.error[0].value  # These pages are drawn without one.
    library.jobs.add_job(fresh, "")
    app.run()
    assert "Add" not in labels(app)
    assert "Every film there is in the library, or on its way into it." in captions(app)


def test_without_watched_places_nothing_is_said_of_them(app):
    app.run()
    assert not app.exception
    assert list(app.subheader) == []
    assert find_addresses(app) == []


def test_an_empty_folder_is_said_to_be_empty_and_a_missing_one_to_be_missing(app, tmp_path, watch):
    (tmp_path / "empty").mkdir()
    watch(tmp_path / "empty")
    app.run()
    assert captions(app)[-1] == "No film is there."
    watch(tmp_path / "empty", tmp_path / "no")
    app.run()
    assert str(tmp_path / "no") in captions(app)[-1]
    assert "cannot be listed: no such file" in captions(app)[-1]


def test_films_of_folders_and_stores_are_offered_together_with_what_is_known_of_them(app, tmp_path, watch, memory):
    make_old_file(tmp_path / "a.mov")
    memory.pipe("/films/night/b <1>.mov", b"film" * 500_000)
    watch(tmp_path, "memory://films")
    run_until_listed(app)
    words = shown(app)
    assert "<span>0.0 MB</span>" in words
    assert f"<span>{tmp_path}</span>" in words
    assert "night/b &lt;1&gt;.mov" in words
    assert "<span>2.0 MB</span><span>still being written</span><span>memory://films</span>" in words
    assert [button.disabled for button in app.button if button.label == "Add" and not button.form_id] == [True, False]


def test_one_film_of_a_store_has_its_turn_and_many_wait_for_room(app, watch, memory, submitted, monkeypatch):
    monkeypatch.setattr("studio.watched.SETTLED_S", -1)
    for name in "abc":
        memory.pipe(f"/films/{name}.mov", b"film")
    watch("memory://films")
    run_until_listed(app)
    assert "Add all 3" in labels(app)
    next(button for button in app.button if button.label == "Add" and not button.form_id).click()
    run_until_listed(app)
    assert [job.priority for job in submitted()] == [USUAL]
    app.button(key="add-all").click()
    run_until_listed(app)
    assert [job.priority for job in submitted()] == [USUAL, BATCH, BATCH]
    assert sorted(str(job.path) for job in submitted()) == [f"memory:/films/{name}.mov" for name in "abc"]
    assert labels(app).count("Add") == 1  # The one of the address.
    assert "Every film there is in the library, or on its way into it." in captions(app)


def test_why_a_store_cannot_be_listed_is_said_in_words_beside_the_others(app, tmp_path, watch):
    make_old_file(tmp_path / "a.mov")
    watch(tmp_path, "memory://no-such-bucket", "unheard://films")
    run_until_listed(app)
    said = "\n".join(captions(app))
    assert "There is no folder memory://no-such-bucket. Check THROUGHLINE_WATCHED" in said
    assert "The films in unheard://films cannot be listed: Protocol not known: unheard. Check" in said
    assert "a.mov" in shown(app)


def test_a_film_is_added_by_its_address_below_a_watched_url(app, watch, memory, submitted):
    watch("memory://films", "https://host/films")
    run_until_listed(app)
    give_address(app, " MEMORY://films/day 2/a.mov ")
    give_address(app, "https://HOST/films/night%20train.mov")
    assert not app.error
    assert find_addresses(app)[0].value == ""
    assert [(str(job.path), job.title, job.priority) for job in submitted()] == [
        ("memory:/films/day 2/a.mov", "", USUAL),
        ("https:/host/films/night%20train.mov", "night train", USUAL),
    ]


@pytest.mark.parametrize("url", ["memory://films-evil/x", "memory://films/%2e%2e/x", "file:///etc/passwd", "a *film*"])
def test_another_address_is_refused_and_it_is_said_which_are_allowed(app, watch, submitted, url):
    watch("memory://films", "https://host/films")
    run_until_listed(app)
    give_address(app, url)
    said = app.error[0].value.replace("\\", "")
    assert url in said
    assert "below memory://films or https://host/films; the administrator allows other places" in said
    assert find_addresses(app)[0].value == url  # To be put right.
    assert submitted() == []


def test_no_address_is_asked_for_where_no_url_is_watched(app, tmp_path, watch):
    watch(tmp_path)
    app.run()
    assert find_addresses(app) == []
