"""The commands that begin with `ratings`: who rated what, and tables of ratings in and out."""

from argparse import Namespace
from collections.abc import Callable, Mapping

from pipeline.ratings import measure_agreement, series_to_ratings
from studio.library_commands import print_json
from studio.settings import Settings
from studio.store import open_library

# Whatever only some commands need is imported inside them.


def list_ratings(options: Namespace, settings: Settings) -> None:
    """List who rated what, and how far the raters of each curve agree."""
    library = open_library(settings)
    entries = library.ratings.list_ratings()
    agreements = []
    for cut_id, curve in dict.fromkeys((entry.cut_id, entry.curve) for entry in entries):
        seconds = library.find_cut(cut_id).seconds
        ratings = series_to_ratings(library.ratings.load_ratings(cut_id), curve, seconds)
        agreements.append({"cut_id": cut_id, "curve": curve, **vars(measure_agreement(ratings))})
    if options.json:
        print_json({"ratings": [vars(entry) for entry in entries], "agreement": agreements})
        return
    for entry in entries:
        share = entry.seconds / max(entry.duration_s, 1)
        print(f"{entry.cut_id}  {entry.curve:>8}  {entry.seconds:>6} s ({share:.0%})  {entry.rater}  of {entry.title}")
    for each in agreements:
        if each["mean_r"] is not None:
            alpha = "" if each["alpha"] is None else f", Cronbach's alpha {each['alpha']:.2f}"
            print(f"{each['cut_id']}  {each['curve']:>8}  the raters agree at r {each['mean_r']:.2f}{alpha}")
    if not entries:
        print("Nobody has rated anything yet. Rate in the app, or: python -m studio ratings import CSV")


def import_ratings(options: Namespace, settings: Settings) -> None:
    """Keep the ratings of tables: all of them, or none where a row makes no sense."""
    from pipeline.export.rating_table import TableOptions
    from studio.rating_import import parse_table, read_scale, read_table_file

    library = open_library(settings)
    scale = None if options.scale is None else read_scale(options.scale)
    cut = None if options.cut is None else library.find_cut(options.cut).id
    wanted = TableOptions(cut=cut, curve=options.curve, scale=scale)
    series = [each for path in options.files for each in parse_table(library, read_table_file(path), path.name, wanted)]
    library.ratings.import_ratings(series)
    if options.json:
        kept = [(each.cut_id, each.curve, each.rater, len(each.values)) for each in series]
        print_json([dict(zip(("cut_id", "curve", "rater", "seconds"), row, strict=True)) for row in kept])
        return
    for each in series:
        print(f"{each.cut_id}  {each.curve:>8}  {len(each.values):>6} s  {each.rater}")


def export_ratings(options: Namespace, settings: Settings) -> None:
    """Write the ratings of a cut as a table, to a file or to standard output."""
    from pipeline.export.rating_table import render_rating_table
    from studio.folder import write_file

    library = open_library(settings)
    analysis = library.load_analysis(options.id)
    text = render_rating_table(analysis.cut, library.ratings.load_ratings(analysis.cut.cut_id, options.rater))
    if options.out is None:
        print(text, end="")
        return
    write_file(text, options.out)
    if options.json:
        print_json({"files": [str(options.out)]})


def remove_ratings(options: Namespace, settings: Settings) -> None:
    """Delete what a person rated of a cut."""
    library = open_library(settings)
    entry = library.find_cut(options.id)
    count = library.ratings.remove_ratings(entry.id, options.rater, options.curve)
    if options.json:
        print_json({"cut_id": entry.id, "seconds": count})
        return
    print(f"Deleted {count} seconds of {options.rater}'s ratings of {entry.title}.")


COMMANDS: Mapping[str, Callable[[Namespace, Settings], None]] = {
    "ratings list": list_ratings,
    "ratings import": import_ratings,
    "ratings export": export_ratings,
    "ratings remove": remove_ratings,
}
