"""The ratings that people gave, as the database keeps them: a row a second, written the moment it was watched."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select

from pipeline.errors import LibraryError
from pipeline.ratings import RatingSeries
from studio.audit import Audit
from studio.database import reading
from studio.entries import instant_as_text
from studio.schema import AUDIT, CUTS, RATINGS

SITTING = timedelta(hours=1)
"""Batches of one rater that follow within this time are one line of the record of who did what."""

DELETE_AT_ONCE = 500
"""Databases bound how many values a statement may name."""


@dataclass(frozen=True, kw_only=True)
class RatingEntry:
    """What a list says of one person's ratings.

    Attributes:
        cut_id: the cut.
        title: what it is called.
        curve: one of `CURVES`.
        rater: the person's name.
        seconds: how many seconds are rated.
        duration_s: of the cut, seconds.
    """

    cut_id: str
    title: str
    curve: str
    rater: str
    seconds: int
    duration_s: float


class RatingRows:
    """Everybody's ratings of the cuts of the library; they outlive a new analysis of a cut, and go with the cut.

    Args:
        engine: the library's database.
        audit: where it is noted who did what.
    """

    def __init__(self, engine: Engine, audit: Audit) -> None:
        self._engine = engine
        self._audit = audit

    def save_ratings(self, series: RatingSeries) -> None:
        """Keep what a person has just rated; of a second that was rated before, the new value counts.

        Args:
            series: what was rated, its names and values checked.

        Raises:
            LibraryError: there is no such cut any more, or it ends before a second that was rated.
        """
        with self._engine.begin() as connection:
            _replace_seconds(connection, series)
            details = f"{series.curve}, by {series.rater}"
            if not self._is_sitting_known(connection, series.cut_id, details):
                self._audit.record_action(connection, "rated", series.cut_id, details)

    def import_ratings(self, series: Sequence[RatingSeries]) -> None:
        """Keep the ratings of a table, all or none; of a second that was rated before, the new value counts.

        Args:
            series: what was rated, its names and values checked.

        Raises:
            LibraryError: as `save_ratings`.
        """
        with self._engine.begin() as connection:
            for each in series:
                _replace_seconds(connection, each)
                details = f"{each.curve}, by {each.rater}, {len(each.values)} seconds"
                self._audit.record_action(connection, "ratings imported", each.cut_id, details)

    def load_ratings(self, cut_id: str, rater: str | None = None) -> list[RatingSeries]:
        """Load the ratings of a cut.

        Args:
            cut_id: the cut's whole id.
            rater: only those of this person.
        """
        query = select(RATINGS).where(RATINGS.c.cut_id == cut_id)
        if rater is not None:
            query = query.where(RATINGS.c.rater == rater)
        found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
        with reading(self._engine).begin() as connection:
            for row in connection.execute(query.order_by(RATINGS.c.second)):
                found[row.curve, row.rater][row.second] = row.value
        return [
            RatingSeries(cut_id=cut_id, curve=curve, rater=name, values=values)
            for (curve, name), values in found.items()
        ]

    def list_ratings(self) -> list[RatingEntry]:
        """List who rated what, by title, curve and rater."""
        names = (RATINGS.c.cut_id, CUTS.c.title, RATINGS.c.curve, RATINGS.c.rater)
        query = (
            select(*names, func.count().label("seconds"), CUTS.c.duration_s)
            .join_from(RATINGS, CUTS, RATINGS.c.cut_id == CUTS.c.id)
            .group_by(*names, CUTS.c.duration_s)
            .order_by(CUTS.c.title, *names)
        )
        with reading(self._engine).begin() as connection:
            return [RatingEntry(**row) for row in connection.execute(query).mappings()]

    def remove_ratings(self, cut_id: str, rater: str, curve: str | None = None) -> int:
        """Delete what a person rated of a cut.

        Args:
            cut_id: the cut's whole id.
            rater: the person's name.
            curve: only of this curve.

        Returns:
            How many seconds are gone.

        Raises:
            LibraryError: there were none.
        """
        rows = delete(RATINGS).where(RATINGS.c.cut_id == cut_id, RATINGS.c.rater == rater)
        with self._engine.begin() as connection:
            count: int = connection.execute(rows if curve is None else rows.where(RATINGS.c.curve == curve)).rowcount
            if not count:
                what = "nothing" if curve is None else f"no {curve}"
                raise LibraryError(f"{rater!r} rated {what} of this cut.", "`ratings list` tells who rated what.")
            self._audit.record_action(connection, "ratings removed", cut_id, f"{curve or 'all curves'}, by {rater}")
        return count

    def _is_sitting_known(self, connection: Connection, cut_id: str, details: str) -> bool:
        """Whether the record has a line of this sitting already: it is written to every few seconds."""
        since = instant_as_text(datetime.now(UTC) - SITTING)
        same = {"person": self._audit.person, "action": "rated", "cut_id": cut_id, "details": details}
        lines = select(AUDIT.c.id).filter_by(**same).where(AUDIT.c.at > since)
        return connection.execute(lines).first() is not None


def _check_seconds(values: Mapping[int, float], duration_s: float) -> None:
    """Refuse seconds that a cut does not have.

    Raises:
        LibraryError: it ends before one of them.
    """
    seconds = math.ceil(duration_s)
    if values and not 0 <= min(values) <= max(values) < seconds:
        raise LibraryError(f"The cut has {seconds} seconds, and others were rated.", "Rate the cut as it is now.")


def _replace_seconds(connection: Connection, series: RatingSeries) -> None:
    """Write some seconds in the place of what was there."""
    duration_s = connection.execute(select(CUTS.c.duration_s).where(CUTS.c.id == series.cut_id)).scalar()
    if duration_s is None:
        raise LibraryError(f"In the library, no cut has the id {series.cut_id!r}.", "List the cuts to see their ids.")
    _check_seconds(series.values, duration_s)
    key = {"cut_id": series.cut_id, "curve": series.curve, "rater": series.rater}
    seconds = sorted(series.values)
    rows = delete(RATINGS).where(*(RATINGS.c[name] == value for name, value in key.items()))
    for first in range(0, len(seconds), DELETE_AT_ONCE):
        connection.execute(rows.where(RATINGS.c.second.in_(seconds[first : first + DELETE_AT_ONCE])))
    if seconds:
        connection.execute(
            insert(RATINGS), [{**key, "second": second, "value": series.values[second]} for second in seconds]
        )
