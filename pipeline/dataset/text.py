"""Reads the three public corpora of emotion in text: XED, EmoBank and GoEmotions.

Expected below the folder: `xed/en-annotated.tsv`, `xed/en-projections.tsv`, `xed/neu_en.txt`, `emobank/emobank.csv`,
`goemotions/{train,dev,test}.tsv`.

Sources: Öhman et al., "XED: A Multilingual Dataset for Sentiment Analysis and Emotion Detection", COLING 2020; Buechel
and Hahn, "EmoBank", EACL 2017; Demszky et al., "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020.
"""

import csv
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.text_examples import COMMENT_EMOTIONS, EMOTIONS, HEADS, SPLITS, TextExamples
from models.text_ngrams import name_line
from pipeline.errors import DataError

HINT = "Point THROUGHLINE_DATA at the folder of data sets; the README says where each is published."

PROJECTED_WEIGHT = 0.5
"""XED's projected lines carry the labels of translations, so one counts as half an annotated line."""


@dataclass(frozen=True, kw_only=True)
class LabelledLine:
    """A line as one corpus has it: the targets of one head, its weight, and its split."""

    text: str
    head: str
    target: Sequence[float]
    weight: float
    split: str


def read_text_examples(folder: Path) -> TextExamples:
    """Read all three corpora as one table.

    XED has no split of its own: a line belongs to the split its words are hashed into (.8, .1, .1), so that equal lines
    stay together; its projected and neutral lines obey the same rule. The others keep their split. A line whose words
    are held out by any corpus is left out of training in all.

    Args:
        folder: holds `xed`, `emobank` and `goemotions`.

    Returns:
        The examples; projected lines appear in training only.

    Raises:
        DataError: a file is missing or is not of the expected form.
    """
    rows = [*_read_xed(folder / "xed"), *_read_emobank(folder / "emobank"), *_read_goemotions(folder / "goemotions")]
    held_out = {name_line(row.text) for row in rows if row.split != "train"}
    return _make_table([row for row in rows if row.split != "train" or name_line(row.text) not in held_out])


def read_labelled_lines(path: Path) -> TextExamples:
    """Read lines that someone labelled with the eight emotions, to score a network on them.

    Args:
        path: UTF-8 in XED's form: a line, a tab, and the emotions' numbers as "1, 4" (1 anger .. 8 trust).

    Returns:
        The examples, all in the split `test`.

    Raises:
        DataError: the file is missing, has a label that is not known, or has no labelled line.
    """
    rows = list(_read_labelled(path, weight=1.0, split="test"))
    if not rows:
        raise DataError(f"{path.name} holds no labelled line.", "Each row is a line, a tab and numbers such as 1, 4.")
    return _make_table(rows)


def assign_split(text: str) -> str:
    """The split of a line of XED, by a hash of its words: 8 in 10 train, 1 dev, 1 test."""
    tenth = zlib.crc32(f"throughline {name_line(text)}".encode()) % 10
    return "train" if tenth < 8 else SPLITS[tenth - 7]


def _make_table(rows: Sequence[LabelledLine]) -> TextExamples:
    """Put the lines of all corpora into one table."""
    targets = {head: np.zeros((len(rows), len(names)), np.float32) for head, names in HEADS.items()}
    weights = {head: np.zeros(len(rows), np.float32) for head in HEADS}
    for number, row in enumerate(rows):
        targets[row.head][number] = row.target
        weights[row.head][number] = row.weight
        if row.head == "emotions":
            weights["neutral"][number] = row.weight  # a line that carries an emotion is an example of not neutral
    return TextExamples(
        lines=tuple(row.text for row in rows),
        targets=targets,
        weights=weights,
        split=np.array([row.split for row in rows]),
    )


def _read_xed(folder: Path) -> Iterator[LabelledLine]:
    """Annotated and projected lines with the eight emotions, and neutral lines."""
    yield from _read_labelled(folder / "en-annotated.tsv", weight=1.0)
    projected = _read_labelled(folder / "en-projections.tsv", weight=PROJECTED_WEIGHT)
    yield from (row for row in projected if row.split == "train")
    for _, fields in _read_table(folder / "neu_en.txt"):
        if len(fields) >= 2 and fields[0] == "9" and fields[1].strip():
            yield LabelledLine(text=fields[1], head="neutral", target=[1.0], weight=1.0, split=assign_split(fields[1]))


def _read_labelled(path: Path, *, weight: float, split: str | None = None) -> Iterator[LabelledLine]:
    """Lines with the eight emotions; each in the split given, or in its own."""
    for number, fields in _read_table(path):
        if len(fields) != 2:
            continue  # projections also holds rows that pair a line with its translation and have no label
        target = _mark_labels(fields[1], len(EMOTIONS), first=1, where=f"Line {number} of {path.name}")
        yield LabelledLine(
            text=fields[0], head="emotions", target=target, weight=weight, split=split or assign_split(fields[0])
        )


def _read_emobank(folder: Path) -> Iterator[LabelledLine]:
    """Sentences with valence, arousal and dominance, 1..5 mapped to [-1, 1] by (x - 3) / 2."""
    try:
        for row in csv.DictReader(io.StringIO(_read_text(folder / "emobank.csv"), newline="")):
            target = [(float(row[name]) - 3) / 2 for name in "VAD"]
            if row["split"] not in SPLITS:
                raise ValueError(f"split {row['split']!r}")
            yield LabelledLine(text=row["text"], head="ratings", target=target, weight=1.0, split=row["split"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"emobank.csv is not of the expected form ({error}).", HINT) from error


def _read_goemotions(folder: Path) -> Iterator[LabelledLine]:
    """Short comments with 27 emotions and neutral."""
    for split in SPLITS:
        for number, fields in _read_table(folder / f"{split}.tsv"):
            if len(fields) < 2:
                continue
            target = _mark_labels(fields[1], len(COMMENT_EMOTIONS), first=0, where=f"Line {number} of {split}.tsv")
            yield LabelledLine(text=fields[0], head="comments", target=target, weight=1.0, split=split)


def _read_table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers, from 1, and the fields between tabs; quotes have no meaning in these files."""
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        yield number, line.rstrip("\r").split("\t")


def _read_text(path: Path) -> str:
    """The whole of a UTF-8 file, a few megabytes at most; or an error that names it."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DataError(f"{path.parent.name}/{path.name} cannot be read.", HINT) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path.parent.name}/{path.name} is not UTF-8 text.", HINT) from error


def _mark_labels(field: str, count: int, *, first: int, where: str) -> list[float]:
    """Turn "1, 4" into a row of zeros and ones."""
    row = [0.0] * count
    try:
        for number in field.split(","):
            place = int(number) - first
            if not 0 <= place < count:
                raise ValueError(number)
            row[place] = 1.0
    except ValueError as error:
        raise DataError(f"{where} has the label {field!r}, which is not known.", HINT) from error
    return row
