from pathlib import Path

import pysubs2
import pytest

from pipeline.features.language import describe_language, measure_function_words
from pipeline.types import Line

REAL = {
    "elephants_dream.captions.ar.vtt": "most of its letters are Arabic",
    "elephants_dream.captions.ja.vtt": "most of its letters are Japanese or Chinese",
    "elephants_dream.captions.ru.vtt": "most of its letters are Cyrillic",
    "elephants_dream.captions.sv.vtt": "only 0% of its words are everyday English ones",
    "elephants_dream.captions.en.vtt": None,
    "elephants_dream.descriptions.en.vtt": None,
    "sintel_en.srt": None,
}
"""Real subtitles, and what is to be said of them."""

OTHERS = {
    "German": "Ich weiß nicht, was du da willst. Komm her und sag es mir noch einmal, so war das doch nicht, also geh.",
    "French": "Je ne sais pas ce que tu veux. Viens ici et dis-le moi encore une fois, on me dit que tu es parti hier.",
    "Spanish": "No me digas que no lo sabes. Ven a casa y dime otra vez lo que he de hacer, no es tan malo como dicen.",
    "Dutch": "Ik weet niet wat je wil. Kom hier en zeg het me nog een keer, want zo was het niet, en we had het over me.",
    "Italian": "Non so che cosa vuoi. Vieni qui e dimmi ancora una volta come era, in fondo a me non importa di te.",
    "Danish": "Jeg ved ikke hvad du vil have. Kom her og sig det til mig en gang til, for det var ikke for mig at se.",
}


def make_lines(*texts):
    return tuple(Line(start_s=n, end_s=n + 1, text=text) for n, text in enumerate(texts))


@pytest.mark.data
@pytest.mark.parametrize("name", REAL)
def test_real_subtitles_are_told_from_english_ones(data_dir: Path, name):
    events = pysubs2.load(str(data_dir / "subtitles" / name))
    assert describe_language(make_lines(*(event.plaintext for event in events))) == REAL[name]


@pytest.mark.parametrize("name", OTHERS)
def test_other_languages_in_latin_letters_are_not_taken_for_english(name):
    assert "everyday English" in describe_language(make_lines(OTHERS[name]))


@pytest.mark.parametrize("mark", ["'", "’"])
def test_english_is_english_in_capitals_and_with_either_apostrophe(mark):
    lines = make_lines(
        f"I DON{mark}T KNOW WHAT YOU WANT FROM ME.", f"THAT{mark}S WHY THEY{mark}RE HERE WITH THE OTHERS."
    )
    assert describe_language(lines) is None


def test_names_and_numbers_in_another_script_do_not_make_english_foreign():
    assert (
        describe_language(make_lines("What did he say to you about the letter from Москва?", "Why, what would they?"))
        is None
    )


def test_two_languages_in_one_transcript_are_noticed():
    both = make_lines(
        "Where is the girl? They told you that she was here.",
        "Где девочка? Они сказали тебе, что она была здесь, с ними.",
    )
    assert describe_language(both) == "most of its letters are Cyrillic"


@pytest.mark.parametrize("lines", [(), make_lines("No."), make_lines("12 - 34 ... ?!" * 40)])
def test_of_too_little_nothing_is_said(lines):
    assert describe_language(lines) is None


def test_words_that_other_languages_share_count_for_nothing():
    assert measure_function_words("in was so me") == 0
    assert measure_function_words("the gun they have") == pytest.approx(3 / 4)
    assert measure_function_words("") == 0
