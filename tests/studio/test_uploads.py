"""Uploads: nothing that was proven is lost, nothing that was not is counted, and only this app's pages may send."""

import base64
import hashlib
import json
import os
import shutil
import socket
import time
import zlib
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from studio import upload_routes as routes_module
from studio.entries import BATCH, USUAL
from studio.security import read_secret, sign_url
from studio.upload_routes import PATH, upload_routes, upload_url
from studio.uploads import FILM_BYTES, RESERVED_BYTES, SUBTITLES_BYTES, UPLOAD_LIFE_S, Uploads, finish_uploads
from tests.studio.serving import Stage, serve

FILM = bytes(range(256)) * 4000
SIZE = len(FILM)
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Inbox(list):
    """The films that came to be analysed: path, title, transcript."""

    def submit(self, upload, path, transcript):
        self.append((path, upload.title, transcript))
        return f"job{len(self)}"


@pytest.fixture
def submitted():
    return Inbox()


@pytest.fixture(scope="module")
def stage():
    stage = Stage()
    with serve(stage) as stage.client:
        yield stage


@pytest.fixture
def client(stage, settings, submitted):
    stage.routes = upload_routes(settings, submit=submitted.submit)
    return stage.client


@pytest.fixture
def uploads(settings):
    return Uploads(settings)


def describe(**said):
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in said.items())


def create(client, settings, size=SIZE, **said):
    said = {"filename": "night.mp4"} | said
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": describe(**said)}
    return client.get(upload_url(settings), headers, "POST")


def begin(client, settings, size=SIZE, **said):
    answer = create(client, settings, size, **said)
    assert answer.status_code == 201, answer.content
    return answer.headers["location"]


def checksum(data, name="sha256"):
    digest = zlib.crc32(data).to_bytes(4, "big") if name == "crc32" else hashlib.new(name, data).digest()
    return f"{name} {base64.b64encode(digest).decode()}"


def patch(client, url, offset, data, **more):
    return client.get(url, {**PIECE, "Upload-Offset": str(offset), **more}, "PATCH", data)


def offset_of(client, url):
    answer = client.get(url, TUS, "HEAD")
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def id_of(url):
    return url.split("?")[0].removeprefix(f"{PATH}/")


def test_a_film_arrives_in_pieces_and_is_analysed_once(client, settings, uploads, submitted):
    url = begin(client, settings, filename="Größe 🎬.mp4", title="Night & fog")
    for start in range(0, len(FILM), 300_000):
        assert offset_of(client, url) == start
        assert submitted == []
        piece = FILM[start : start + 300_000]
        answer = patch(client, url, start, piece, **{"Upload-Checksum": checksum(piece)})
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(start + len(piece)))
    ((path, title, transcript),) = submitted
    assert (path.name, title, transcript) == ("Größe 🎬.mp4", "Night & fog", None)
    assert path.read_bytes() == FILM
    assert patch(client, url, len(FILM), b"").status_code == 204  # The answer was lost, and is asked for again.
    assert len(submitted) == 1


def test_subtitles_go_with_their_film(client, settings, submitted):
    words = begin(client, settings, 5, filename="night.en.srt")
    assert patch(client, words, 0, b"words").status_code == 204
    assert submitted == []
    film = begin(client, settings, 4, transcript=id_of(words))
    assert patch(client, film, 0, b"film").status_code == 204
    ((_, _, transcript),) = submitted
    assert transcript.read_bytes() == b"words"


def test_subtitles_that_are_not_there_whole_are_refused(client, settings):
    words = begin(client, settings, 5, filename="night.srt")
    assert create(client, settings, transcript=id_of(words)).status_code == 400
    assert create(client, settings, transcript="../../secret").status_code == 400


def test_what_the_server_can_do_is_told(client, settings):
    answer = client.get(upload_url(settings), {}, "OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,checksum,termination,expiration"
    assert answer.headers["tus-checksum-algorithm"] == "sha256,sha1,crc32"
    assert int(answer.headers["tus-max-size"]) == FILM_BYTES


def test_another_version_of_the_protocol_is_refused(client, settings):
    answer = client.get(upload_url(settings), {"Upload-Length": "5"}, "POST")
    assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")


def test_where_an_upload_stands_is_told_and_never_kept_by_a_cache(client, settings):
    url = begin(client, settings, title="T")
    answer = client.get(url, TUS, "HEAD")
    assert answer.headers["upload-length"] == str(len(FILM))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["upload-metadata"] == describe(filename="night.mp4", title="T")
    assert answer.headers["upload-expires"].endswith("GMT")


def test_a_method_may_be_named_in_a_header(client, settings):
    url = begin(client, settings, 3)
    answer = patch(client, url, 0, b"abc", **{"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 204
    assert client.get(url, TUS, "HEAD").status_code == 404


@pytest.mark.parametrize("offset", [1, len(FILM), 10**17])
def test_a_piece_from_another_place_is_refused(client, settings, offset):
    url = begin(client, settings)
    assert patch(client, url, offset, b"abc").status_code == 409
    assert offset_of(client, url) == 0


@pytest.mark.parametrize("offset", ["", "-1", "1e3", "٣", "9" * 30])
def test_an_offset_that_is_no_number_is_refused(client, settings, offset):
    url = begin(client, settings)
    assert patch(client, url, offset.encode("utf-8").decode("latin-1"), b"abc").status_code == 400


@pytest.mark.parametrize("name", ["sha256", "sha1", "crc32"])
def test_a_damaged_piece_is_not_counted(client, settings, uploads, name):
    url = begin(client, settings)
    assert patch(client, url, 0, b"abd", **{"Upload-Checksum": checksum(b"abc", name)}).status_code == 460
    assert offset_of(client, url) == 0
    assert uploads.find_path(uploads.find(id_of(url))).stat().st_size == 0
    assert patch(client, url, 0, b"abc", **{"Upload-Checksum": checksum(b"abc", name)}).status_code == 204
    assert offset_of(client, url) == 3


@pytest.mark.parametrize("header", ["md5 AAAA", "sha256 !", "sha256"])
def test_a_checksum_that_cannot_be_checked_is_refused(client, settings, header):
    url = begin(client, settings)
    assert patch(client, url, 0, b"abc", **{"Upload-Checksum": header}).status_code in (400, 460)
    assert offset_of(client, url) == 0


def test_more_than_was_said_is_refused(client, settings, submitted):
    url = begin(client, settings, 5)
    assert patch(client, url, 0, b"123456").status_code == 413
    assert offset_of(client, url) == 0
    assert submitted == []


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [
        ("film.mp4", FILM_BYTES + 1, 413),
        ("words.srt", SUBTITLES_BYTES + 1, 413),
        ("film.mp4", 0, 400),
        ("film.mp4", "", 400),
        ("film.mp4", "five", 400),
    ],
)
def test_a_size_that_cannot_be_is_refused_before_a_byte_is_sent(client, settings, uploads, name, size, status):
    assert create(client, settings, size, filename=name).status_code == status
    assert uploads.list() == []


def test_a_piece_must_say_what_it_is(client, settings):
    url = begin(client, settings)
    answer = client.get(url, {**TUS, "Upload-Offset": "0", "Content-Type": "text/plain"}, "PATCH", b"abc")
    assert answer.status_code == 415


@pytest.mark.parametrize("name", ["../../../escaped.mp4", "/etc/passwd", "..\\..\\a.mp4", "..", "a\0b.mp4", "x" * 5000])
def test_no_name_leads_out_of_the_folder_of_uploads(client, settings, uploads, name):
    url = begin(client, settings, 3, filename=name)
    assert patch(client, url, 0, b"abc").status_code == 204
    (upload,) = uploads.list()
    path = uploads.find_path(upload)
    assert path.resolve().parent == (settings.media / "uploads" / upload.id).resolve()
    assert path.read_bytes() == b"abc"


@pytest.mark.parametrize("upload_id", ["0" * 32, "..", "..%2f..%2fsecret", "0" * 31 + "%0a", "A" * 32])
def test_an_unknown_id_is_not_found(client, settings, upload_id):
    begin(client, settings)
    url = sign_url(f"{PATH}/{upload_id}", read_secret(settings.home), int(time.time()) + 60)
    for method in ("HEAD", "PATCH", "DELETE"):
        assert client.get(url, {**PIECE, "Upload-Offset": "0"}, method).status_code in (403, 404, 405)


def test_without_a_signature_nothing_is_answered(client, settings, uploads):
    url = begin(client, settings)
    other = begin(client, settings)
    query = url.partition("?")[2]
    stale = sign_url(PATH, read_secret(settings.home), int(time.time()) - 1)
    for address, method in (
        (PATH, "POST"),
        (stale, "POST"),
        (f"{PATH}?{query}", "POST"),
        (url.partition("?")[0], "HEAD"),
        (url.partition("?")[0], "PATCH"),
        (f"{other.partition('?')[0]}?{query}", "DELETE"),
        (url[:-1] + ("0" if url[-1] != "0" else "1"), "DELETE"),
    ):
        answer = client.get(address, {**PIECE, "Upload-Length": "5", "Upload-Offset": "0"}, method, b"")
        assert answer.status_code == 403, (address, method)
    assert len(uploads.list()) == 2


def test_a_film_is_its_senders_and_nobody_passes_as_another_by_editing_the_address(stage, jobs, library, settings):
    stage.routes = upload_routes(settings)
    page = replace(settings, person="Ada & Grace")
    url = begin(stage.client, page, 4, filename="ada.mp4")
    assert patch(stage.client, url, 0, b"film").status_code == 204
    (job,) = library.jobs.list_jobs()
    assert (job.person, job.priority) == ("Ada & Grace", USUAL)
    address = upload_url(page)
    query = address.partition("?")[2]
    for edited in (
        address.replace("Ada", "Eve"),
        f"{address}&person=Eve",
        f"{PATH}?{query.partition('&')[2]}",
    ):
        assert edited != address
        answer = stage.client.get(edited, {**TUS, "Upload-Length": "5"}, "POST")
        assert answer.status_code == 403, edited
    answer = stage.client.get(f"{PATH}?person=Eve&{query}", {**TUS, "Upload-Length": "5"}, "POST")
    assert answer.status_code == 201
    assert {upload.person for upload in Uploads(settings).list()} == {"Ada & Grace"}


def test_films_that_were_begun_together_let_one_that_came_alone_go_first(stage, jobs, library, settings):
    stage.routes = upload_routes(settings)
    for name, said in (("one of many.mp4", {"batch": "true"}), ("alone.mp4", {})):
        assert (
            patch(stage.client, begin(stage.client, settings, 4, filename=name, **said), 0, b"film").status_code == 204
        )
    assert {job.path.stem: job.priority for job in library.jobs.list_jobs()} == {"one of many": BATCH, "alone": USUAL}


def test_an_upload_that_an_earlier_version_began_goes_on(client, settings, uploads, submitted):
    url = begin(client, settings, 4)
    record = settings.media / "uploads" / f"{id_of(url)}.json"
    told = json.loads(record.read_text())
    del told["person"]
    record.write_text(json.dumps(told))
    assert patch(client, url, 0, b"film").status_code == 204
    assert len(submitted) == 1


def test_a_cancelled_upload_leaves_nothing_behind(client, settings, uploads):
    url = begin(client, settings)
    patch(client, url, 0, FILM[:1000])
    assert client.get(url, TUS, "DELETE").status_code == 204
    assert client.get(url, TUS, "HEAD").status_code == 404
    assert list((settings.media / "uploads").iterdir()) == []


def test_a_film_that_is_being_analysed_is_not_cancelled_with_its_upload(client, settings, submitted):
    url = begin(client, settings, 4)
    patch(client, url, 0, b"film")
    client.get(url, TUS, "DELETE")
    assert submitted[0][0].read_bytes() == b"film"


def send_part(client, url, size, headers, data):
    """Promise so many bytes, send some of them, and break off."""
    lines = [f"PATCH {url} HTTP/1.1", "Host: localhost", f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in {**PIECE, "Upload-Offset": "0", **headers}.items()]
    with socket.create_connection(("127.0.0.1", client.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)
        time.sleep(0.3)


def wait_until(check):
    deadline_s = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_what_came_before_the_network_dropped_counts_where_no_checksum_says_otherwise(client, settings, submitted):
    url = begin(client, settings, 3 * SIZE)
    send_part(client, url, 3 * SIZE, {}, FILM + FILM)  # Written by the megabyte; what is short of one is sent again.
    wait_until(lambda: offset_of(client, url) >= 1 << 20)
    kept = offset_of(client, url)
    assert patch(client, url, kept, (3 * FILM)[kept:]).status_code == 204
    assert submitted[0][0].read_bytes() == 3 * FILM


def test_half_a_piece_with_a_checksum_does_not_count_and_its_room_is_given_back(client, settings, uploads):
    url = begin(client, settings)
    send_part(client, url, SIZE, {"Upload-Checksum": checksum(FILM)}, FILM[:600_000])
    path = uploads.find_path(uploads.find(id_of(url)))
    wait_until(lambda: path.stat().st_size == 0)
    assert offset_of(client, url) == 0
    wait_until(lambda: patch(client, url, 0, FILM, **{"Upload-Checksum": checksum(FILM)}).status_code == 204)
    assert path.read_bytes() == FILM


def test_two_senders_never_write_one_film_at_once(client, settings):
    url = begin(client, settings)
    lines = [f"PATCH {url} HTTP/1.1", "Host: localhost", f"Content-Length: {len(FILM)}"]
    lines += [f"{name}: {value}" for name, value in {**PIECE, "Upload-Offset": "0"}.items()]
    with socket.create_connection(("127.0.0.1", client.port)) as first:
        first.sendall("\r\n".join([*lines, "", ""]).encode() + FILM[:1000])
        wait_until(lambda: patch(client, url, 0, b"abc").status_code == 423)
        first.sendall(FILM[1000:])
        assert first.recv(100).startswith(b"HTTP/1.1 204")


def test_a_connection_without_a_byte_gives_its_film_free(client, settings, monkeypatch):
    monkeypatch.setattr(routes_module, "IDLE_S", 0.3)
    url = begin(client, settings)
    lines = [f"PATCH {url} HTTP/1.1", "Host: localhost", f"Content-Length: {len(FILM)}"]
    lines += [f"{name}: {value}" for name, value in {**PIECE, "Upload-Offset": "0"}.items()]
    with socket.create_connection(("127.0.0.1", client.port)) as silent:
        silent.sendall("\r\n".join([*lines, "", ""]).encode())
        wait_until(lambda: patch(client, url, 0, b"abc").status_code == 204)


def test_the_offset_survives_a_restart_and_unproven_bytes_do_not(stage, client, settings, submitted, uploads):
    url = begin(client, settings)
    assert patch(client, url, 0, FILM[:1000]).status_code == 204
    path = uploads.find_path(uploads.find(id_of(url)))
    with path.open("ab") as file:  # What a process leaves that is killed between writing and counting.
        file.write(b"rubbish" * 1000)
    stage.routes = upload_routes(settings, submit=submitted.submit)  # Nothing is known but what lies on the disk.
    assert offset_of(client, url) == 1000
    assert patch(client, url, 1000, FILM[1000:]).status_code == 204
    assert submitted[0][0].read_bytes() == FILM


Usage = namedtuple("Usage", "total used free")


def test_a_film_for_which_the_disk_has_no_room_is_refused_at_once(client, settings, uploads, monkeypatch):
    first = begin(client, settings, 1000)
    room = RESERVED_BYTES + 1500
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(room, 0, room))
    answer = create(client, settings, 501)  # The rest is promised to the first.
    assert answer.status_code == 507
    assert b"Make room" in answer.content
    assert len(uploads.list()) == 1
    assert create(client, settings, 500).status_code == 201
    assert offset_of(client, first) == 0


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="/dev/full is Linux's own")
def test_a_disk_that_fills_up_on_the_way_loses_nothing_that_was_proven(client, settings, uploads, submitted):
    url = begin(client, settings)
    assert patch(client, url, 0, FILM[:1000]).status_code == 204
    path = uploads.find_path(uploads.find(id_of(url)))
    kept = path.rename(path.with_suffix(".kept"))
    path.symlink_to("/dev/full")  # Every write to it finds no room.
    answer = patch(client, url, 1000, FILM[1000:], **{"Upload-Checksum": checksum(FILM[1000:])})
    assert answer.status_code == 507
    assert b"Make room" in answer.content
    path.unlink()
    kept.rename(path)
    assert offset_of(client, url) == 1000
    assert patch(client, url, 1000, FILM[1000:]).status_code == 204
    assert submitted[0][0].read_bytes() == FILM


def test_a_film_that_no_worker_takes_is_kept_and_offered_again(stage, client, settings, submitted):
    stage.routes = upload_routes(settings)  # In this process no worker was started.
    url = begin(client, settings, 4)
    answer = patch(client, url, 0, b"film")
    assert answer.status_code == 503
    assert b"no worker was started" in answer.content
    stage.routes = upload_routes(settings, submit=submitted.submit)
    assert patch(client, url, 4, b"").status_code == 204
    assert submitted[0][0].read_bytes() == b"film"


def age(settings, upload, seconds):
    record = settings.media / "uploads" / f"{upload.id}.json"
    os.utime(record, (time.time() - seconds,) * 2)


def test_what_is_given_up_is_swept_and_what_is_awaited_is_not(settings, uploads):
    words, lost, film = (uploads.create(name, size=3) for name in ("a.srt", "b.mp4", "c.mp4"))
    film = uploads.create("d.mp4", size=3, transcript=words.id)
    for upload in (words, lost):
        age(settings, upload, UPLOAD_LIFE_S + 60)
    age(settings, film, UPLOAD_LIFE_S - 60)
    uploads.sweep(now_s=time.time())
    left = {upload.id for upload in uploads.list()}
    assert {words.id, film.id} <= left
    assert lost.id not in left
    assert not (settings.media / "uploads" / lost.id).exists()


def test_a_film_that_a_job_has_taken_outlives_the_record_of_its_upload(settings, uploads):
    upload = uploads.advance(uploads.create("a.mp4", size=0), 0)
    taken = uploads.hand_over(upload, lambda *_: "job")
    age(settings, taken, UPLOAD_LIFE_S + 60)
    uploads.sweep(now_s=time.time())
    assert uploads.list() == []
    assert uploads.find_path(taken).is_file()


def test_what_was_complete_when_the_app_was_killed_is_handed_over_once(settings, uploads):
    first, second = (uploads.advance(uploads.create(name, size=3), 3) for name in ("a.mp4", "b.mp4"))
    uploads.create("half.mp4", size=3)
    submitted = []

    def submit(_, path, __):
        submitted.append(path)
        return "job2"

    for _ in range(2):
        finish_uploads(settings, submit, {uploads.find_path(first): "job1"})
    assert submitted == [uploads.find_path(second)]
    assert {upload.job for upload in uploads.list()} == {"job1", "job2", None}


def test_a_film_that_two_threads_find_complete_is_handed_over_once(uploads):
    upload = uploads.advance(uploads.create("a.mp4", size=3), 3)
    submitted = []

    def submit(*_):
        submitted.append(upload.id)
        time.sleep(0.1)
        return "job"

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda _: uploads.hand_over(upload, submit), range(4)))
    assert submitted == [upload.id]
    assert {film.job for film in taken} == {"job"}


def test_a_library_that_removes_the_film_removes_its_folder(settings, library, uploads):
    upload = uploads.create("a.mp4", size=3)
    library.jobs.discard_media(uploads.find_path(upload))
    assert not uploads.find_path(upload).parent.exists()
    assert uploads.find(upload.id) is None


def test_a_damaged_record_is_no_upload(settings, uploads):
    upload = uploads.create("a.mp4", size=3)
    record = settings.media / "uploads" / f"{upload.id}.json"
    for text in ("{", json.dumps([]), json.dumps({"id": 1})):
        record.write_text(text)
        assert uploads.find(upload.id) is None
        assert uploads.list() == []
