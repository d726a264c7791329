"""A comparison as one web page that needs nothing else: it can be mailed, and it prints well."""

import base64
import html
from string import Template

import numpy as np

from pipeline.comparison import Change, Consequence, Effect
from pipeline.sentences import label
from pipeline.story_clock import list_stretches, place_change
from pipeline.types import Analysis, Cut, Floats
from studio.stills import Stills
from studio.ui.palette import LIGHT

KIND_COLOURS = LIGHT.changes
"""The colour of each kind of change; its name stands beside it wherever it is used."""

WIDTH, HEIGHT, MARGIN, GUTTER = 1000, 220, 30, 44
MOST_SECONDS_DRAWN = 2_000

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<style>
  body { font: 15px/1.45 system-ui, sans-serif; color: #1C1B1A; background: #FAF8F4; }
  body { max-width: 1040px; margin: 2em auto; padding: 0 1em; }
  h1 { font-size: 1.5em; } h2 { font-size: 1.1em; margin-top: 2em; } .muted { color: #6B6760; }
  svg { width: 100%; height: auto; background: #fff; border: 1px solid #E3DED4; }
  .change { border-top: 1px solid #E3DED4; padding: .8em 0; display: grid; grid-template-columns: 1fr 300px; gap: 1em; }
  .change, svg { break-inside: avoid; }
  .kind { font-weight: 600; } .stills { display: flex; gap: 8px; } figure { margin: 0; width: 146px; }
  figure img { width: 100%; display: block; } figcaption { font-size: 12px; color: #6B6760; }
  table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
  td, th { padding: 1px 10px 1px 0; text-align: right; }
  td:first-child, th:first-child { text-align: left; font-weight: normal; }
  @media print { body { background: #fff; margin: 0; max-width: none; font-size: 11pt; } @page { size: A4; margin: 15mm; } }
</style></head><body>
<h1>$title</h1>
<p class="muted">A: $a_title, $a_length. B: $b_title, $b_length.</p>
$sentences
<h2>Tension of both cuts on one clock</h2>
$chart
<p class="muted">A is drawn grey and broken, B dark and solid, on the clock of A with what was added put in where it was added.
$legend. Nobody rated tension: the curve is a declared proxy, and means most about a film relative to itself.</p>
<h2>$count</h2>
$changes
</body></html>
""")


def render_report(consequence: Consequence, a: Analysis, b: Analysis, *, stills: tuple[Stills, Stills]) -> str:
    """Write a comparison as a web page.

    Args:
        consequence: what changed and what it did.
        a: the first cut's analysis.
        b: the second's.
        stills: the pictures of both cuts.

    Returns:
        The page, pictures and chart inside of it.
    """
    effects = consequence.effects
    blocks = [_render_effect(effect, a.cut, b.cut, stills) for effect in effects]
    legend = ", ".join(
        f'<span class="kind" style="color:{colour}">{kind}</span>' for kind, colour in KIND_COLOURS.items()
    )
    return PAGE.substitute(
        title=html.escape(f"{a.cut.title} and {b.cut.title}" if a.cut.title != b.cut.title else a.cut.title),
        a_title=html.escape(a.cut.title),
        b_title=html.escape(b.cut.title),
        a_length=_length(a.cut),
        b_length=_length(b.cut),
        sentences="".join(f"<p>{html.escape(sentence)}</p>" for sentence in consequence.sentences),
        chart=draw_aligned(consequence),
        legend=f"Bands of colour: {legend}",
        count="No change" if not effects else f"{len(effects)} change{'s' if len(effects) > 1 else ''}",
        changes="".join(blocks),
    )


def draw_aligned(consequence: Consequence, curve: str = "tension") -> str:
    """Draw one curve of both cuts as SVG, with a band of colour behind every change."""
    aligned = consequence.aligned
    seconds = len(aligned.kinds)
    if not seconds:
        return ""
    column = aligned.names.index(curve)
    known = np.concatenate([aligned.a[:, column], aligned.b[:, column]])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    scale = (WIDTH - GUTTER) / seconds, (HEIGHT - 2 * MARGIN) / max(high - low, 1e-6)
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{curve} of both cuts">']
    stretches = list_stretches(consequence.comparison)
    for change in consequence.comparison.changes:
        start, end = place_change(stretches, change)
        parts.append(
            f'<rect x="{GUTTER + start * scale[0]:.1f}" y="0" width="{max(1.5, (end - start) * scale[0]):.1f}" '
            f'height="{HEIGHT - MARGIN / 2:.0f}" fill="{KIND_COLOURS[change.kind]}" opacity="0.22">'
            f"<title>{change.kind}</title></rect>"
        )
    for values, style in (
        (aligned.a[:, column], 'stroke="#6B6760" stroke-dasharray="4 3"'),
        (aligned.b[:, column], 'stroke="#1C1B1A"'),
    ):
        parts.append(f'<path d="{_draw_path(values, scale, high)}" fill="none" stroke-width="1.6" {style}/>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        t = share * seconds
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        parts.append(
            f'<text x="{GUTTER + t * scale[0]:.0f}" y="{HEIGHT - 4}" font-size="12" fill="#6B6760" text-anchor="{anchor}">'
            f"{int(t // 3600):02}:{int(t // 60 % 60):02}:{int(t % 60):02}</text>"
        )
    for value, y in ((high, MARGIN), (low, HEIGHT - MARGIN)):
        parts.append(f'<text x="6" y="{y + 4}" font-size="12" fill="#6B6760">{value:.2f}</text>')
    return "".join([*parts, "</svg>"])


def _draw_path(values: Floats, scale: tuple[float, float], high: float) -> str:
    """Return a curve as an SVG path that breaks where there is nothing."""
    stride = max(1, len(values) // MOST_SECONDS_DRAWN)
    words, is_drawing = [], False
    for t in range(0, len(values), stride):
        value = float(values[t])
        if np.isnan(value):
            is_drawing = False
            continue
        x, y = GUTTER + (t + 0.5) * scale[0], MARGIN + (high - value) * scale[1]
        words.append(f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}")
        is_drawing = True
    return "".join(words)


def _render_effect(effect: Effect, a: Cut, b: Cut, stills: tuple[Stills, Stills]) -> str:
    """Write one change: what it is, what it did, and a picture of it from both cuts."""
    change = effect.change
    colour = KIND_COLOURS[change.kind]
    levels = (effect.before, effect.inside, effect.after)
    tensions = "".join(f"<td>{_number(values['tension'], 2)}</td>" for part in levels for values in (part.a, part.b))
    paces = "".join(f"<td>{_number(pace, 0)}</td>" for part in levels for pace in (part.a_pace, part.b_pace))
    table = (
        "<table><tr><th></th><th>before A</th><th>B</th><th>inside A</th><th>B</th><th>after A</th><th>B</th></tr>"
        f"<tr><td>tension</td>{tensions}</tr><tr><td>shots a minute</td>{paces}</tr></table>"
    )
    return (
        f'<div class="change"><div><span class="kind" style="color:{colour}">{change.kind}</span> '
        f"{html.escape(effect.sentence)}{table}</div>"
        f'<div class="stills">{_render_stills(change, a, b, stills)}</div></div>'
    )


def _render_stills(change: Change, a: Cut, b: Cut, stills: tuple[Stills, Stills]) -> str:
    """Write the picture in the middle of a change, of each cut that has it."""
    parts = []
    for name, cut, kept, start, end in (
        ("A", a, stills[0], change.a_start_s, change.a_end_s),
        ("B", b, stills[1], change.b_start_s, change.b_end_s),
    ):
        middle_s = (start + end) / 2
        jpeg = kept.read(int(middle_s)) if end > start else None
        if jpeg is not None:
            data = base64.b64encode(jpeg).decode("ascii")
            when = label(middle_s, cut)
            parts.append(
                f'<figure><img alt="{name} at {when}" src="data:image/jpeg;base64,{data}">'
                f"<figcaption>{name} {when}</figcaption></figure>"
            )
    return "".join(parts)


def _number(value: float, decimals: int) -> str:
    """Write a number; a dash where there is none."""
    return "&ndash;" if value != value else f"{value:.{decimals}f}"


def _length(cut: Cut) -> str:
    """Write how long a cut is."""
    seconds = float(cut.duration_s)
    return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{seconds % 60:04.1f}"
