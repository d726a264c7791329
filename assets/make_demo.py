"""Draws, scores and writes the demo film and its second cut, with their subtitles and their truth.

    python assets/make_demo.py

takes a few minutes and writes demo.mp4, demo.srt, demo.json, demo_alternate.mp4, demo_alternate.srt and
demo_alternate.json beside this file. The same program always writes the same pictures and the same sound.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo_drawing import HEIGHT_PX, WIDTH_PX
from demo_mix import mix_sound
from demo_sound import SOUND_HZ
from demo_story import FIRST_CUT, FRAME_RATE, SECOND_CUT, Film, draw_frame, list_lines, list_sounds
from demo_truth import describe_edits, describe_film
from moviepy import AudioArrayClip, VideoClip

ASSETS = Path(__file__).resolve().parent


def write_film(film: Film, folder: Path) -> Path:
    """Write a film as H.264 and AAC in MP4, and its subtitles as SRT; return the film's path."""
    path = folder / f"{film.name}.mp4"
    seconds = film.frames / FRAME_RATE
    sound = AudioArrayClip(mix_sound(list_sounds(film), seconds), fps=SOUND_HZ)
    pictures = VideoClip(lambda t: draw_frame(film, min(round(t * FRAME_RATE), film.frames - 1)), duration=seconds)
    pictures.with_audio(sound).write_videofile(
        str(path),
        fps=FRAME_RATE,
        codec="libx264",
        preset="slow",
        pixel_format="yuv420p",
        audio_fps=SOUND_HZ,
        audio_codec="aac",
        audio_bitrate="96k",
        temp_audiofile=str(folder / f"{film.name}.sound.m4a"),
        threads=2,
        logger=None,
        ffmpeg_params=[
            *("-crf", "27", "-g", "96", "-x264-params", "aq-mode=3", "-movflags", "+faststart"),
            *("-metadata", f"title={film.title}", "-fflags", "+bitexact"),
        ],
    )
    write_subtitles(film, folder / f"{film.name}.srt")
    return path


def write_subtitles(film: Film, path: Path) -> None:
    """Write the subtitles of a film as SRT."""
    blocks = [
        f"{number}\n{seconds_to_srt(start)} --> {seconds_to_srt(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(list_lines(film), start=1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")


def seconds_to_srt(seconds: float) -> str:
    """Seconds to `HH:MM:SS,mmm`."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"0{timedelta(seconds=whole)},{milliseconds:03d}"


def write_truth(truth: dict[str, Any], path: Path) -> None:
    """Write the truth of a film as JSON, one shot, edit or arc a line."""
    rows = []
    for name, value in truth.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines = ",\n    ".join(json.dumps(row) for row in value)
            rows.append(f'  "{name}": [\n    {lines}\n  ]')
        else:
            rows.append(f'  "{name}": {json.dumps(value)}')
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def main() -> None:
    """Write both films side by side, and their truth."""
    write_truth(describe_film(FIRST_CUT), ASSETS / "demo.json")
    second = {**describe_film(SECOND_CUT), "edits_of": "demo.json", "edits": describe_edits(FIRST_CUT, SECOND_CUT)}
    write_truth(second, ASSETS / "demo_alternate.json")
    with ProcessPoolExecutor(max_workers=2) as workers:
        for path in workers.map(write_film, (FIRST_CUT, SECOND_CUT), (ASSETS, ASSETS)):
            print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {WIDTH_PX}x{HEIGHT_PX}")


if __name__ == "__main__":
    main()
