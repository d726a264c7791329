"""The library: every analysed cut and every job, in one database that several processes share."""

import contextlib
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, true, update

from pipeline.errors import LibraryError
from pipeline.streams.start_timecode import check_start_timecode
from pipeline.types import Analysis
from studio.analyses import AnalysisFiles, load_file
from studio.audit import Audit
from studio.blob import FORMAT, analysis_to_bytes
from studio.database import open_engine, reading
from studio.decisions import Decisions
from studio.encodings import StoredEncodings
from studio.entries import UNFINISHED, CutEntry, check_text, now_as_text, path_to_text, row_to_cut
from studio.fingerprints import StoredFingerprint
from studio.job_rows import JobRows
from studio.parts import Parts
from studio.previews import Previews
from studio.projects import Projects
from studio.rating_rows import RatingRows
from studio.remarks import Remarks
from studio.schema import CUTS, OF_A_CUT, PROJECTS, TAGS
from studio.settings import Settings
from studio.stills import Stills
from studio.stored_proxy import StoredProxy


class Library:
    """Every analysed cut and every job; threads may share one, and processes may each have their own.

    Args:
        engine: the database.
        analyses: the files of the analyses.
        settings: this machine's settings, which say which media the library owns.

    Attributes:
        engine: the database.
        analyses: the files of the analyses.
        settings: this machine's settings.
        jobs: the jobs.
        decisions: what people have decided about cuts.
        audit: who did what when.
        projects: whose versions the cuts are.
        remarks: notes and tags.
        ratings: what people rated, second by second.
    """

    def __init__(self, engine: Engine, analyses: AnalysisFiles, settings: Settings) -> None:
        self.engine = engine
        self.analyses = analyses
        self.settings = settings
        self.jobs = JobRows(engine, settings)
        self.decisions = Decisions(engine)
        self.audit = Audit(engine, settings.person)
        self.projects = Projects(engine, self.audit)
        self.remarks = Remarks(engine, self.audit)
        self.ratings = RatingRows(engine, self.audit)

    def for_person(self, person: str) -> "Library":
        """Return this library as somebody works with it: what they change, note and ask for goes under their name.

        Args:
            person: who; empty for whom it has been opened for.
        """
        if person in ("", self.settings.person):
            return self
        return Library(self.engine, self.analyses, replace(self.settings, person=person))

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def list_cuts(self) -> list[CutEntry]:
        """Every cut, the newest first."""
        return self._read_cuts(true())

    def find_cut(self, cut_id: str) -> CutEntry:
        """Find one cut.

        Args:
            cut_id: its id, or the beginning of it as far as no other id begins like that.

        Raises:
            LibraryError: no cut, or more than one, has such an id.
        """
        found = self._read_cuts(CUTS.c.id.startswith(cut_id, autoescape=True))
        matches = [entry for entry in found if cut_id and entry.id.startswith(cut_id)]
        exact = [entry for entry in matches if entry.id == cut_id]
        if len(exact or matches) != 1:
            fault = f"{len(matches)} cuts have an id that begins with" if matches else "no cut has the id"
            raise LibraryError(f"In the library, {fault} {cut_id!r}.", "List the cuts to see their ids.")
        return (exact or matches)[0]

    def load_analysis(self, cut_id: str) -> Analysis:
        """Load the analysis of a cut, exactly as it was saved.

        Args:
            cut_id: as in `find_cut`.

        Raises:
            LibraryError: there is no such cut, or this version of the program cannot read its analysis.
        """
        entry = self.find_cut(cut_id)
        try:
            return load_file(self.analyses, entry.analysis, entry.path, entry.transcript)
        except (OSError, ValueError) as error:
            if self.find_cut(entry.id).analysis != entry.analysis:
                return self.load_analysis(entry.id)  # It was replaced between the look at its row and at its file.
            raise LibraryError(
                f"The analysis of {entry.title!r} cannot be read: {str(error).rstrip('.')}.", "Analyse its film again."
            ) from error

    def load_latest(self, cut_id: str) -> Analysis:
        """Load the analysis of a cut, or the draft of one that is still on its way.

        Args:
            cut_id: as in `find_cut`; whole for a draft.

        Raises:
            LibraryError: there is neither.
        """
        try:
            return self.load_analysis(cut_id)
        except LibraryError:
            draft = self.find_parts(cut_id).load_draft()
            if draft is None:
                raise
            return draft

    def find_parts(self, cut_id: str) -> Parts:
        """Return where the finished parts of a cut's analysis are kept until it is complete."""
        return Parts(self.settings, cut_id)

    def find_stills(self, cut_id: str) -> Stills:
        """Return the stills of a cut, or where they will be."""
        return Stills(self.settings, cut_id)

    def find_previews(self, cut_id: str) -> Previews:
        """Return the previews of a cut's trailers, or where they will be."""
        return Previews(self.settings, cut_id)

    def find_proxy(self, cut_id: str) -> StoredProxy:
        """Return the light copy of a cut's film, or where it will be."""
        return StoredProxy(self.settings, cut_id)

    def find_fingerprint(self, cut_id: str) -> StoredFingerprint:
        """Return what a cut is known again by, or where it will be."""
        return StoredFingerprint(self.settings, cut_id)

    def find_encodings(self, cut_id: str) -> StoredEncodings:
        """Return what optional encoders made of a cut, or where it will be."""
        return StoredEncodings(self.settings, cut_id)

    def find_film(self, cut_id: str) -> Path:
        """Return the media file of a cut, or of one that is still being analysed.

        Args:
            cut_id: the cut's whole id.

        Raises:
            LibraryError: there is no such cut.
        """
        if known := self._read_cuts(CUTS.c.id == cut_id):
            return known[0].path
        job = next((job for job in self.jobs.list_jobs() if job.state in UNFINISHED and job.cut_id == cut_id), None)
        return self.find_cut(cut_id).path if job is None else job.path

    def save_analysis(self, analysis: Analysis) -> None:
        """Save an analysis, whole or not at all; it replaces an older one of the same cut.

        Args:
            analysis: what to save.

        Raises:
            LibraryError: the title or a path is not valid Unicode, or there is no room.
        """
        cut = analysis.cut
        row = {
            "title": check_text(cut.title),
            "path": path_to_text(cut.path),
            "transcript": path_to_text(cut.transcript_path),
            "duration_s": float(cut.duration_s),
            "streams": ",".join(cut.streams),
        }
        with self._written(analysis) as (connection, values):
            replaced = _select_media(connection, cut.cut_id)
            if replaced:
                values |= row | self.projects.follow_title(connection, cut.cut_id, cut.title)
                connection.execute(update(CUTS).where(CUTS.c.id == cut.cut_id).values(values))
                self.projects.drop_empty(connection)
            else:
                values |= row | self.projects.next_version(connection, cut.title)
                connection.execute(insert(CUTS).values(id=cut.cut_id, added_at=now_as_text(), **values))
            self.audit.record_action(connection, "analysed again" if replaced else "analysed", cut.cut_id, cut.title)
        for path in replaced:
            self.jobs.discard_media(path)

    def set_start_timecode(self, cut_id: str, timecode: str) -> None:
        """Give a cut another start timecode; everything else of its analysis stays.

        Args:
            cut_id: as in `find_cut`.
            timecode: the label of its first frame, `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

        Raises:
            LibraryError: as `load_analysis`.
            TimecodeError: the cut's rate never shows such a label.
        """
        analysis = self.load_analysis(cut_id)
        start = check_start_timecode(timecode, analysis.cut.label_rate)
        changed = replace(analysis, cut=replace(analysis.cut, start_timecode=start))
        with self._written(changed) as (connection, values):
            # Not saved as a new analysis: a cut that was removed meanwhile must not come back.
            connection.execute(update(CUTS).where(CUTS.c.id == analysis.cut.cut_id).values(values))
            self.audit.record_action(connection, "start timecode", analysis.cut.cut_id, start)

    def remove_cut(self, cut_id: str) -> None:
        """Forget a cut, and delete its media where they were uploaded; a file anywhere else is never touched.

        Args:
            cut_id: as in `find_cut`.

        Raises:
            LibraryError: there is no such cut.
        """
        entry = self.find_cut(cut_id)
        with self.engine.begin() as connection:
            removed, name = _select_media(connection, entry.id), _select_analysis(connection, entry.id)
            connection.execute(delete(CUTS).where(CUTS.c.id == entry.id))
            for table in OF_A_CUT:
                connection.execute(delete(table).where(table.c.cut_id == entry.id))
            self.projects.drop_empty(connection)
            self.audit.record_action(connection, "removed", entry.id, entry.title)
        self.jobs.drop_cut(entry.id)
        self._discard_analysis(name)
        for path in removed:
            self.jobs.discard_media(path)
        self.find_parts(entry.id).discard_unless_held()
        self.find_stills(entry.id).discard()
        self.find_previews(entry.id).discard()
        self.find_proxy(entry.id).discard()
        self.find_fingerprint(entry.id).discard()
        self.find_encodings(entry.id).discard()

    def _read_cuts(self, condition: ColumnElement[bool]) -> list[CutEntry]:
        """Read the rows of some cuts with their projects and tags."""
        query = select(CUTS, PROJECTS.c.name.label("project")).join_from(
            CUTS, PROJECTS, CUTS.c.project_id == PROJECTS.c.id
        )
        tags = defaultdict(list)
        with reading(self.engine).begin() as connection:
            rows = (
                connection.execute(query.where(condition).order_by(CUTS.c.added_at.desc(), CUTS.c.id)).mappings().all()
            )
            for tag in connection.execute(select(TAGS).where(TAGS.c.cut_id.in_(select(CUTS.c.id).where(condition)))):
                tags[tag.cut_id].append(tag.tag)
        return [row_to_cut(row, tuple(sorted(tags[row["id"]]))) for row in rows]

    @contextlib.contextmanager
    def _written(self, analysis: Analysis) -> Iterator[tuple[Connection, dict[str, Any]]]:
        """Write an analysis to a new file, and begin the transaction whose row is to name it.

        Yields:
            The transaction, and what the row says of the file. Once it is committed, the file before is deleted; if no
            row has come to name the new one, that is.
        """
        block, cut_id = analysis_to_bytes(analysis), analysis.cut.cut_id
        name = self.analyses.write(cut_id, block)
        values = {
            "format": FORMAT,
            "provenance": json.dumps(dict(analysis.provenance), sort_keys=True),
            "analysis": name,
            "digest": hashlib.sha256(block).hexdigest(),
        }
        with self.engine.begin() as connection:
            before = _select_analysis(connection, cut_id)
            try:
                yield connection, values
            except BaseException:
                self.analyses.discard(
                    name
                )  # Not if the end of the transaction fails: whether it holds is not known then.
                raise
            kept = _select_analysis(connection, cut_id) == name
        self._discard_analysis(before if kept else name)

    def _discard_analysis(self, name: str) -> None:
        """Delete the file of an analysis, if there is one."""
        if name:
            self.analyses.discard(name)


def open_library(settings: Settings) -> Library:
    """Open this machine's library, making the home and an empty database where they are missing.

    Args:
        settings: this machine's settings.

    Raises:
        LibraryError: it cannot be opened.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The home {settings.home} cannot be made: {error.strerror}.",
            "Set THROUGHLINE_HOME to a folder you may write to.",
        ) from error
    analyses = AnalysisFiles(settings.analyses)
    return Library(open_engine(settings.database, analyses), analyses, settings)


def _select_media(connection: Connection, cut_id: str) -> list[Path]:
    """The film and the transcript of a cut; empty if there is no such cut."""
    rows = connection.execute(select(CUTS.c.path, CUTS.c.transcript).where(CUTS.c.id == cut_id))
    return [Path(path) for row in rows for path in row if path]


def _select_analysis(connection: Connection, cut_id: str) -> str:
    """The name of the file of a cut's analysis; empty if there is none."""
    return connection.execute(select(CUTS.c.analysis).where(CUTS.c.id == cut_id)).scalar() or ""
