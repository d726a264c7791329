"""Uploads, and the films that players read."""

import io
import stat
import time
import zipfile

import pytest

from pipeline.errors import LibraryError
from studio.media import film_url, make_safe_name, media_routes, proxy_url, still_url, store_upload
from studio.security import check_signature, read_secret, sign_url
from tests.analyses import make_analysis
from tests.studio.serving import Stage, serve

FILM = bytes(range(256)) * 1000


@pytest.fixture
def film(library, tmp_path):
    path = tmp_path / "Ein 'Film' – 1.mp4"
    path.write_bytes(FILM)
    library.save_analysis(make_analysis(3, cut_id="0123456789abcdef", path=path))
    return path


@pytest.fixture(scope="module")
def stage():
    stage = Stage()
    with serve(stage) as stage.client:
        yield stage


@pytest.fixture
def client(stage, settings, film):
    stage.routes = media_routes(settings)
    return stage.client


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Schöne „Frauen“ 🎬.mp4", "Schöne „Frauen“ 🎬.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a.mov", "a.mov"),
        (".hidden.mp4", "hidden.mp4"),
        ("a\nb\0c\x1b[2J.mp4", "abc[2J.mp4"),
        ("Scho\u0308n.mp4", "Sch\u00f6n.mp4"),
        ("", "cut"),
        ("..", "cut"),
        ("films/", "cut"),
        ("ü" * 300 + ".mp4", "ü" * 98 + ".mp4"),
        ("a." + "x" * 300, "a." + "x" * 198),
    ],
)
def test_a_senders_name_becomes_one_that_any_file_system_takes(name, safe):
    assert make_safe_name(name) == safe


@pytest.mark.parametrize("source", [io.BytesIO(FILM), [FILM[:1000], FILM[1000:]], iter([FILM])])
def test_an_upload_is_stored_byte_for_byte_under_its_own_name(settings, source):
    path = store_upload(settings, "Schöne „Frauen“ 🎬.mp4", source)
    assert path.read_bytes() == FILM
    assert path.name == "Schöne „Frauen“ 🎬.mp4"
    assert path.parent.parent == settings.media


def test_uploads_of_one_name_never_overwrite_one_another(settings):
    first, second = (store_upload(settings, "a.mp4", [text]) for text in (b"one", b"two"))
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_an_upload_that_breaks_off_leaves_nothing_behind(settings):
    def break_off():
        yield b"some"
        raise ConnectionError("gone")

    with pytest.raises(LibraryError, match="gone"):
        store_upload(settings, "a.mp4", break_off())
    assert list(settings.media.iterdir()) == []


def test_a_player_gets_the_whole_film_with_its_type(settings, client):
    answer = client.get(film_url(settings, "0123456789abcdef"))
    assert answer.status_code == 200
    assert answer.content == FILM
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-", 0, 256_000), ("bytes=1000-1999", 1000, 2000), ("bytes=-10", 255_990, 256_000)],
)
def test_a_player_that_seeks_gets_the_range_it_asked_for(settings, client, asked, start, end):
    answer = client.get(film_url(settings, "0123456789abcdef"), headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == FILM[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/256000"


def test_a_player_may_ask_for_the_headers_alone(settings, client):
    answer = client.get(film_url(settings, "0123456789abcdef"), method="HEAD")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "256000")


def test_a_range_outside_the_film_is_refused(settings, client):
    answer = client.get(film_url(settings, "0123456789abcdef"), headers={"range": "bytes=256000-"})
    assert answer.status_code == 416


def test_without_its_signature_no_film_is_sent(settings, client):
    url = film_url(settings, "0123456789abcdef")
    for forged in ("/film/0123456789abcdef", url[:-1] + ("0" if url[-1] != "0" else "1"), url.replace("=1", "=2", 1)):
        assert client.get(forged).status_code == 403


def test_a_signature_opens_no_other_film(settings, client):
    url = film_url(settings, "fedcba9876543210").replace("fedcba9876543210", "0123456789abcdef")
    assert client.get(url).status_code == 403


def test_an_address_expires(settings, client):
    secret = read_secret(settings.home)
    url = sign_url("/film/0123456789abcdef", secret, int(time.time()) - 1)
    assert client.get(url).status_code == 403


def test_a_film_that_is_gone_is_not_found(settings, client, film):
    film.unlink()
    assert client.get(film_url(settings, "0123456789abcdef")).status_code == 404
    assert client.get(film_url(settings, "fedcba9876543210")).status_code == 404


def test_a_page_posing_as_a_film_is_never_shown_as_a_page(settings, library, client, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<script>alert(1)</script>")
    library.save_analysis(make_analysis(3, cut_id="aa", path=page))
    answer = client.get(film_url(settings, "aa"))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_drawn_again_keeps_the_address(settings, film):
    assert film_url(settings, "aa") in {film_url(settings, "aa"), film_url(settings, "aa")}


def test_the_secret_is_its_owners_alone_and_stays(settings, library):
    secret = read_secret(settings.home)
    path = settings.home / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert read_secret(settings.home) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in settings.home.iterdir() if file.name.startswith("tmp")] == []


def test_a_damaged_secret_is_refused(settings, library):
    (settings.home / "secret").write_bytes(b"short")
    with pytest.raises(LibraryError, match="damaged"):
        read_secret(settings.home)


@pytest.mark.parametrize("expires", ["", "-1", "1e9", "٣", "9" * 40, "x"])
def test_an_expiry_that_is_no_number_is_refused(expires):
    assert not check_signature("/film/a", b"secret", expires=expires, signature="", now_s=0)


def test_a_still_is_sent_to_whoever_has_its_address(settings, client):
    folder = settings.home / "stills"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "0123456789abcdef.zip", "w") as archive:
        archive.writestr("2.jpg", b"\xff\xd8 a picture")
    address = still_url(settings, "0123456789abcdef")
    answer = client.get(address.replace("SECOND", "2"))
    assert (answer.status_code, answer.content) == (200, b"\xff\xd8 a picture")
    assert answer.headers["content-type"] == "image/jpeg"
    assert client.get(address.replace("SECOND", "3")).status_code == 404
    assert client.get(address.replace("SECOND", "2").replace("0123456789abcdef", "fedcba9876543210")).status_code == 403
    assert client.get("/still/0123456789abcdef/2").status_code == 403
    other = still_url(settings, "fedcba9876543210")
    assert client.get(other.replace("SECOND", "2")).status_code == 404


def test_the_light_copy_of_a_film_is_read_where_there_is_one(client, settings, library):
    address = proxy_url(settings, "0123456789abcdef")
    assert client.get(address).status_code == 404
    copy = settings.home / "proxies" / "0123456789abcdef.1.mp4"
    copy.parent.mkdir()
    copy.write_bytes(FILM[::-1])
    answer = client.get(address, headers={"range": "bytes=100-199"})
    assert (answer.status_code, answer.content) == (206, FILM[::-1][100:200])
    assert answer.headers["content-type"] == "video/mp4"
    assert client.get(address.replace("/proxy/", "/film/")).status_code == 403
