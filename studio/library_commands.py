"""The commands that begin with `library`: seeing what is kept, saying something of it, looking after it."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import LibraryError
from studio.entries import CutEntry
from studio.progress import seconds_to_words
from studio.provenance import list_old
from studio.settings import Settings
from studio.store import Library, open_library

# Whatever only some commands need is imported inside them.


def list_library(options: Namespace, settings: Settings) -> None:
    """List the cuts of the library, the versions of a title together."""
    everything = open_library(settings).list_cuts()
    old = {cut.id for cut in list_old(everything, settings.curves)}
    cuts = [cut for cut in everything if not options.old or cut.id in old]
    if options.tag is not None:
        cuts = [cut for cut in cuts if options.tag.casefold() in cut.tags]
    if options.json:
        print_json([describe_cut(entry, settings.curves) for entry in cuts])
        return
    for project in dict.fromkeys(cut.project for cut in cuts):
        for cut in sorted((cut for cut in cuts if cut.project == project), key=lambda cut: cut.position):
            marks = [
                cut.version,
                *(f"#{tag}" for tag in cut.tags),
                *(["old: analyse it again"] if cut.id in old else []),
            ]
            title = cut.title if cut.title == project else f"{project}: {cut.title}"
            print(f"{cut.id}  {seconds_to_words(cut.duration_s):>8}  {title}  ({', '.join(marks)})")
    if not everything:
        print("The library is empty. Put a film in with: python -m studio analyse FILM", file=sys.stderr)


def show_library(options: Namespace, settings: Settings) -> None:
    """Show what the library knows of one cut, what people noted at it, and who did what to it."""
    library = open_library(settings)
    entry = library.find_cut(options.id)
    analysis = library.load_analysis(entry.id)
    noted: list[dict[str, Any]] = [
        {
            "id": note.id,
            "timecode": analysis.cut.timecode(note.at_s),
            "at_s": note.at_s,
            "text": note.text,
            "person": note.person,
        }
        for note in library.remarks.list_notes(entry.id)
    ]
    history: list[dict[str, str]] = [
        {"at": done.at.isoformat(), "person": done.person, "action": done.action, "details": done.details}
        for done in library.audit.list_actions(entry.id)
    ]
    values = {
        **describe_cut(entry, settings.curves),
        "notes": list(analysis.notes),
        "provenance": dict(analysis.provenance),
    }
    if options.json:
        print_json({**values, "noted": noted, "history": history})
        return
    values["provenance"] = [f"{name} {version}" for name, version in analysis.provenance.items()]
    for name, value in values.items():
        print(f"{name:>12}  {', '.join(value) if isinstance(value, list) else value}")
    for note in noted:
        print(f"{'noted':>12}  {note['timecode']}  {note['text']}  ({note['person']}, {note['id'][:6]})")
    for done in history:
        print(f"{'history':>12}  {done['at'][:19]}  {done['person']}: {done['action']} {done['details']}".rstrip())


def set_version(options: Namespace, settings: Settings) -> None:
    """Say which version of which title a cut is, and where it stands among the others."""
    if options.name is None and options.of is None and options.position is None:
        raise LibraryError("Nothing is said of the version.", "Give its name, --of TITLE or --position N.")
    library = open_library(settings)
    entry = library.find_cut(options.id)
    library.projects.set_version(entry.id, version=options.name, project=options.of, position=options.position)
    _tell(options, library, entry, lambda cut: f"{cut.title} ({cut.id}) is {cut.version} of {cut.project}.")


def note_instant(options: Namespace, settings: Settings) -> None:
    """Note something at an instant of a cut, or take a note away."""
    from studio.remarks import timecode_to_instant

    library = open_library(settings)
    entry = library.find_cut(options.id)
    if options.remove:
        library.remarks.remove_note(entry.id, options.text)
        _tell(options, library, entry, lambda cut: f"Took a note off {cut.title}.")
        return
    at_s = timecode_to_instant(library.load_analysis(entry.id).cut, options.at)
    library.remarks.add_note(entry.id, at_s, options.text)
    _tell(options, library, entry, lambda cut: f"Noted at {options.at} of {cut.title}.")


def tag_cut(options: Namespace, settings: Settings) -> None:
    """Put tags on a cut, or take them off."""
    library = open_library(settings)
    entry = library.find_cut(options.id)
    change = library.remarks.remove_tags if options.remove else library.remarks.add_tags
    change(entry.id, options.tags)
    _tell(options, library, entry, lambda cut: f"{cut.title}: {', '.join(cut.tags) or 'no tags'}")


def remove_library(options: Namespace, settings: Settings) -> None:
    """Remove cuts from the library."""
    library = open_library(settings)
    entries = [library.find_cut(cut_id) for cut_id in options.ids]
    for entry in entries:
        library.remove_cut(entry.id)
    if options.json:
        print_json([describe_cut(entry, settings.curves) for entry in entries])
        return
    for entry in entries:
        print(f"Removed {entry.title} ({entry.id}).")


def purge_everything(options: Namespace, settings: Settings) -> None:
    """Delete everything the library holds."""
    from studio.upkeep import purge_library

    library = open_library(settings)
    count = len(library.list_cuts())
    if not options.yes:
        raise LibraryError(
            f"This deletes all {count} cuts of the library, with every note and rating, every uploaded film, its history, and "
            "the weights that were fitted to ratings.",
            "If that is meant, add --yes. Films elsewhere on this machine stay.",
        )
    purge_library(library)
    if options.json:
        print_json({"removed": count})
        return
    print(f"Deleted {count} cuts and all that belonged to them.")


def check_everything(options: Namespace, settings: Settings) -> None:
    """Find what was left behind or lost, and mend it."""
    from studio.upkeep import check_library

    library = open_library(settings)
    findings = check_library(library, mend=not options.dry_run)
    if options.json:
        print_json([vars(finding) for finding in findings])
        return
    for finding in findings:
        print(f"{finding.what}: {finding.fault}" + (f"; {finding.mended}" if finding.mended else ""))
    print(f"{len(library.list_cuts())} cuts, {len(findings)} findings", file=sys.stderr)


def back_up(options: Namespace, settings: Settings) -> None:
    """Write everything the library holds into one archive."""
    from studio.backup import back_up_library

    report = back_up_library(open_library(settings), options.file, films=options.films)
    if options.json:
        paths = {name: [str(path) for path in getattr(report, name)] for name in ("left_out", "missing")}
        print_json({**vars(report), **paths, "file": str(options.file)})
        return
    print(f"{options.file}: {report.cuts} cuts, {report.files} files, {report.size_bytes / 1e6:.1f} MB")
    if report.left_out:
        size = f"{report.left_out_bytes / 1e6:.1f} MB"
        print(f"Left out: films and subtitles of {size} (--all-films takes all that lie on this machine)")
    for path in report.left_out:
        print(f"  left out: {path}")
    for path in report.missing:
        print(f"  not there, and so not in it: {path}")


def restore(options: Namespace, settings: Settings) -> None:
    """Put back what an archive holds."""
    from studio.backup import restore_library

    count = restore_library(open_library(settings), options.file)
    if options.json:
        print_json({"cuts": count})
        return
    print(f"{count} cuts are back.")


COMMANDS: Mapping[str, Callable[[Namespace, Settings], None]] = {
    "library list": list_library,
    "library show": show_library,
    "library version": set_version,
    "library note": note_instant,
    "library tag": tag_cut,
    "library remove": remove_library,
    "library purge": purge_everything,
    "library check": check_everything,
    "library backup": back_up,
    "library restore": restore,
}


def describe_cut(entry: CutEntry, curves: Path) -> dict[str, Any]:
    """What people and scripts are told of a cut.

    Args:
        entry: the cut.
        curves: the weights of the curves that the settings choose.
    """
    return {
        "id": entry.id,
        "title": entry.title,
        "project": entry.project,
        "version": entry.version,
        "path": str(entry.path),
        "duration_s": entry.duration_s,
        "added_at": entry.added_at.isoformat(),
        "streams": list(entry.streams),
        "tags": list(entry.tags),
        "old": bool(list_old([entry], curves)),
    }


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _tell(options: Namespace, library: Library, entry: CutEntry, say: Callable[[CutEntry], str]) -> None:
    """Print what a cut has become, for a program or in words."""
    cut = library.find_cut(entry.id)
    if options.json:
        print_json(describe_cut(cut, library.settings.curves))
        return
    print(say(cut))
