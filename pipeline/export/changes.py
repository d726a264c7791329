"""Tables of a comparison as CSV text: what changed, and both cuts' curves on one clock."""

import math

from pipeline.comparison import Change, Consequence
from pipeline.export.tables import write_decimal, write_table

EDGES = ("a_start_s", "a_end_s", "b_start_s", "b_end_s")


def render_changes_csv(consequence: Consequence) -> str:
    """Write the changes in order of the first cut.

    The columns: `kind`; where it is in both cuts, `a_start_s`, `a_end_s`, `b_start_s`, `b_end_s` (of what was removed, the
    place in the second cut where it is missing); for each curve `NAME_change` and `NAME_band`, the mean of the second cut
    around and inside the change less the first's, and what it must exceed to say anything; `pace_change`, shots a minute.

    Args:
        consequence: what the edit did.

    Returns:
        A line for each change.
    """
    names = consequence.aligned.names
    header = ["kind", *EDGES, *(f"{name}_{word}" for name in names for word in ("change", "band")), "pace_change"]
    rows = []
    for effect in consequence.effects:
        figures = [figure for name in names for figure in (effect.differences[name], effect.bands[name])]
        edges = [getattr(effect.change, edge) for edge in EDGES]
        rows.append([effect.change.kind, *map(_write_known, [*edges, *figures, effect.pace_difference])])
    return write_table(header, rows)


def render_aligned_csv(consequence: Consequence) -> str:
    """Write both cuts' curves, a row a second of the common clock.

    The columns: `second`, `kind`, `a_s` and `b_s` (the instant in each cut, empty where it has none), then for each curve
    `NAME_a` and `NAME_b`.

    Args:
        consequence: what the edit did.

    Returns:
        M + 1 lines of text.
    """
    aligned = consequence.aligned
    header = ["second", "kind", "a_s", "b_s", *(f"{name}_{cut}" for name in aligned.names for cut in "ab")]
    rows = []
    for t, kind in enumerate(aligned.kinds):
        values = [
            value for column in range(len(aligned.names)) for value in (aligned.a[t, column], aligned.b[t, column])
        ]
        rows.append([str(t), kind, *map(_write_known, [aligned.a_s[t], aligned.b_s[t], *values])])
    return write_table(header, rows)


def describe_change_span(change: Change) -> dict[str, float | str]:
    """Return a change as JSON types."""
    return {"kind": change.kind, **{edge: getattr(change, edge) for edge in EDGES}}


def _write_known(number: float) -> str:
    """Write a number; nothing where there is none."""
    return "" if math.isnan(number) else write_decimal(number)
