"""Words and n-grams of a line, and their stable hashes: what stands between a string and the text network."""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

PLACEHOLDER = re.compile(r"\[(?:PERSON|LOCATION|ORGANI[SZ]ATION|NAME|RELIGION)\]")
"""What stands for a name in the corpora; film lines hold the name itself, so it must not become a feature."""

TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.\.\.|[?!]")
"""A word with its inner apostrophes, or a mark that changes the tone; commas and spacing differ between the corpora."""


def split_words(line: str) -> list[str]:
    """Split a line of any language into case-folded words and the marks `?`, `!` and `...`.

    A script without spaces gives long words, whose character n-grams still tell them apart.
    """
    text = unicodedata.normalize("NFKC", PLACEHOLDER.sub(" ", line)).casefold()
    return TOKEN.findall(text.replace("’", "'").replace("´", "'"))


def name_line(line: str) -> str:
    """The words of a line without marks, joined: equal for lines that differ in spacing, case or punctuation only."""
    return " ".join(word for word in split_words(line) if word[0].isalnum())


def list_word_ngrams(words: Sequence[str], orders: Sequence[int]) -> Iterator[str]:
    """All runs of `n` words for n in `orders`, all that begin at a word before those of the next."""
    for start in range(len(words)):
        for order in orders:
            if start + order <= len(words):
                yield " ".join(words[start : start + order])


def list_character_ngrams(words: Sequence[str], orders: Sequence[int]) -> Iterator[str]:
    """All runs of `n` characters inside each word, which is padded with one space at either end."""
    for word in words:
        padded = f" {word} "
        for order in orders:
            for start in range(len(padded) - order + 1):
                yield padded[start : start + order]


def hash_lines(
    lines: Sequence[str], *, of_words: bool, orders: Sequence[int], slots: int, buckets: int
) -> npt.NDArray[np.int32]:
    """Hash the n-grams of each line into rows of bucket numbers.

    The bucket is `1 + crc32(utf-8) mod (buckets - 1)`, the same on every machine; 0 fills what is left of a row. Of a
    line with more n-grams than slots the beginning is kept.

    Args:
        lines: N strings.
        of_words: n-grams of words; else of characters.
        orders: the lengths n.
        slots: columns of the result.
        buckets: how many numbers there are, 0 included.

    Returns:
        (N, slots) int32 in [0, buckets).
    """
    rows = np.zeros((len(lines), slots), np.int32)
    list_ngrams = list_word_ngrams if of_words else list_character_ngrams
    for row, line in zip(rows, lines, strict=True):
        # A word makes at least one n-gram of either kind, so words beyond the slots can never be reached.
        words = [word[:slots] for word in split_words(line)[:slots]]
        numbers = [
            1 + zlib.crc32(ngram.encode("utf-8", "replace")) % (buckets - 1)
            for ngram, _ in zip(list_ngrams(words, orders), range(slots), strict=False)
        ]
        row[: len(numbers)] = numbers
    return rows
