"""Two cuts of the library compared: what the command line and the pages ask for, and what is written of it."""

import json
from pathlib import Path
from typing import Any

from pipeline.compare import compare_cuts
from pipeline.comparison import Consequence, FingerprintedCut, Levels, Passage
from pipeline.consequences import judge_changes
from pipeline.errors import ExportError, LibraryError
from pipeline.export.change_edl import render_change_edl
from pipeline.export.change_list import make_change_list
from pipeline.export.change_otio import render_change_otio
from pipeline.export.changes import describe_change_span, render_aligned_csv, render_changes_csv
from pipeline.types import Analysis
from studio.folder import write_files
from studio.report import render_report
from studio.store import Library


def compare_analyses(library: Library, a: Analysis, b: Analysis) -> Consequence:
    """Compare two cuts that are in the library.

    Args:
        library: where their fingerprints are.
        a: the first cut's analysis.
        b: the second's.

    Returns:
        What changed and what it did.

    Raises:
        LibraryError: the library has no fingerprint of one of them.
    """
    comparison = compare_cuts(_find_fingerprint(library, a), _find_fingerprint(library, b))
    return judge_changes(comparison, a, b)


def write_comparison(library: Library, consequence: Consequence, a: Analysis, b: Analysis, folder: Path) -> list[Path]:
    """Write comparison.json and what `render_files` renders into a folder, all of them or none.

    Args:
        library: where the cuts' stills are.
        consequence: what changed and what it did.
        a: the first cut's analysis.
        b: the second's.
        folder: where to write; made where it is missing.

    Returns:
        The files.

    Raises:
        FilmError: the folder cannot be written.
    """
    described = json.dumps(describe_comparison(consequence, a, b), ensure_ascii=False, indent=2) + "\n"
    texts = {"comparison.json": described, **render_files(library, consequence, a, b)[0]}
    return write_files({name: text.encode() for name, text in texts.items()}, folder)


def render_files(
    library: Library, consequence: Consequence, a: Analysis, b: Analysis
) -> tuple[dict[str, str], dict[str, ExportError]]:
    """Render what a person takes away from a comparison.

    Args:
        library: where the cuts' stills are.
        consequence: what changed and what it did.
        a: the first cut's analysis.
        b: the second's.

    Returns:
        By the names of their files, tables, a report and the list of changes for editing programs; and for each file that
        cannot hold these cuts, why.
    """
    stills = (library.find_stills(a.cut.cut_id), library.find_stills(b.cut.cut_id))
    changes = make_change_list(consequence, a.cut, b.cut)
    texts = {
        "changes.csv": render_changes_csv(consequence),
        "aligned.csv": render_aligned_csv(consequence),
        "comparison.html": render_report(consequence, a, b, stills=stills),
        "changes.otio": render_change_otio(changes),
    }
    try:
        texts["changes.edl"] = render_change_edl(changes)
    except ExportError as error:
        return texts, {"changes.edl": error}
    return texts, {}


def describe_comparison(consequence: Consequence, a: Analysis, b: Analysis) -> dict[str, Any]:
    """Return a comparison as JSON types: the cuts, the changes with what they did, passages gone and new, and sentences."""
    comparison = consequence.comparison
    return {
        "a": {"id": a.cut.cut_id, "title": a.cut.title, "duration_s": float(a.cut.duration_s)},
        "b": {"id": b.cut.cut_id, "title": b.cut.title, "duration_s": float(b.cut.duration_s)},
        "speed": str(comparison.speed),
        "sentences": list(consequence.sentences),
        "changes": [
            {
                **describe_change_span(effect.change),
                "sentence": effect.sentence,
                "is_within_band": effect.is_within_band("tension"),
                "differences": _drop_unknown(effect.differences),
                "bands": _drop_unknown(effect.bands),
                "before": _describe_levels(effect.before),
                "inside": _describe_levels(effect.inside),
                "after": _describe_levels(effect.after),
            }
            for effect in consequence.effects
        ],
        "matches": [
            {
                "kind": match.kind,
                "a_start_s": match.a_start_s,
                "a_end_s": match.a_end_s,
                "b_start_s": match.b_start_s,
                "b_end_s": match.b_end_s,
            }
            for match in comparison.matches
        ],
        "gone": [_describe_passage(passage) for passage in consequence.gone],
        "new": [_describe_passage(passage) for passage in consequence.new],
        "shortened": [
            {"was": _describe_passage(old), "is": _describe_passage(left)} for old, left in consequence.shortened
        ],
    }


def _find_fingerprint(library: Library, analysis: Analysis) -> FingerprintedCut:
    """Find what a cut is known again by."""
    fingerprint = library.find_fingerprint(analysis.cut.cut_id).read()
    if fingerprint is None:
        raise LibraryError(
            f"{analysis.cut.title!r} cannot be compared: what it is known again by is not kept.",
            "Remove it from the library, and analyse its film again.",
        )
    return FingerprintedCut(cut=analysis.cut, fingerprint=fingerprint)


def _describe_levels(levels: Levels) -> dict[str, Any]:
    """Return levels as JSON types; what is not known is null."""
    paces = _drop_unknown({"a": levels.a_pace, "b": levels.b_pace})
    return {"a": _drop_unknown(levels.a), "b": _drop_unknown(levels.b), "pace": paces}


def _drop_unknown(values: Any) -> dict[str, float | None]:
    """Turn numbers that are none into null, which JSON knows."""
    return {name: None if value != value else float(value) for name, value in values.items()}


def _describe_passage(passage: Passage) -> dict[str, Any]:
    """Return a passage as JSON types."""
    return {"kind": passage.kind, "start_s": passage.start_s, "end_s": passage.end_s, "level": passage.level}
