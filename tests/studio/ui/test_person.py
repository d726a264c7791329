"""Who is at work: each session has its own person, and all that it causes goes under that name."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from studio.jobs import Jobs
from studio.settings import read_settings
from studio.ui.person import NAME_LETTERS, decode_header, tidy_name
from studio.ui.state import NAME_FIELD
from tests.analyses import make_analysis
from tests.studio.films import make_film
from tests.studio.ui.conftest import APP

PATIENCE_S = 60


@pytest.fixture
def enter(settings, monkeypatch):
    """Open the app in a session of its own, and give a name there; without one the machine's is used."""
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    monkeypatch.setenv("THROUGHLINE_PERSON", "the machine")

    def enter_as(name: str | None = None) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30).run()
        if name is not None:
            app.text_input(key=NAME_FIELD).set_value(name).run()
        return expect_well(app)

    return enter_as


def expect_well(app):
    assert not app.exception
    assert not app.error
    return app


def note(app, text):
    app.switch_page("studio/ui/pages/curves.py").run()
    next(field for field in app.text_input if field.label == "Note").set_value(text)
    expect_well(next(button for button in app.button if button.label == "Note it").click().run())


def wait_for(library, cut_id, is_there):
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        job = next(job for job in library.jobs.list_jobs() if job.path.stem == cut_id)
        if is_there(job):
            return job
        assert time.monotonic() < deadline_s, job
        time.sleep(0.05)


def test_two_sessions_have_two_names_and_two_limits(enter, settings, library, cluster, tmp_path, monkeypatch):
    for cut_id in ("a1", "a2", "b1"):
        film = make_film(tmp_path / f"{cut_id}.mp4", seconds=60)
        library.save_analysis(make_analysis(60, cut_id=cut_id, path=film, title=cut_id))
    monkeypatch.setenv("THROUGHLINE_JOBS_PER_PERSON", "1")
    jobs = Jobs.start(read_settings(), cluster=cluster)
    ada, grace = enter("Ada"), enter("  Grace   Hopper ")
    for app, cut_id in ((ada, "a1"), (ada, "a2"), (grace, "b1")):
        app.run()
        expect_well(app.button(key=f"again-{cut_id}").click().run())
    assert wait_for(library, "a1", lambda job: job.state == "running").person == "Ada"
    waiting = wait_for(library, "a2", lambda job: "Ada's" in job.stage)
    assert waiting.state == "waiting"
    assert wait_for(library, "b1", lambda job: job.state == "running").person == "Grace Hopper"
    for job in library.jobs.list_jobs()[::-1]:
        jobs.cancel(job.id)
    jobs.close()


def test_notes_changes_and_removals_are_recorded_under_the_name_of_the_session(enter, library):
    library.save_analysis(make_analysis(30, cut_id="aa", title="Night"))
    ada, grace, nobody = enter("Ada"), enter("Grace"), enter()
    note(ada, "Too long")
    note(grace, "Keep it")
    note(nobody, "Hm")
    assert [kept.person for kept in library.remarks.list_notes("aa")] == ["Ada", "Grace", "the machine"]
    note(ada, "Still too long")
    grace.switch_page("studio/ui/pages/library.py").run()
    expect_well(grace.button(key="remove-aa").click().run())
    done = [(done.person, done.action) for done in library.audit.list_actions("aa")][1:]
    expected = [("Ada", "noted"), ("Grace", "noted"), ("the machine", "noted"), ("Ada", "noted"), ("Grace", "removed")]
    assert done == expected


def test_a_name_is_given_changed_and_taken_back(enter, library):
    app = enter("Ada")
    library.save_analysis(make_analysis(30, cut_id="aa"))
    for name in ("Grace", ""):
        app.text_input(key=NAME_FIELD).set_value(name).run()
        note(app, "Hm")
        app.switch_page("studio/ui/pages/library.py").run()
    assert [kept.person for kept in library.remarks.list_notes("aa")] == ["Grace", "the machine"]


def test_who_has_given_a_name_need_not_give_it_again_to_rate(enter, library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    for name, offered in (("Ada", "Ada"), (None, "")):
        app = enter(name)
        expect_well(app.switch_page("studio/ui/pages/rate.py").run())
        assert app.text_input(key="rater-name").value == offered


@pytest.mark.parametrize("is_in", [False, True])
def test_where_a_sign_in_is_set_up_it_alone_says_who_somebody_is(enter, library, monkeypatch, is_in):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    app = enter("Ada")
    user = {"is_logged_in": is_in, **({"name": "Grace", "email": "grace@example.com"} if is_in else {})}
    monkeypatch.setattr("streamlit.user_info._get_user_info", lambda: user)
    expect_well(app.run())
    assert NAME_FIELD not in {field.key for field in app.text_input}
    assert app.button(key="sign-in").label == ("Sign out" if is_in else "Sign in")
    note(app, "Hm")
    assert library.remarks.list_notes("aa")[0].person == ("grace@example.com" if is_in else "the machine")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Á\u202eda\0", "Áda"),
        ("\u202e \0", ""),
        ("x" * 99, "x" * NAME_LETTERS),
    ],
)
def test_a_name_is_kept_as_it_can_be_seen(text, name):
    assert tidy_name(text) == name


@pytest.mark.parametrize("name", ["Ada", "Árvíztűrő"])
def test_a_proxys_header_is_read_as_utf_8_and_as_latin_1_where_it_is_not(name):
    assert decode_header(name.encode().decode("latin-1")) == name
    assert decode_header("Á") == "Á"
