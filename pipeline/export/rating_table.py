"""Ratings as a table: what panel tools and spreadsheets write and read, one row a second.

Two shapes are read. The long one has a row for each second, rater and curve, and is the one that is written:

    cut,second,timecode,rater,curve,value

The wide one has a row for each second and a column for each rater, as panel tools write it, and is of one curve:

    second,Ada,Grace,...

Columns stand in any order. `cut` may be missing where a person says which cut it is, and `timecode` is for people: the
second counts, from 0 on, and row t is about the film from t to t + 1. An empty cell is a second that was not rated. Cells are
separated by commas, semicolons or tabs; where it is not commas, a value may have a decimal comma.
"""

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.errors import DataError, FilmError
from pipeline.export.tables import write_decimal, write_table
from pipeline.ratings import RatingSeries, check_rater, check_value
from pipeline.types import CURVE_RANGE, CURVES, Cut

COLUMNS = ("cut", "second", "timecode", "rater", "curve", "value")

FindCut = Callable[[str], tuple[str, int]]
"""What takes an id, or the beginning of one, and returns the cut's whole id and its T; it raises a `FilmError` for others."""

Key = tuple[str, str, str]
"""Cut, curve and rater."""

SECOND_DIGITS = 9
"""A second of more digits is none: no film is that long."""


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """What a table does not say of itself.

    Attributes:
        cut: the id of its cut, where it has no column `cut`.
        curve: its curve, where it has no column `curve`.
        scale: the lowest and the highest mark of the scale that it was rated on, which become those of the curve's
            range; None where its values lie in that range already.
    """

    cut: str | None = None
    curve: str | None = None
    scale: tuple[float, float] | None = None


def render_rating_table(cut: Cut, series: Sequence[RatingSeries]) -> str:
    """Write ratings of one cut in the long shape: by curve, then by rater, in the order of the film."""
    rows = [
        [cut.cut_id, str(second), cut.timecode(second), each.rater, each.curve, write_decimal(value)]
        for each in sorted(series, key=lambda each: (CURVES.index(each.curve), each.rater))
        for second, value in sorted(each.values.items())
    ]
    return write_table(COLUMNS, rows)


def read_rating_table(
    text: str, *, name: str, find_cut: FindCut, options: TableOptions | None = None
) -> list[RatingSeries]:
    """Read a table of ratings, all of it or nothing.

    Args:
        text: the table.
        name: what to call it in an error, such as its file's name.
        find_cut: finds the cuts that it is about.
        options: what it does not say of itself.

    Returns:
        One series for each cut, curve and rater in it.

    Raises:
        DataError: it is no such table, or a row of it makes no sense; the message says which row, as a spreadsheet
            counts them: the heading is row 1.
    """
    reader = _Reader(text, name, find_cut, options or TableOptions())
    found: dict[Key, dict[int, float]] = {}
    for key, second, value in reader.read_rows():
        if second in found.setdefault(key, {}):
            raise reader.refuse(f"{key[2]} rated second {second} of {key[1]} in an earlier row already")
        found[key][second] = value
    series = [RatingSeries(cut_id=cut, curve=curve, rater=rater, values=v) for (cut, curve, rater), v in found.items()]
    if not series:
        raise DataError(f"{name} holds no rating.", "Give a table with a row for each second that was rated.")
    return series


class _Reader:
    """Reads one table, and knows at which row it is."""

    def __init__(self, text: str, name: str, find_cut: FindCut, options: TableOptions) -> None:
        self._name = name
        self._find_cut = find_cut
        self._options = options
        self._cuts: dict[str, tuple[str, int]] = {}
        self._raters: dict[str, str] = {}
        heading = text.removeprefix("\ufeff").partition("\n")[0]
        self._separator = max(",;\t", key=heading.count)
        self._rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=self._separator)
        self._row = 1

    def refuse(self, fault: str, hint: str = "Put the row right, then import the table again.") -> DataError:
        """Say what is wrong with the row at hand."""
        return DataError(f"Row {self._row} of {self._name}: {fault.rstrip('.')}.", f"{hint} Nothing was kept of it.")

    def read_rows(self) -> Iterator[tuple[Key, int, float]]:
        """Read every rating: whose it is, its second and its value."""
        try:
            heading = [cell.strip() for cell in next(self._rows, [])]
            places = self._place_columns(heading)
            raters = [] if "value" in places else self._place_raters(heading)
            for row in self._rows:
                self._row = self._rows.line_num
                if any(cell.strip() for cell in row):
                    yield from self._read_row([*row, *[""] * (len(heading) - len(row))], places, raters)
        except csv.Error as error:
            raise self.refuse(f"this is no table ({error})") from error

    def _place_columns(self, heading: Sequence[str]) -> dict[str, int]:
        """Find the columns that have a meaning of their own."""
        lower = [cell.casefold() for cell in heading]
        places = {column: lower.index(column) for column in COLUMNS if column in lower}
        if twice := [cell for cell in heading if cell and lower.count(cell.casefold()) > 1]:
            raise self.refuse(f"the column {twice[0]!r} is there twice")
        needed = ["second"] + (["rater", "value"] if {"rater", "value"} & set(places) else [])
        needed += ["cut"] * (self._options.cut is None) + ["curve"] * (self._options.curve is None)
        if missing := [column for column in needed if column not in places]:
            say = {"cut": "--cut ID", "curve": "--curve NAME"}
            hint = f" or say {say[missing[0]]}" if missing[0] in say else ""
            raise self.refuse(f"there is no column {missing[0]!r}", f"Add it{hint}, then import the table again.")
        return places

    def _place_raters(self, heading: Sequence[str]) -> list[tuple[int, str]]:
        """Find the columns of the wide shape that are raters."""
        return [(i, cell) for i, cell in enumerate(heading) if cell and cell.casefold() not in COLUMNS]

    def _read_row(
        self, row: Sequence[str], places: dict[str, int], raters: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[Key, int, float]]:
        """Read the ratings of one row."""
        cells = {column: row[place].strip() for column, place in places.items()}
        cut_id, seconds = self._check_cut(cells.get("cut") or self._options.cut or "")
        curve = (cells.get("curve") or self._options.curve or "").casefold()
        if not cells["second"].isdecimal() or len(cells["second"]) > SECOND_DIGITS:
            raise self.refuse(f"{cells['second']!a} is no second, a whole number from 0 on")
        second = int(cells["second"])
        if second >= seconds:
            raise self.refuse(f"second {second} lies behind the end of cut {cut_id}, which has {seconds} seconds")
        for rater, text in [(rater, row[i].strip()) for i, rater in raters] or [(cells["rater"], cells["value"])]:
            if text:
                yield (cut_id, curve, self._check_rater(rater)), second, self._read_value(curve, text)

    def _check_cut(self, text: str) -> tuple[str, int]:
        """Find a cut, once."""
        if text not in self._cuts:
            try:
                self._cuts[text] = self._find_cut(text)
            except FilmError as error:
                raise self.refuse(error.message, error.hint) from error
        return self._cuts[text]

    def _check_rater(self, text: str) -> str:
        """Check a name, once."""
        if text not in self._raters:
            try:
                self._raters[text] = check_rater(text)
            except ValueError as error:
                raise self.refuse(str(error)) from error
        return self._raters[text]

    def _read_value(self, curve: str, text: str) -> float:
        """Read a value, on the table's scale, as one in the curve's range."""
        try:
            value = float(text if self._separator == "," else text.replace(",", "."))
        except ValueError as error:
            raise self.refuse(f"{text!a} is no number") from error
        if self._options.scale is not None and curve in CURVES:
            lowest, highest = self._options.scale
            if not (min(lowest, highest) <= value <= max(lowest, highest)):
                raise self.refuse(f"{text} lies outside the scale from {lowest:g} to {highest:g}")
            low, high = CURVE_RANGE[curve]
            value = low + (value - lowest) / (highest - lowest) * (high - low)
        try:
            return check_value(curve, value if math.isfinite(value) else math.nan)
        except ValueError as error:
            raise self.refuse(str(error)) from error
