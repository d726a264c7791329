"""What people have decided about the cuts of the library: their moments, and their trailers with every edit."""

import contextlib

from sqlalchemy import Engine, delete, insert, select

from studio.choices import MomentChoices, choices_to_text, text_to_choices
from studio.database import reading
from studio.schema import CUTS, DECISIONS
from studio.trailer_work import TrailerWork, text_to_work, work_to_text

MOMENTS = "moments"


class Decisions:
    """What a person has decided about each cut.

    What no version of today can read counts as not decided: it must not stand in the way of the film.

    Args:
        engine: the library's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load_choices(self, cut_id: str) -> MomentChoices:
        """Load what is wanted of a cut's moments; the default where nobody has decided.

        Args:
            cut_id: the cut's whole id.
        """
        text = self._load(cut_id, MOMENTS)
        with contextlib.suppress(ValueError):
            return MomentChoices() if text is None else text_to_choices(text)
        return MomentChoices()

    def save_choices(self, cut_id: str, choices: MomentChoices) -> None:
        """Keep what is wanted of a cut's moments, unless the cut was removed meanwhile.

        Args:
            cut_id: the cut's whole id.
            choices: all of it.
        """
        self._save(cut_id, MOMENTS, choices_to_text(choices))

    def load_work(self, cut_id: str, template: str) -> TrailerWork | None:
        """Load the trailer that a person has at work, with its edits; None where there is none.

        Args:
            cut_id: the cut's whole id.
            template: the name of its template.
        """
        text = self._load(cut_id, _name_work(template))
        with contextlib.suppress(ValueError):
            return None if text is None else text_to_work(text)
        return None

    def save_work(self, cut_id: str, work: TrailerWork) -> None:
        """Keep a trailer at work, unless the cut was removed meanwhile.

        Args:
            cut_id: the cut's whole id.
            work: all of it; it replaces the one of the same template.
        """
        self._save(cut_id, _name_work(work.trailer.template), work_to_text(work))

    def _load(self, cut_id: str, kind: str) -> str | None:
        """Load one document."""
        query = select(DECISIONS.c.document).where(DECISIONS.c.cut_id == cut_id, DECISIONS.c.kind == kind)
        with reading(self._engine).begin() as connection:
            document: str | None = connection.execute(query).scalar()
            return document

    def _save(self, cut_id: str, kind: str, document: str) -> None:
        """Replace one document."""
        with self._engine.begin() as connection:
            connection.execute(delete(DECISIONS).where(DECISIONS.c.cut_id == cut_id, DECISIONS.c.kind == kind))
            if connection.execute(select(CUTS.c.id).where(CUTS.c.id == cut_id)).first() is not None:
                connection.execute(insert(DECISIONS).values(cut_id=cut_id, kind=kind, document=document))


def _name_work(template: str) -> str:
    """The kind of document that holds the trailer of a template."""
    return f"trailer:{template}"
