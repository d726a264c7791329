"""Tables of ratings from files into the library."""

import math
from pathlib import Path

from pipeline.errors import DataError, FileUnreadable
from pipeline.export.rating_table import TableOptions, read_rating_table
from pipeline.ratings import RatingSeries
from studio.store import Library


def parse_table(library: Library, text: str, name: str, options: TableOptions) -> list[RatingSeries]:
    """Read a table of ratings of cuts of the library; nothing of it is kept yet.

    Args:
        library: the library that has its cuts.
        text: the table.
        name: what to call it in an error.
        options: what it does not say of itself.

    Raises:
        DataError: a row makes no sense.
    """

    def find_cut(cut_id: str) -> tuple[str, int]:
        entry = library.find_cut(cut_id)
        return entry.id, entry.seconds

    return read_rating_table(text, name=name, find_cut=find_cut, options=options)


def read_table_file(path: Path) -> str:
    """Read a table's file.

    Raises:
        FileUnreadable: it is not there or may not be read.
        DataError: it is not text.
    """
    try:
        return decode_table(path.read_bytes(), path.name)
    except OSError as error:
        raise FileUnreadable(f"{str(path)!r} cannot be read: {error.strerror}.", "Give a CSV file.") from error


def decode_table(data: bytes, name: str) -> str:
    """Decode a table's bytes: UTF-8, or the UTF-16 that spreadsheets call Unicode text.

    Raises:
        DataError: they are neither.
    """
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not text in UTF-8.", "Save it as CSV in UTF-8.") from error


def read_scale(text: str) -> tuple[float, float]:
    """Read the marks of a scale, `0,100`.

    Raises:
        DataError: these are not two different numbers.
    """
    try:
        lowest, highest = map(float, text.split(","))
    except ValueError:
        lowest = highest = math.nan
    if not math.isfinite(lowest) or not math.isfinite(highest) or lowest == highest:
        raise DataError(f"{text!r} is no scale.", "Write its lowest and its highest mark, such as 0,100.")
    return lowest, highest
