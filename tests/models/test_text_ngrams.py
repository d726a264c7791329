import numpy as np
import pytest

from models.text_ngrams import hash_lines, list_character_ngrams, list_word_ngrams, name_line, split_words


def test_spacing_case_quotes_and_commas_make_no_difference():
    assert split_words("Well , that's it !") == split_words("well that’s IT!") == ["well", "that's", "it", "!"]


def test_placeholders_for_names_are_not_words():
    assert split_words("You will , [PERSON] , you will .") == ["you", "will", "you", "will"]


def test_marks_are_kept_as_words_but_not_in_the_name_of_a_line():
    assert split_words("What ... no?") == ["what", "...", "no", "?"]
    assert name_line("What ... no?") == "what no"


def test_word_ngrams_are_runs_of_words():
    assert list(list_word_ngrams(["a", "b", "c"], (1, 2))) == ["a", "a b", "b", "b c", "c"]


def test_character_ngrams_stay_inside_their_padded_word():
    assert list(list_character_ngrams(["ab", "c"], (3,))) == [" ab", "ab ", " c "]


def test_buckets_are_the_same_on_every_machine():
    rows = hash_lines(["I love you"], of_words=True, orders=(1,), slots=4, buckets=1000)
    assert rows.tolist() == [[227, 609, 166, 0]]


@pytest.mark.parametrize(
    "line", ["", "?!", "愛しています", "Я люблю тебя", "أحبك", "\ud800", "🙂", "a" * 5000, "word " * 5000]
)
def test_any_string_fills_one_row_within_the_buckets(line):
    for of_words in (True, False):
        rows = hash_lines([line], of_words=of_words, orders=(1, 2), slots=16, buckets=50)
        assert rows.shape == (1, 16)
        assert rows.dtype == np.int32
        assert rows.min() >= 0
        assert rows.max() < 50


def test_no_lines_make_no_rows():
    assert hash_lines([], of_words=True, orders=(1,), slots=4, buckets=10).shape == (0, 4)
