"""A pre-check of a trailer before delivery: what a laboratory would send back. It is no certificate."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.clock import frame_to_seconds
from pipeline.flashes import FlashCounter
from pipeline.loudness import measure_leq_m, measure_lufs
from pipeline.sequence import Clip, Trailer
from pipeline.streams.excerpt import read_frames, read_stretch
from pipeline.streams.probe import probe_cut
from pipeline.types import SOUND_HZ, Floats, Progress, Report, SpoilerZone, ignore_progress

SEVERITIES = ("note", "warning")
"""A warning is likely to be sent back; a note is good to know."""

ASKED_S, ALLOWED_S = 120, 150
"""Seconds that exhibitors ask of a trailer in cinemas, and those they allow."""

MOST_LEQ_M_DB = 85.0
SILENCE = 10 ** (-70 / 20)
LEAST_SILENCE_S = 2.0
BOX_PX = (320, 180)
"""Pictures are looked at in this size."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a person should know before delivery.

    Attributes:
        at_s: where, seconds of the trailer; None for the whole of it.
        severity: one of `SEVERITIES`.
        text: a full sentence.
    """

    at_s: float | None
    severity: str
    text: str


def check_preview(trailer: Trailer, preview: Path, *, report: Report = ignore_progress) -> tuple[Finding, ...]:
    """Check a trailer and its preview: length, repeated footage, loudness, missing sound, flashes and red flashes.

    Args:
        trailer: the trailer.
        preview: its preview, from `render_preview`.
        report: called as the work goes along; may raise `Cancelled`.

    Returns:
        The findings, those of the whole first, then by time.
    """
    cut = probe_cut(preview)
    sound = read_stretch(cut, start_s=Fraction(0), end_s=trailer.duration_s)
    findings = [*check_length(trailer), *check_sound(sound), *check_repeats(trailer.clips)]
    counter = FlashCounter(cut.timecode_rate)
    with closing(read_frames(cut, start_s=Fraction(0), end_s=trailer.duration_s, box_px=BOX_PX)) as pictures:
        for index, picture in enumerate(pictures):
            counter.add(picture)
            if index % 48 == 0:
                at_s = float(frame_to_seconds(index, cut.timecode_rate))
                done = min(at_s / float(trailer.duration_s), 1.0)
                report(Progress(stage="Checking the preview", done=done, position_s=at_s))
    findings += describe_flashes(counter)
    report(Progress(stage="Checking the preview", done=1.0, position_s=float(trailer.duration_s)))
    return tuple(sorted(findings, key=lambda finding: -1.0 if finding.at_s is None else finding.at_s))


def check_spoilers(trailer: Trailer, spoilers: Sequence[SpoilerZone]) -> list[Finding]:
    """Name the clips that show anything of a hard spoiler zone: locked ones, or of a zone that came later."""
    findings, at_s = [], Fraction(0)
    for number, clip in enumerate(trailer.clips, start=1):
        zones = [z for z in spoilers if z.is_hard and clip.start_s < z.end_s and clip.end_s > z.start_s]
        if zones:
            text = f"Clip {number} shows what must not be shown: {zones[0].why or 'a spoiler zone'}."
            findings.append(Finding(at_s=float(at_s), severity="warning", text=text))
        at_s += clip.end_s - clip.start_s
    return findings


def check_length(trailer: Trailer) -> list[Finding]:
    """Compare the length with what exhibitors allow, or with what the template asks."""
    lasts_s, target_s = trailer.duration_s, trailer.target_s
    slack_s = Fraction(1, 23)  # A frame of 24 a second.
    if target_s >= ASKED_S:
        if lasts_s > ALLOWED_S + slack_s:
            return [_whole("warning", f"It lasts {float(lasts_s):.2f} s; cinemas show at most {ALLOWED_S}.")]
        if lasts_s > ASKED_S + slack_s:
            text = f"It lasts {float(lasts_s):.2f} s; many exhibitors ask for {ASKED_S}, and allow {ALLOWED_S}."
            return [_whole("note", text)]
    if abs(lasts_s - target_s) > slack_s:
        severity = "warning" if lasts_s > target_s else "note"
        return [_whole(severity, f"It lasts {float(lasts_s):.2f} s instead of {float(target_s):g}.")]
    return []


def check_sound(samples: Floats) -> list[Finding]:
    """Measure loudness, and find where there is no sound.

    Args:
        samples: (M, 2) float32 at 48 kHz, full scale 1.
    """
    if not (np.abs(samples) > SILENCE).any():
        return [_whole("warning", "There is no sound at all.")]
    leq_m, lufs = measure_leq_m(samples), measure_lufs(samples)
    findings = [_whole("note", f"Loudness is {lufs:.1f} LUFS integrated, Leq(m) {leq_m:.1f} dB in a cinema.")]
    if leq_m > MOST_LEQ_M_DB:
        text = f"Leq(m) is {leq_m:.1f} dB; trailers in cinemas may have {MOST_LEQ_M_DB:.0f}."
        findings.append(_whole("warning", text))
    heard = np.flatnonzero((np.abs(samples) > SILENCE).any(axis=1))
    edges = np.r_[-1, heard, len(samples)]
    for gap in np.flatnonzero(np.diff(edges) > LEAST_SILENCE_S * SOUND_HZ):
        start_s, end_s = (edges[gap] + 1) / SOUND_HZ, edges[gap + 1] / SOUND_HZ
        text = f"There is no sound from {start_s:.1f} to {end_s:.1f} s."
        findings.append(Finding(at_s=float(start_s), severity="note", text=text))
    return findings


def check_repeats(clips: tuple[Clip, ...]) -> list[Finding]:
    """Find footage that is shown more than once."""
    starts_s = np.cumsum([0.0, *(float(clip.end_s - clip.start_s) for clip in clips)])
    ordered = sorted(range(len(clips)), key=lambda i: clips[i].start_s)
    findings = []
    for a, b in pairwise(ordered):
        both_s = min(clips[a].end_s, clips[b].end_s) - clips[b].start_s
        if both_s > 0:
            later = max(a, b)
            text = f"Clips {min(a, b) + 1} and {later + 1} share {float(both_s):.2f} s of the film."
            findings.append(Finding(at_s=float(starts_s[later]), severity="warning", text=text))
    return findings


def describe_flashes(counter: FlashCounter) -> list[Finding]:
    """Say where there are too many flashes."""
    findings = []
    for run in counter.list_runs():
        kind = "red flashes" if run.is_red else "flashes"
        text = (
            f"There are up to {run.per_second:g} {kind} a second from {run.start_s:.1f} to {run.end_s:.1f} s; "
            "more than three can harm viewers with photosensitive epilepsy."
        )
        findings.append(Finding(at_s=run.start_s, severity="warning", text=text))
    return findings


def _whole(severity: str, text: str) -> Finding:
    """A finding about all of it."""
    return Finding(at_s=None, severity=severity, text=text)
