"""What the library's lists say of a cut and of a job, and how they are read from the database's rows."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping

from studio.blob import FORMAT

UNFINISHED = ("waiting", "running")
"""The states in which a job still has something to do."""


@dataclass(frozen=True, kw_only=True)
class CutEntry:
    """What the library's list says of a cut.

    Attributes:
        id: the cut's content id.
        title: what people call it.
        path: the media file, which may have been moved since.
        duration_s: seconds.
        added_at: when it was first analysed, UTC.
        streams: which of `STREAMS` it has.
        analysed: whether this version of the program can read its analysis; if not, it wants analysing again.
    """

    id: str
    title: str
    path: Path
    duration_s: float
    added_at: datetime
    streams: tuple[str, ...]
    analysed: bool


@dataclass(frozen=True, kw_only=True)
class JobEntry:
    """All that is known of one analysis on its way.

    Attributes:
        id: the job's id.
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
        template: which of the cut's trailers is rendered; None for an analysis.
    """

    id: str
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

    @property
    def seconds_left(self) -> float | None:
        """Seconds until it is done if it goes on at the pace so far; None while nothing can be said."""
        if self.state != "running" or self.started_at is None or self.done <= 0:
            return None
        elapsed_s = (self.updated_at - self.started_at).total_seconds()
        return elapsed_s * (1 - self.done) / self.done


def row_to_cut(row: RowMapping) -> CutEntry:
    """Read a row of the cuts, without its analysis."""
    return CutEntry(
        id=row["id"],
        title=row["title"],
        path=Path(row["path"]),
        duration_s=row["duration_s"],
        added_at=datetime.fromisoformat(row["added_at"]),
        streams=tuple(name for name in row["streams"].split(",") if name),
        analysed=row["format"] == FORMAT,
    )


def row_to_job(row: RowMapping) -> JobEntry:
    """Read a row of the jobs."""
    values = {name: row[name] for name in ("id", "title", "state", "stage", "done", "position_s", "message", "hint")}
    return JobEntry(
        **values,
        path=Path(row["path"]),
        transcript=Path(row["transcript"]) if row["transcript"] else None,
        added_at=datetime.fromisoformat(row["added_at"]),
        started_at=datetime.fromisoformat(row["started_at"]) if row["started_at"] else None,
        updated_at=datetime.fromisoformat(row["updated_at"]),
        cut_id=row["cut_id"],
        template=row["template"],
    )
