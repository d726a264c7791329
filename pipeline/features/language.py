"""Whether a transcript is English: the only language whose affect the text network has learned to read."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.types import Line

SPOKEN_ENGLISH = """
a about after all am an and any are as at back be because been but by can can't come could did didn't do does doesn't don't
down for from get go gonna got had has have he he's her here him his how i i'd i'll i'm i've if in into is isn't it it's its
just know let let's like look me more my never no not now of off oh okay on one or our out over please really right say see
she she's so some take tell than that that's the their them then there there's these they they're think this to too up us
very want was wasn't way we we'll we're well were what what's when where which who why will with won't would yeah yes you
you'll you're you've your
"""
"""Words that are everywhere in spoken English, whatever it is about."""

SHARED = """
a all am an and as at be can come do for get had her him i in is it just let like man me more my no now of on or over see so
some to us want was we will
"""
"""Those of them that other languages in Latin letters write alike, or borrow, and so say little: they count for nothing."""

FUNCTION_WORDS = frozenset(SPOKEN_ENGLISH.split()) - frozenset(SHARED.split())
"""The words by which English is told."""

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, kw_only=True)
class LanguageOptions:
    """Where the lines are drawn.

    Attributes:
        least_letters: a transcript of fewer letters is not judged.
        latin_share: in English at least this share of the letters are Latin.
        function_share: and at least this share of the words are its function words.
    """

    least_letters: int = 60
    latin_share: float = 0.7
    function_share: float = 0.1


DEFAULTS = LanguageOptions()


def describe_language(lines: Sequence[Line], options: LanguageOptions = DEFAULTS) -> str | None:
    """Say that a transcript is not English, and by what that is told.

    English is told by its letters and by the share of words that are its function words ("the", "you", "that's"),
    leaving out those that other languages write alike. Which other language it is, is not told.

    Args:
        lines: the transcript.
        options: where the lines are drawn.

    Returns:
        A clause such as "most of its letters are Cyrillic"; None for English, or where there is too little to tell.
    """
    text = " ".join(line.text for line in lines)
    alphabets = Counter(_name_alphabet(letter) for letter in text if letter.isalpha())
    letters = alphabets.total()
    if letters < options.least_letters:
        return None
    if alphabets["Latin"] < options.latin_share * letters:
        alphabet, count = max(
            ((name, n) for name, n in alphabets.items() if name != "Latin"), key=lambda found: found[1]
        )
        return f"{'most' if 2 * count > letters else 'many'} of its letters are {alphabet}"
    share = measure_function_words(text)
    if share < options.function_share:
        return f"only {share:.0%} of its words are everyday English ones"
    return None


def measure_function_words(text: str) -> float:
    """The share of words that are English function words and no other language's, in [0, 1]; 0 of no words."""
    words = [word.replace("’", "'").casefold() for word in WORD.findall(text)]
    found = sum(word in FUNCTION_WORDS for word in words)
    return found / max(len(words), 1)


def _name_alphabet(letter: str) -> str:
    """The script of a letter as Unicode's name for it begins: `Latin`, `Cyrillic`, `Arabic`; kana and kanji are one."""
    name = unicodedata.name(letter, "unknown").split()[0].split("-")[0].capitalize()
    return "Japanese or Chinese" if name in ("Hiragana", "Katakana", "Cjk") else name
