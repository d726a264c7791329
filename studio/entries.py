"""What the library's lists say of a cut and of a job, and how that is read from and written to the database's rows."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from pipeline.errors import LibraryError
from pipeline.places import absolute_film
from studio.blob import FORMAT
from studio.progress import find_speed

UNFINISHED = ("waiting", "running")
"""The states in which a job still has something to do."""

WAITING, NO_SCHEDULER, NO_WORKERS = "Waiting for its turn", "Waiting for the scheduler", "Waiting for workers"
"""The stages of a job that waits."""

ANALYSIS, TRAILER, PROXY = "analysis", "trailer", "proxy"
"""The kinds of jobs: a film is analysed, a trailer of a cut is rendered, a light copy of a film is made for players."""

BACKGROUND, BATCH, USUAL, PREVIEW = 0, 10, 20, 30
"""How urgent jobs are unless a person raises one: a light copy, many films at once, one film, a trailer that somebody
waits for."""


@dataclass(frozen=True, kw_only=True)
class CutEntry:
    """What the library's list says of a cut.

    Attributes:
        id: the cut's content id.
        project: the title whose version it is.
        version: which version, such as `v2` or `director's`.
        position: its place among the versions of its project, from 1 on.
        title: what people call it.
        path: the media file, which may have been moved since.
        transcript: the subtitle file given with it.
        duration_s: seconds.
        added_at: when it was first analysed, UTC.
        streams: which of `STREAMS` it has.
        analysed: whether this version of the program can read its analysis; if not, it wants analysing again.
        analysis: the name of the file that holds it; empty where it was lost.
        digest: the SHA-256 of that file, in hex.
        provenance: what made the analysis, and which version of it.
        tags: in alphabetical order.
    """

    id: str
    project: str
    version: str
    position: int
    title: str
    path: Path
    transcript: Path | None
    duration_s: float
    added_at: datetime
    streams: tuple[str, ...]
    analysed: bool
    analysis: str = field(compare=False)
    digest: str = field(compare=False)
    provenance: Mapping[str, str]
    tags: tuple[str, ...]

    @property
    def seconds(self) -> int:
        """T, the number of rows of every per-second array."""
        return math.ceil(self.duration_s)


def name_among(cut: CutEntry, cuts: Iterable[CutEntry]) -> str:
    """Return what a cut is called among others: its title, and where others share that, its version or else its id."""
    alike = [other for other in cuts if other.title == cut.title]
    if len(alike) < 2:
        return cut.title
    is_told_apart = len({other.version for other in alike}) == len(alike)
    return f"{cut.title}, {cut.version}" if is_told_apart else f"{cut.title} ({cut.id[:6]})"


@dataclass(frozen=True, kw_only=True)
class JobEntry:
    """All that is known of one job.

    Attributes:
        id: the job's id.
        kind: what it does: `ANALYSIS`, `TRAILER` or `PROXY`.
        title: what people call the cut; empty for the file's own name.
        path: the media file.
        transcript: the subtitle file given with it.
        state: waiting, running, done, failed or cancelled.
        stage: what is being done, in words for a person.
        done: share of the work that is finished, 0 to 1.
        position_s: where in the film the work is, seconds of the cut.
        added_at: when it was asked for, UTC.
        started_at: when its measurable work began, UTC; None before a worker took it.
        updated_at: when anything here last changed, UTC.
        message: what went wrong, if it failed.
        hint: what to do about it.
        cut_id: the cut, once its file has been opened; in the library once the job is done.
        template: which of the cut's trailers is rendered; None of other kinds.
        person: who asked for it.
        priority: what has more goes first.
        can_retry: whether it failed for a reason that may have gone; its upload is kept until then.
        stage_at: when what is being done was begun, UTC.
        stage_from_s: where in the film that was, seconds of the cut.
    """

    id: str
    kind: str
    title: str
    path: Path
    transcript: Path | None
    state: str
    stage: str
    done: float
    position_s: float
    added_at: datetime
    started_at: datetime | None
    updated_at: datetime
    message: str
    hint: str
    cut_id: str | None
    template: str | None
    person: str
    priority: int
    can_retry: bool
    stage_at: datetime | None
    stage_from_s: float

    @property
    def name(self) -> str:
        """What a job is called: its cut's title, or its file's name, and what is made of it, if not its curves."""
        made = {TRAILER: f": {self.template} trailer", PROXY: ": light copy for the player"}
        return (self.title or self.path.stem) + made.get(self.kind, "")

    @property
    def needs_film(self) -> bool:
        """Whether its upload and what was read of it are kept: it has something to do, or may be tried again."""
        return self.state in UNFINISHED or (self.state == "failed" and self.can_retry)

    @property
    def speed(self) -> float | None:
        """How many seconds of the film a second of work takes care of in this stage; None while nothing can be said."""
        if self.state != "running" or self.stage_at is None:
            return None
        return find_speed(self.position_s - self.stage_from_s, (self.updated_at - self.stage_at).total_seconds())

    @property
    def seconds_left(self) -> float | None:
        """Seconds until it is done if it goes on at the pace so far; None while nothing can be said."""
        if self.state != "running" or self.started_at is None or self.done <= 0:
            return None
        elapsed_s = (self.updated_at - self.started_at).total_seconds()
        return elapsed_s * (1 - self.done) / self.done


def row_to_cut(row: RowMapping, tags: tuple[str, ...]) -> CutEntry:
    """Read a row of the cuts, joined with its project's name as `project`."""
    values = {name: row[name] for name in ("id", "project", "version", "position", "title", "duration_s")}
    return CutEntry(
        **values,
        path=Path(row["path"]),
        transcript=Path(row["transcript"]) if row["transcript"] else None,
        added_at=datetime.fromisoformat(row["added_at"]),
        streams=tuple(name for name in row["streams"].split(",") if name),
        analysed=row["format"] == FORMAT and bool(row["analysis"]),
        analysis=row["analysis"],
        digest=row["digest"],
        provenance=json.loads(row["provenance"]),
        tags=tags,
    )


def row_to_job(row: RowMapping | Mapping[str, Any]) -> JobEntry:
    """Read a row of the jobs."""
    words = ("id", "kind", "title", "state", "stage", "message", "hint", "cut_id", "template", "person")
    numbers = ("done", "position_s", "priority", "can_retry", "stage_from_s")
    values = {name: row[name] for name in (*words, *numbers)}
    return JobEntry(
        **values,
        path=Path(row["path"]),
        transcript=Path(row["transcript"]) if row["transcript"] else None,
        added_at=datetime.fromisoformat(row["added_at"]),
        started_at=datetime.fromisoformat(row["started_at"]) if row["started_at"] else None,
        updated_at=datetime.fromisoformat(row["updated_at"]),
        stage_at=datetime.fromisoformat(row["stage_at"]) if row["stage_at"] else None,
    )


def now_as_text() -> str:
    """The time, UTC, as the database keeps it: ISO 8601 with microseconds, so that text order is time order."""
    return instant_as_text(datetime.now(UTC))


def instant_as_text(instant: datetime) -> str:
    """An instant with its time zone as the database keeps it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def path_to_text(path: Path | None) -> str | None:
    """Write a path as the database keeps it: absolute, because another process may have another working folder."""
    return None if path is None else check_text(str(absolute_film(path)))


def check_text(text: str) -> str:
    """Refuse text that no database can keep, such as a file name in a legacy encoding."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LibraryError(f"{text!a} is not valid Unicode.", "Rename the file, and give it a plain title.") from error
    if "\0" in text:
        raise LibraryError(f"{text!a} holds a character without a meaning.", "Write it without.")
    return text
