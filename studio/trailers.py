"""A trailer of an analysis: put together, previewed, checked before delivery, and told to a person or a script."""

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.assembly.material import find_material
from pipeline.editing import refresh_trailer
from pipeline.export.formats import FORMATS, render_formats
from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.precheck import Finding, check_preview, check_spoilers
from pipeline.render import PreviewOptions, render_preview
from pipeline.sequence import Clip, Trailer
from pipeline.streams.source import local_copy
from pipeline.templates import TEMPLATES
from pipeline.trailer import AssemblyOptions, assemble_trailer
from pipeline.types import Analysis, Progress, Report, SpoilerZone, ignore_progress
from studio.choices import MomentChoices, list_spoilers
from studio.folder import draft_folder

RENDER_SHARE = 0.8
"""Share of the work that rendering the preview takes; checking it takes the rest."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A trailer that was written.

    Attributes:
        trailer: the trailer.
        findings: what the pre-check found.
        files: what was written.
    """

    trailer: Trailer
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]


def make_trailer(
    analysis: Analysis, *, template: str, choices: MomentChoices | None = None, beats_s: tuple[float, ...] = ()
) -> Trailer:
    """Put a trailer of a cut together, spoilers left out.

    Args:
        analysis: the cut's analysis.
        template: one of `TEMPLATES`.
        choices: what a person has decided of the cut, its spoiler zones among it.
        beats_s: beats of its music, seconds of the trailer.

    Raises:
        TrailerError: nothing of the cut may be shown.
    """
    spoilers = list_spoilers(analysis, choices or MomentChoices())
    material = find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)
    options = AssemblyOptions(spoilers=spoilers, beats_s=beats_s)
    return assemble_trailer(material, template=TEMPLATES[template], options=options)


def measure_trailer(analysis: Analysis, trailer: Trailer, choices: MomentChoices) -> Trailer:
    """Measure a trailer that a person has at work, as it was kept: its arc, its tension and its fit.

    Args:
        analysis: the cut's analysis.
        trailer: the trailer.
        choices: what the person has decided of the cut.
    """
    material = find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)
    measured = refresh_trailer(trailer, material, spoilers=list_spoilers(analysis, choices))
    return replace(measured, notes=trailer.notes)


def write_trailer(
    analysis: Analysis,
    trailer: Trailer,
    folder: Path,
    *,
    film: Path,
    spoilers: tuple[SpoilerZone, ...] = (),
    person: str = "",
    report: Report = ignore_progress,
) -> Delivery:
    """Write preview.mp4, trailer.json and the trailer in every format of `FORMATS` that can hold it.

    All are complete before the first appears.

    Args:
        analysis: the cut's analysis.
        trailer: its trailer.
        folder: where to write; made where it is missing.
        film: where the cut's file lies.
        spoilers: what must not be shown; a clip that shows it all the same, because it is locked, is among the findings.
        person: for whom the preview is made, burned in.
        report: called as the work goes along; may raise `Cancelled`.

    Raises:
        FilmError: the film has gone, or the folder cannot be written.
    """
    template = TEMPLATES[trailer.template]
    options = PreviewOptions(
        aspect=template.aspect,
        title=analysis.cut.title,
        person=person,
        date=datetime.now(UTC).astimezone().date().isoformat(),
    )

    def report_part(progress: Progress, first: float, share: float) -> None:
        done = first + share * progress.done
        report(Progress(stage=progress.stage, done=done, position_s=progress.position_s))

    names = ("preview.mp4", "trailer.json")
    with draft_folder(folder) as draft, local_copy(film) as at_hand:
        preview = render_preview(
            trailer,
            cut=replace(analysis.cut, path=at_hand),
            path=draft / names[0],
            options=options,
            report=lambda progress: report_part(progress, 0.0, RENDER_SHARE),
        )
        found = check_preview(
            trailer, preview, report=lambda progress: report_part(progress, RENDER_SHARE, 1 - RENDER_SHARE)
        )
        findings = (*check_spoilers(trailer, spoilers), *found)
        text = json.dumps(describe_trailer(analysis, trailer, findings), ensure_ascii=False, indent=2) + "\n"
        texts = {names[1]: text, **_write_timelines(analysis, trailer)}
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8", newline="")
        written = (names[0], *texts)
        for name in written:
            (draft / name).replace(folder / name)
    return Delivery(trailer=trailer, findings=findings, files=tuple(folder / name for name in written))


def _write_timelines(analysis: Analysis, trailer: Trailer) -> dict[str, str]:
    """Write a trailer as timelines: the text of every file by its name."""
    options = TimelineOptions(title=f"{analysis.cut.title} {trailer.template}")
    texts, _ = render_formats(make_timeline(analysis.cut, trailer.clips, lines=analysis.lines, options=options))
    return {f"trailer{FORMATS[name].suffix}": text for name, text in texts.items()}


def describe_trailer(analysis: Analysis, trailer: Trailer, findings: tuple[Finding, ...] = ()) -> dict[str, Any]:
    """Describe a trailer as JSON types: clips with their places in film and trailer, arc, fit, notes, findings."""
    clips, at_s = [], Fraction(0)
    for number, clip in enumerate(trailer.clips, start=1):
        clips.append(_describe_clip(analysis, clip, number=number, at_s=at_s))
        at_s += clip.end_s - clip.start_s
    return {
        "cut_id": trailer.cut_id,
        "title": analysis.cut.title,
        "template": trailer.template,
        "target_s": float(trailer.target_s),
        "duration_s": float(trailer.duration_s),
        "frame_rate": str(analysis.cut.timecode_rate),
        "fit": None if math.isnan(trailer.fit) else trailer.fit,
        "arc": [round(float(value), 4) for value in trailer.arc],
        "tension": [round(float(value), 4) for value in trailer.tension],
        "clips": clips,
        "bans": [{"start_s": str(start_s), "end_s": str(end_s)} for start_s, end_s in trailer.bans],
        "notes": list(trailer.notes),
        "precheck": [
            {"at_s": finding.at_s, "severity": finding.severity, "text": finding.text} for finding in findings
        ],
    }


def write_summary(analysis: Analysis, delivery: Delivery) -> str:
    """Tell a person of a trailer: its clips, how well it follows its arc, and what the pre-check found."""
    trailer = delivery.trailer
    fit = "its tension does not move" if math.isnan(trailer.fit) else f"fit to the arc {trailer.fit:.2f}"
    lines = [
        f"{TEMPLATES[trailer.template].title}: {len(trailer.clips)} clips, {float(trailer.duration_s):.2f} s, {fit}"
    ]
    at_s = Fraction(0)
    for number, clip in enumerate(trailer.clips, start=1):
        lasts_s = clip.end_s - clip.start_s
        span = f"{analysis.cut.timecode(clip.start_s)} to {analysis.cut.timecode(clip.end_s)}"
        lines.append(f"{number:>4}  {float(at_s):7.2f} s  {span}  {float(lasts_s):5.2f} s  {clip.role}")
        at_s += lasts_s
    lines += [f"  {note}" for note in trailer.notes]
    lines.append("Pre-check (not a certificate):")
    lines += [f"  {finding.severity}: {finding.text}" for finding in delivery.findings] or ["  nothing found"]
    return "\n".join([*lines, *(f"  {file}" for file in delivery.files)])


def _describe_clip(analysis: Analysis, clip: Clip, *, number: int, at_s: Fraction) -> dict[str, Any]:
    """Describe one clip; instants exact, as fractions, beside seconds and timecode."""
    return {
        "number": number,
        "role": clip.role,
        "trailer_s": float(at_s),
        "start_s": float(clip.start_s),
        "end_s": float(clip.end_s),
        "start_exact": str(clip.start_s),
        "end_exact": str(clip.end_s),
        "start_timecode": analysis.cut.timecode(clip.start_s),
        "end_timecode": analysis.cut.timecode(clip.end_s),
        "is_locked": clip.is_locked,
        "reasons": [
            {"name": reason.name, "weight": round(reason.weight, 4), "value": reason.value} for reason in clip.reasons
        ],
    }
