"""Opening a film's file and saying what it holds, without decoding it."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from pipeline import clock
from pipeline.errors import FileUnreadable, MediaDamaged, MediaError, NothingToAnalyse, NotMedia, TranscriptError
from pipeline.streams.bounds import LONGEST_S, PICTURE_BOUND, bound_decoders, survey_file
from pipeline.types import Cut

SIDECAR_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
"""What a subtitle file beside a film may be called, the film's own suffix replaced."""

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mxf,mxf_opatom,gxf,dv,flv,asf,ogg,nut,ivf,rm,wtv,yuv4mpegpipe,"
    "h264,hevc,m4v,mpegvideo,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,dts,truehd,au"
)
"""Containers that hold one film in one file. Playlists, image sequences and text screens are left out on purpose: they
make the decoder open other files than the one a person chose, or find pictures in plain text."""

_ONE_FILE = {
    "protocol_whitelist": "file",
    "format_whitelist": _FORMATS,
    # QuickTime may say that its media lie in another file.
    "enable_drefs": "0",
    "use_absolute_path": "0",
}

_TEXT_CODECS = frozenset({"subrip", "srt", "mov_text", "ass", "ssa", "webvtt", "text"})

_STANDARD_RATES = tuple(
    Fraction(frames * 1000, base) for frames in (12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120) for base in (1000, 1001)
)
_RATE_SLACK = Fraction(1, 4000)
"""Relative distance at which a measured rate is taken for a standard one: a quarter of that from 24 to 24000/1001."""

DAMAGE = (av.error.FFmpegError, IndexError)
"""What reading packets of a damaged file raises; the second comes from PyAV when a broken table of programs announces
streams that were not there when the file was opened."""

_FALLBACK_RATE = Fraction(25)


def probe_cut(path: Path, *, title: str | None = None, transcript: Path | None = None) -> Cut:
    """Read what a film's file says of itself.

    Film time 0 is the picture's first presentation time (the sound's, without a picture). The duration is where the
    longer of picture and sound ends.

    Args:
        path: the media file; it is only read.
        title: what to call it; the file's name without its suffix if None.
        transcript: its subtitle file. If None, a file beside the film with the same name and one of
            `SIDECAR_SUFFIXES` is taken, then the film's own text track.

    Returns:
        The cut.

    Raises:
        FileUnreadable: the file is missing, empty, a folder, or may not be read.
        NotMedia: no container format recognises it.
        MediaTooLarge: it claims larger pictures or more streams than any film has.
        NothingToAnalyse: it holds neither picture nor sound.
        MediaDamaged: it is cut short, or nothing in it has a time.
        TranscriptError: the subtitle file named is not there.
    """
    if transcript is not None and not transcript.is_file():
        raise TranscriptError(
            f"There is no subtitle file {transcript.name!r}.", "Check the path, or leave the transcript out."
        )
    with open_container(path) as container:
        picture, sound = find_picture(container), find_sound(container)
        if picture is None and sound is None:
            raise NothingToAnalyse(
                f"{path.name!r} holds neither picture nor sound.",
                "Choose the film itself rather than a companion file.",
            )
        transcript = transcript or _find_sidecar(path)
        present = (picture is not None, sound is not None, transcript is not None or bool(find_text_tracks(container)))
        rate = None if picture is None else _find_frame_rate(picture)
        return Cut(
            cut_id=_hash_file(path),
            path=path,
            title=title or path.stem,
            duration_s=_find_duration(container, path, picture, sound),
            frame_rate=rate,
            start_timecode=_find_start_timecode(container, rate or _FALLBACK_RATE),
            width=0 if picture is None else picture.codec_context.width,
            height=0 if picture is None else picture.codec_context.height,
            streams=tuple(
                name for name, there in zip(("frames", "audio", "transcript"), present, strict=True) if there
            ),
            transcript_path=transcript,
        )


def open_container(path: Path) -> InputContainer:
    """Open a local media file for reading, and nothing but that file.

    Args:
        path: the media file.

    Returns:
        The open container; the caller closes it.

    Raises:
        FileUnreadable, NotMedia, MediaTooLarge, MediaDamaged: as `probe_cut`.
    """
    _check_readable(path)
    try:
        container = av.open(
            f"file:{path.resolve()}",
            "r",
            options=dict(PICTURE_BOUND),
            container_options=survey_file(path, _ONE_FILE),
            metadata_errors="replace",  # Metadata in a legacy encoding must not keep a film from being opened.
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _explain_failure(path) from error
    bound_decoders(container)
    return container


def find_picture(container: InputContainer) -> VideoStream | None:
    """Return the picture's stream: the largest that is no cover art or thumbnail; None if there is none."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    streams = [s for s in container.streams.video if s.codec_context is not None and not s.disposition & still]
    return max(streams, key=lambda s: s.codec_context.width * s.codec_context.height, default=None)


def find_sound(container: InputContainer) -> AudioStream | None:
    """Return the sound's stream: the one marked as default, else the first; None if there is none."""
    streams = [s for s in container.streams.audio if s.codec_context is not None]
    return max(streams, key=lambda s: bool(s.disposition & Disposition.default), default=None)


def find_text_tracks(container: InputContainer) -> list[Stream]:
    """Return the subtitle streams made of text, the default one first; those made of pictures cannot be read."""
    streams = [s for s in container.streams.subtitles if s.codec_context and s.codec_context.name in _TEXT_CODECS]
    return sorted(streams, key=lambda s: not s.disposition & Disposition.default)


def find_origin_s(picture: Stream | None, sound: Stream | None) -> Fraction:
    """Return film time 0 in the container's time, seconds: the picture's first presentation time, else the sound's."""
    for stream in (picture, sound):
        if stream is not None and stream.time_base is not None and stream.start_time is not None:
            return stream.start_time * stream.time_base
    return Fraction(0)


def find_end_s(stream: Stream) -> Fraction | None:
    """Return where a stream says it ends, in the container's time, seconds; None if it does not say."""
    if not stream.duration or stream.time_base is None:
        return None
    return ((stream.start_time or 0) + stream.duration) * stream.time_base


def _check_readable(path: Path) -> None:
    """Refuse what is no file that can be read, with the reason."""
    try:
        if path.is_dir():
            raise FileUnreadable(f"{path.name!r} is a folder.", "Choose the film's file inside it.")
        with path.open("rb") as file:
            if not file.read(1):
                raise FileUnreadable(f"{path.name!r} is empty.", "Copy or export the film again.")
    except FileNotFoundError as error:
        raise FileUnreadable(f"There is no file {str(path)!r}.", "Check the path.") from error
    except PermissionError as error:
        raise FileUnreadable(f"{path.name!r} may not be read.", "Ask for permission to read it.") from error
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"{path.name!r} cannot be read.", f"The system says: {error}.") from error


def _explain_failure(path: Path) -> MediaError:
    """Say why no container opened: an unfinished MP4 is told from what was never a film."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return MediaDamaged(
            f"{path.name!r} is incomplete: the index of the film is missing.",
            "The copy or export was probably cut short; copy or export it again.",
        )
    return NotMedia(
        f"{path.name!r} is not a film.", "Choose a video or sound file such as .mp4, .mov, .mkv, .webm or .wav."
    )


def _hash_file(path: Path) -> str:
    """Return the first 16 hex digits of the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _find_sidecar(path: Path) -> Path | None:
    """Return the subtitle file that lies beside a film under the same name, if any."""
    candidates = (path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _find_frame_rate(picture: VideoStream) -> Fraction:
    """Return the exact frame rate: the standard one the stream means, else its measured average.

    Containers average over rounded time stamps (24.0000004) and short films have few of them, so both the average and
    the decoder's guess are compared with the standard rates.
    """
    average, guess = picture.average_rate, picture.guessed_rate
    measured = [rate for rate in (average, guess) if rate is not None and 1 <= rate <= 300]
    for rate in measured:
        nearest = min(_STANDARD_RATES, key=lambda standard: abs(standard - rate))
        if abs(nearest - rate) <= rate * _RATE_SLACK and abs(nearest - measured[0]) <= measured[0] / 100:
            return nearest
    return measured[0] if measured else _FALLBACK_RATE


def _find_duration(
    container: InputContainer, path: Path, picture: VideoStream | None, sound: AudioStream | None
) -> Fraction:
    """Return seconds from film time 0 to the end of the longer of picture and sound."""
    origin_s = find_origin_s(picture, sound)
    streams = [stream for stream in (picture, sound) if stream is not None]
    ends_s = [end_s for end_s in map(find_end_s, streams) if end_s is not None]
    if len(ends_s) < len(streams) and container.duration:
        ends_s.append(Fraction((container.start_time or 0) + container.duration, av.time_base))
    end_s = max(ends_s) if ends_s else _find_last_packet(container, streams)
    if end_s <= origin_s:
        raise MediaDamaged(f"{path.name!r} lasts no time at all.", "Copy or export the film again.")
    if end_s - origin_s > LONGEST_S:
        raise MediaDamaged(f"{path.name!r} claims to last longer than a day.", "Copy or export the film again.")
    return end_s - origin_s


def _find_last_packet(container: InputContainer, streams: Sequence[Stream]) -> Fraction:
    """Return where the last packet of the streams ends, seconds of the container, by reading every packet."""
    end_s = Fraction(0)
    try:
        for packet in container.demux(*streams):
            if packet.pts is not None:
                end_s = max(end_s, (packet.pts + (packet.duration or 0)) * packet.time_base)
    except DAMAGE:
        pass  # What was read before the damage still tells how far the film goes.
    return end_s


def _find_start_timecode(container: InputContainer, rate: Fraction) -> str | None:
    """Return the start timecode that the container or a stream states, if this rate can show it."""
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        for key, value in metadata.items():
            if key.lower() != "timecode":
                continue
            drop = any(mark in value for mark in ";.,")
            try:
                return clock.frame_to_timecode(clock.timecode_to_frame(value, rate), rate, drop=drop)
            except ValueError:
                continue
    return None
