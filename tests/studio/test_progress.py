"""Progress on a terminal and in a log."""

import io

import pytest

from pipeline.types import Progress
from studio.progress import ERASE, ProgressLine, seconds_to_words


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def report_all(stream: io.StringIO, shares: list[float]) -> str:
    with ProgressLine(stream) as line:
        for share in shares:
            line.report(Progress(stage="Reading", done=share, position_s=0))
    return stream.getvalue()


def test_a_log_gets_a_line_every_ten_percent():
    text = report_all(io.StringIO(), [number / 200 for number in range(201)])
    assert [line.split()[1] for line in text.splitlines()] == [f"{percent}%" for percent in range(0, 101, 10)]
    assert "\x1b" not in text
    assert "\r" not in text


def test_a_terminal_gets_one_line_that_is_gone_in_the_end():
    text = report_all(Terminal(), [0.0, 0.5])
    assert "\n" not in text
    assert text.startswith(ERASE + "Reading")
    assert text.endswith(ERASE)


def test_a_terminal_is_not_flooded():
    assert report_all(Terminal(), [number / 10_000 for number in range(10_000)]).count("Reading") < 100


def test_a_terminal_names_every_stage_however_short():
    stream = Terminal()
    with ProgressLine(stream) as line:
        for stage in ("Opening", "Loading", "Reading"):
            line.report(Progress(stage=stage, done=0.0, position_s=0))
    assert [text.split()[0] for text in stream.getvalue().split(ERASE) if text] == ["Opening", "Loading", "Reading"]


@pytest.mark.parametrize(
    ("duration_s", "words"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00")]
)
def test_durations_are_written_as_people_write_them(duration_s, words):
    assert seconds_to_words(duration_s) == words
