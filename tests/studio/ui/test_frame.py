"""What goes wrong on a page is told in words."""

import pytest
from streamlit.testing.v1 import AppTest

from studio.ui.frame import plain


def break_off_for_a_person():
    from pipeline.errors import NotMedia
    from studio.ui.frame import show_errors

    with show_errors():
        raise NotMedia("“take_2.txt” is *not* a film.", "Choose a film file.")


def break_off_with_a_bug():
    from studio.ui.frame import show_errors

    with show_errors():
        raise RuntimeError("the inside of the program")


def test_a_film_error_shows_its_message_and_hint():
    page = AppTest.from_function(break_off_for_a_person).run()
    assert not page.exception
    assert "“take\\_2\\.txt” is \\*not\\* a film" in page.error[0].value
    assert "Choose a film file" in page.error[0].value


def test_a_bug_is_logged_and_shown_without_its_inside(caplog):
    page = AppTest.from_function(break_off_with_a_bug).run()
    assert not page.exception
    assert "Something went wrong" in page.error[0].value
    assert "inside" not in page.error[0].value
    assert "the inside of the program" in caplog.text


@pytest.mark.parametrize("text", ["*a*", "[x](y)", "`c`", "$m$", ":red[x]", "# h", "a_b_c", "<b>"])
def test_markdown_in_a_title_is_text(text):
    assert plain(text).replace("\\", "") == text
    assert plain(text) != text
