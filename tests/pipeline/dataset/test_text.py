from pathlib import Path

import numpy as np
import pytest

from models.text_ngrams import name_line
from pipeline.dataset.text import assign_split, read_labelled_lines, read_text_examples
from pipeline.errors import DataError

FILES = {
    "xed/en-annotated.tsv": "I hate you !\t1, 3\nYou 'll be fine .\t8\n",
    "xed/en-projections.tsv": "What a day!\t5\nda.gz\ten.gz\t1\t2\tGodt.\tGood.\n",
    "xed/neu_en.txt": "9\tTwo pair.\n\t\t\t\t\n",
    "emobank/emobank.csv": 'id,split,V,A,D,text\na,train,5.0,3.0,1.0,"He said ""yes"", twice."\nb,test,2.0,4.0,3.0,No.\n',
    "goemotions/train.tsv": "Lovely\t17,27\tx1\n",
    "goemotions/dev.tsv": "Odd\t6\tx2\n",
    "goemotions/test.tsv": "Thanks\t15\tx3\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def find_row(examples, text):
    return examples.lines.index(text)


def test_each_corpus_fills_its_own_head(folder):
    examples = read_text_examples(folder)
    hate, rated, comment = (find_row(examples, t) for t in ("I hate you !", 'He said "yes", twice.', "Lovely"))
    assert examples.targets["emotions"][hate].tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    assert [head for head, weights in examples.weights.items() if weights[hate] > 0] == ["emotions", "neutral"]
    assert examples.targets["ratings"][rated].tolist() == [1, 0, -1]
    assert [head for head, weights in examples.weights.items() if weights[rated] > 0] == ["ratings"]
    assert np.flatnonzero(examples.targets["comments"][comment]).tolist() == [17, 27]
    assert examples.targets["neutral"][find_row(examples, "Two pair.")] == 1


def test_lines_that_differ_in_punctuation_only_share_a_split():
    assert assign_split("What a day!") == assign_split("what a day ...")


def test_eight_in_ten_lines_train():
    splits = [assign_split(f"line {n}") for n in range(2000)]
    assert 0.77 < splits.count("train") / 2000 < 0.83
    assert 0.08 < splits.count("dev") / 2000 < 0.12


def test_a_line_held_out_by_one_corpus_trains_in_none(folder):
    (folder / "goemotions/train.tsv").write_text("THANKS !\t15\tx4\nLovely\t17\tx1\n", encoding="utf-8")
    examples = read_text_examples(folder)
    assert "THANKS !" not in examples.lines
    assert "Lovely" in examples.lines


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_named_with_a_hint(folder, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=Path(name).name) as caught:
        read_text_examples(folder)
    assert "THROUGHLINE_DATA" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("xed/en-annotated.tsv", "A line.\t9\n"),
        ("xed/en-annotated.tsv", "A line.\tjoy\n"),
        ("goemotions/train.tsv", "A line.\t28\tx\n"),
        ("emobank/emobank.csv", "id,text\n1,hello\n"),
        ("emobank/emobank.csv", "id,split,V,A,D,text\n1,train,high,3,3,hello\n"),
        ("emobank/emobank.csv", "id,split,V,A,D,text\n1,validation,3,3,3,hello\n"),
    ],
)
def test_a_file_of_another_form_is_a_data_error(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        read_text_examples(folder)


def test_a_file_that_is_not_utf8_is_a_data_error(folder):
    (folder / "xed/neu_en.txt").write_bytes(b"9\t\xff\xfe\n")
    with pytest.raises(DataError, match="not UTF-8"):
        read_text_examples(folder)


def test_labelled_lines_of_ones_own_are_read_for_scoring(folder):
    examples = read_labelled_lines(folder / "xed/en-annotated.tsv")
    assert examples.lines == ("I hate you !", "You 'll be fine .")
    assert set(examples.split) == {"test"}


def test_a_file_without_labelled_lines_is_a_data_error(folder):
    (folder / "empty.tsv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="no labelled line"):
        read_labelled_lines(folder / "empty.tsv")


@pytest.mark.data
def test_no_line_of_the_real_corpora_is_trained_on_and_held_out(data_dir: Path):
    examples = read_text_examples(data_dir / "text")
    names = np.array([name_line(line) for line in examples.lines])
    train, held_out = set(names[examples.split == "train"]), set(names[examples.split != "train"])
    assert not train & held_out
    assert (examples.weights["emotions"] == 1).sum() > 14_000
