"""One task of a benchmark in a process of its own, so that its time and its peak memory are its own.

    python -m benchmarks.tasks NAME FILM    prints {"seconds": ..., "cpu_seconds": ..., "peak_mb": ..., ...}

What a task imports and loads is done before its clock starts; where that belongs to the figure, it is told apart.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Result = dict[str, Any]

ROOT = Path(__file__).parents[1]


def run_task(name: str, film: Path) -> Result:
    """Run a task in a fresh process.

    Args:
        name: one of `TASKS`.
        film: the film it works on.

    Returns:
        What it printed.
    """
    command = [sys.executable, "-m", "benchmarks.tasks", name, str(film)]
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} broke off:\n{done.stderr[-2000:]}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def decode_bare(film: Path) -> Callable[[], Result]:
    """Decode every picture with PyAV on as many threads as the analysis uses, and let it go: the limit."""
    import av
    from av.codec.context import ThreadType

    def run() -> Result:
        frames = 0
        with av.open(str(film)) as container:
            picture = container.streams.video[0]
            picture.codec_context.thread_type = ThreadType.AUTO
            picture.codec_context.thread_count = (os.cpu_count() or 1) + 1
            for packet in container.demux(picture):
                frames += len(picture.codec_context.decode(packet))
        return {"frames": frames}

    return run


def decode_side_by_side(film: Path) -> Callable[[], Result]:
    """Decode every picture in as many stretches as there are cores, one thread each: the limit of who divides the film."""
    import av
    from av.codec.context import ThreadType

    cores = os.cpu_count() or 1

    def decode_part(part: int) -> int:
        frames = 0
        with av.open(str(film)) as container:
            picture = container.streams.video[0]
            picture.codec_context.thread_type = ThreadType.NONE
            picture.codec_context.thread_count = 1
            borders = [(picture.duration or 0) * edge // cores for edge in (part, part + 1)]
            container.seek(borders[0], stream=picture)
            for packet in container.demux(picture):
                frames += len(picture.codec_context.decode(packet))
                if packet.pts is not None and packet.pts >= borders[1] and part < cores - 1:
                    break
        return frames

    def run() -> Result:
        with ThreadPoolExecutor(cores) as pool:
            return {"frames": sum(pool.map(decode_part, range(cores)))}

    return run


def analyse_whole(film: Path) -> Callable[[], Result]:
    """Analyse the film as the app does: probe, chunks, sound, features, network; the models are loaded before."""
    from pipeline.analyse import analyse_cut
    from pipeline.streams.probe import probe_cut

    begun_s = time.perf_counter()
    from studio.networks import load_models

    text_model, curve_model, shot_model = load_models()
    loaded_s = time.perf_counter() - begun_s

    def run() -> Result:
        analysis = analyse_cut(probe_cut(film), text_model=text_model, curve_model=curve_model, shot_model=shot_model)
        return {"loading_seconds": loaded_s, "shots": len(analysis.features.shot_starts_s)}

    return run


def read_chunks(film: Path) -> Callable[[], Result]:
    """Do what a worker for chunks does: read and measure each, without the network."""
    from pipeline.gather import gather_evidence
    from pipeline.streams.probe import probe_cut
    from pipeline.streams.read import open_streams

    def run() -> Result:
        evidence = gather_evidence(open_streams(probe_cut(film)))
        arrays = {**vars(evidence), **evidence.details}
        del arrays["details"]
        return {"evidence_mb": sum(array.nbytes for array in arrays.values()) / 1e6}

    return run


def draw_draft(film: Path) -> Callable[[], Result]:
    """Read key frames and sound up to the first draft, without the network."""
    from pipeline.drafts import Draft
    from pipeline.errors import Cancelled
    from pipeline.gather import gather_evidence
    from pipeline.streams.probe import probe_cut
    from pipeline.streams.read import open_streams

    def stop(draft: Draft) -> None:
        raise Cancelled

    def run() -> Result:
        try:
            gather_evidence(open_streams(probe_cut(film)), publish=stop)
        except Cancelled:
            return {}
        raise RuntimeError("no draft was made")

    return run


def predict_two_hours(film: Path) -> Callable[[], Result]:
    """Draw the curves of 7,200 seconds in one call, random measurements in the training film's range; no film is read."""
    import numpy as np

    from pipeline.curves import predict_curves
    from pipeline.types import STREAMS, Features

    begun_s = time.perf_counter()
    from studio.networks import load_models

    _, model, _ = load_models()
    loaded_s = time.perf_counter() - begun_s
    random, seconds = np.random.default_rng(0), 7200
    rows = {name: random.normal(*model.reference[name], (seconds, len(model.columns[name]))) for name in STREAMS}
    features = Features(
        **rows,  # type: ignore[arg-type]
        present=np.ones((seconds, 3), np.bool_),
        shot_starts_s=np.zeros(1),
        columns=model.columns,
        extractors={},
        draft=np.zeros(seconds, np.bool_),
    )

    def run() -> Result:
        predict_curves(features, model=model)
        return {"loading_seconds": loaded_s}

    return run


def make_light_copy(film: Path) -> Callable[[], Result]:
    """Make a light copy as one worker does that has the machine to itself, its pieces kept on disk in between."""
    from pipeline.proxy import join_pieces, make_piece, plan_pieces
    from pipeline.streams.probe import probe_cut

    def run() -> Result:
        cut = probe_cut(film)
        with tempfile.TemporaryDirectory(prefix="throughline-bench-", dir=film.parent) as scratch:
            kept = []
            for piece in plan_pieces(cut):
                kept.append((piece, Path(scratch) / f"{piece.start}.mov"))
                kept[-1][1].write_bytes(make_piece(cut, piece))
            begun_s = time.perf_counter()
            copy = Path(scratch) / "copy.mp4"
            join_pieces(cut, ((piece, path.read_bytes()) for piece, path in kept), copy)
            return {"join_seconds": time.perf_counter() - begun_s, "copy_mb": copy.stat().st_size / 1e6}

    return run


def detect_adaptive(film: Path) -> Callable[[], Result]:
    """Find shots with PySceneDetect's AdaptiveDetector at its default settings, and nothing else."""
    from scenedetect import AdaptiveDetector, detect

    def run() -> Result:
        return {"shots": len(detect(str(film), AdaptiveDetector()))}

    return run


def analyse_plainly(film: Path) -> Callable[[], Result]:
    """Do the straightforward thing: moviepy's pictures twice a second, librosa's sound, and the same descriptors.

    Stills of which faces and text are measured are made of every second picture, as small as ours.
    """
    import cv2
    import imageio_ffmpeg
    import librosa
    import numpy as np
    from moviepy import VideoFileClip

    from pipeline.features.details import measure_spectrum
    from pipeline.features.measure import measure_centres, measure_levels, measure_pixels, measure_samples
    from pipeline.features.stills import measure_still
    from pipeline.streams.scaler import STILL_BOX_PX
    from pipeline.types import SOUND_HZ

    programs = Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    (programs / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())  # librosa reads films through this program.
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    warnings.simplefilter("ignore")

    def run() -> Result:
        with VideoFileClip(str(film), audio=False) as clip:
            for index, picture in enumerate(clip.iter_frames(fps=2)):
                measure_pixels(picture[None])
                measure_centres(picture[None])
                if index % 2:
                    measure_still(cv2.resize(picture, STILL_BOX_PX, interpolation=cv2.INTER_AREA))
        samples, _ = librosa.load(str(film), sr=SOUND_HZ, mono=False)
        sound = np.ascontiguousarray(np.atleast_2d(samples).T)
        before = np.zeros(SOUND_HZ // 50, np.float32)
        for start in range(0, len(sound), SOUND_HZ):
            second = sound[start : start + SOUND_HZ]
            measure_samples(second)
            measure_spectrum(second)
            _, before = measure_levels(second, before)
        (programs / "ffmpeg").unlink()
        programs.rmdir()
        return {}

    return run


TASKS: dict[str, Callable[[Path], Callable[[], Result]]] = {
    "bare decode": decode_bare,
    "bare decode, side by side": decode_side_by_side,
    "whole analysis": analyse_whole,
    "chunk worker": read_chunks,
    "draft": draw_draft,
    "network": predict_two_hours,
    "light copy": make_light_copy,
    "PySceneDetect AdaptiveDetector": detect_adaptive,
    "straightforward pipeline": analyse_plainly,
}


def main() -> None:
    """Run the task that the command line names."""
    name, film = sys.argv[1:]
    run = TASKS[name](Path(film))
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    result = run()
    result |= {"seconds": time.perf_counter() - begun_s, "cpu_seconds": time.process_time() - begun_cpu_s}
    status = Path("/proc/self/status")
    if status.exists():  # The kernel's own peak; `getrusage` would count the process that started this one.
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        result["peak_mb"] = int(peak[1]) / 1e3 if peak else None
    print(json.dumps(result))


if __name__ == "__main__":
    main()
