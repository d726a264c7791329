"""Addresses of films: how watched places are told apart, and that no address leads out of them."""

import posixpath
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import FileUnreadable
from pipeline.places import name_url
from studio.addresses import find_film, split_places, url_to_path

PLACES = tuple(
    map(Path, ("/srv/films", "s3://films", "https://host/films", "https://host:8443/a b", "file:///srv/reels"))
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        (" : ", []),
        ("/a:/b c: /d ", ["/a", "/b c", "/d"]),
        ("s3://films", ["s3://films"]),
        ("/a:s3://films:/b", ["/a", "s3://films", "/b"]),
        (" s3://films/a : HTTPS://host/b ", ["s3://films/a", "HTTPS://host/b"]),
        ("https://host:8080/a:/b", ["https://host:8080/a", "/b"]),
        ("https://host:8080:https://host:81", ["https://host:8080", "https://host:81"]),
        ("webhdfs://host:1 :memory://x", ["webhdfs://host:1", "memory://x"]),
        ("https://me:secret@host/x:/b", ["https://me:secret@host/x", "/b"]),
        ("file:///a/b:file:///c", ["file:///a/b", "file:///c"]),
        ("s3://films/2:2024", ["s3://films/2", "2024"]),
        ("s3://films:2024 rushes", ["s3://films", "2024 rushes"]),
    ],
)
def test_colons_separate_places_but_for_those_of_a_url(text, places):
    assert split_places(text, separator=":") == places


def test_semicolons_separate_places_where_the_system_has_it_so():
    text = r"C:\films;s3://films;file:///C:/x;https://host:8080/y"
    assert split_places(text, separator=";") == text.split(";")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("s3://films/a.mov", "s3:/films/a.mov"),
        ("  S3://films//night%20train/100%.mov/ ", "s3:/films/night%20train/100%.mov"),
        ("s3://films/#1 me@home, café\u202f2.mov", "s3:/films/#1 me@home, café\u202f2.mov"),
        ("HTTPS://HOST/films/A.mov", "https:/host/films/A.mov"),
        ("https://host/films/./a.mov", "https:/host/films/a.mov"),
        ("https://host/films/..a../b...mov", "https:/host/films/..a../b...mov"),
        ("https://host:8443/a b/c/d.mov", "https:/host:8443/a b/c/d.mov"),
        ("file:///srv/reels/a.mov", "file:/srv/reels/a.mov"),
    ],
)
def test_a_film_below_a_watched_url_is_found(url, path):
    assert find_film(url, PLACES) == Path(path)


EVIL = [
    "",
    "films",
    "/srv/films/a.mov",
    "file:///srv/films/a.mov",  # A watched folder is no watched URL.
    "s3:/films/a.mov",
    "s3://",
    "s3://films",
    "s3://films/",
    "s3://films-evil/x",
    "s3://filmsx/films/x",
    "s3://other/films/x",
    "s3a://films/x",
    "http://host/films/x",
    "https://host/films-evil/x",
    "https://host/Films/x",
    "https://host/x",
    "https://host:80/films/x",
    "https://host.evil/films/x",
    "https://evil/https://host/films/x",
    "https://evil/films/x",
    "https://host@evil/films/x",
    "https://host:films@evil/films/x",
    "https://user:password@host/films/x",
    "https://user@host/films/x",
    "https:///user@host/films/x",
    "https://host%2ffilms@evil/x",
    "https://host%40evil/films/x",
    "https://evil\\@host/films/x",
    "https://host\\films\\x",
    "https://evil#@host/films/x",
    "https://ｈｏｓｔ/films/x",
    "https://host/films/../secret",
    "https://host/films/..",
    "https://host/films/a/../../secret",
    "https://host/films/%2e%2e/secret",
    "https://host/films/.%2E/secret",
    "https://host/films/%252e%252e/secret",
    "https://host/films/%25252e%25252e/secret",
    "https://host/films/%2e%2e%2fsecret",
    "https://host/films/x%2f..%2f..%2fsecret",
    "https://host/films/..%5csecret",
    "https://host/films/..\\secret",
    "https://host/films/..;/secret",
    "https://host/films/..;a=b/secret",
    "https://host/films/%c0%ae%c0%ae/secret",
    "https://host/films/.. /secret",
    "https://host/films/x%00.mov",
    "https://host/films/x\n.mov",
    "https://host/films/.\t./secret",
    "https://host/films/x\udc80.mov",
    "https://host/films/get?file=/etc/passwd",
    "https://host?/films/x",
    "file:///etc/passwd",
    "file://srv/reels/../../etc/passwd",
    "file:///srv/reels/../../etc/passwd",
    "local:///srv/reels/a.mov",
    "simplecache::s3://films/x",
    "filecache::https://host/films/x",
    "zip://x::s3://films/x.zip",
    "s3://films/zip://x::file:///etc/passwd",
    "s3://films/x::file:///etc/passwd",
    "s3://films/x.mov::",
    "zip://films/x",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", EVIL)
def test_no_other_address_is(url):
    with pytest.raises(FileUnreadable) as caught:
        find_film(url, PLACES)
    assert "s3://films or https://host/films" in caught.value.hint
    assert "THROUGHLINE_WATCHED" in caught.value.hint
    assert "/srv/films" not in caught.value.hint.replace("file:///srv", "")


PIECES = (
    "s3://films https://host/films file:///srv/reels https: // / .. . %2e %25 2e %2f "
    "%5c \\ @ : :: evil films host ? # ; a.mov ％２ｅ"
)


@given(
    st.one_of(
        st.lists(st.sampled_from([*PIECES.split(), " ", "\t", "\0"]), max_size=9).map("".join),
        st.text(max_size=20).map("https://host/films/".__add__),
    )
)
@example("https://host/films/%252e%2e/x")
def test_whatever_is_accepted_lies_below_its_place_however_it_is_read(url):
    try:
        found = name_url(find_film(url, PLACES))
    except FileUnreadable:
        return
    assert "::" not in found
    plain = found
    for _ in range(5):
        scheme, _, rest = plain.partition("://")
        for path in (rest, rest.replace("\\", "/"), rest.partition("?")[0]):
            normal = f"{scheme}://{posixpath.normpath(path)}"
            assert any(normal.startswith(f"{name_url(place)}/") for place in PLACES[1:])
        plain = unquote(plain)


def test_links_lead_to_no_film_outside_of_a_place_of_this_machine(tmp_path):
    films, secret = tmp_path / "films", tmp_path / "secret.mov"
    (films / "reel").mkdir(parents=True)
    secret.touch()
    (films / "link.mov").symlink_to(secret)
    (films / "up").symlink_to(tmp_path)
    places = [url_to_path(f"file://{films}")]
    assert find_film(f"file://{films}/reel/a.mov", places) == Path(f"file:{films}/reel/a.mov")
    for name in ("link.mov", "up/secret.mov"):
        with pytest.raises(FileUnreadable):
            find_film(f"file://{films}/{name}", places)
