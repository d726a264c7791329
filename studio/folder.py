"""Analyses written out as files: whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import FilmError
from pipeline.export.tables import render_curves_csv, render_segments_csv, render_shots_csv
from pipeline.types import Analysis
from studio.blob import describe_analysis


def render_json(analysis: Analysis) -> str:
    """Write what is known of a cut as JSON: the cut, its segments, lines, notes, and what made the analysis."""
    return json.dumps(describe_analysis(analysis), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_analysis(analysis: Analysis, folder: Path) -> list[Path]:
    """Write curves.csv, shots.csv, segments.csv, analysis.json and curves.html into a folder.

    All of them are complete before the first one appears; older ones are replaced.

    Args:
        analysis: the analysis.
        folder: where to write; made where it is missing.

    Returns:
        The files.

    Raises:
        FilmError: the folder cannot be written.
    """
    from studio.ui.charts import chart_html

    texts = {
        "curves.csv": render_curves_csv(analysis),
        "shots.csv": render_shots_csv(analysis),
        "segments.csv": render_segments_csv(analysis),
        "analysis.json": render_json(analysis),
        "curves.html": chart_html(analysis),
    }
    return write_files({name: text.encode() for name, text in texts.items()}, folder)


def write_file(text: str, path: Path) -> None:
    """Write one text file, whole or not at all, replacing an older one.

    Args:
        text: what to write, in UTF-8.
        path: the file; its folder is made where it is missing.

    Raises:
        FilmError: it cannot be written.
    """
    if path.is_dir():
        raise FilmError(f"{str(path)!r} is a folder.", "Choose the name of a file.")
    write_files({path.name: text.encode()}, path.parent)


def write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder, all of them complete before the first one appears; older ones are replaced.

    Args:
        files: what to write, by name.
        folder: where to; made where it is missing.

    Returns:
        The files' paths.

    Raises:
        FilmError: the folder cannot be written.
    """
    with draft_folder(folder) as draft:
        for name, block in files.items():
            (draft / name).write_bytes(block)
        for name in files:
            (draft / name).replace(folder / name)
    return [folder / name for name in files]


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder inside another to write drafts in, and remove it in the end.

    Args:
        folder: the folder, made where it is missing, and removed again if nothing comes to lie in it. The draft lies
            inside it, so that moving a file out is one step.

    Yields:
        The draft folder.

    Raises:
        FilmError: the folder cannot be written.
    """
    draft, is_new = None, not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
        yield draft
    except OSError as error:
        raise FilmError(
            f"Files cannot be written to {str(folder)!r}: {error.strerror or error}.",
            "Choose another folder with --out.",
        ) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # It holds files now.
                folder.rmdir()
