"""This machine's settings, and their documentation."""

import os
from pathlib import Path

import pytest

from models.shipped import CURVE_WEIGHTS
from pipeline.errors import SettingError
from pipeline.places import name_url
from studio.settings import SETTINGS, read_settings, settings_table

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_an_empty_environment_puts_everything_into_the_home():
    settings = read_settings({})
    home = Path("~/.throughline").expanduser()
    assert settings.home == home
    assert settings.data == home / "data"
    assert settings.media == home / "media"
    assert settings.database == f"sqlite:///{home}/library.sqlite"
    assert settings.scheduler is None
    assert settings.watched == ()
    assert settings.person_header is None
    assert settings.encoders is False
    assert settings.curves == CURVE_WEIGHTS
    assert settings.models == home / "models"
    assert settings.hub_cache is None


def test_every_variable_is_read(tmp_path):
    settings = read_settings(
        {
            "THROUGHLINE_HOME": str(tmp_path / "home"),
            "THROUGHLINE_DATA": str(tmp_path / "data"),
            "THROUGHLINE_SCHEDULER": "tcp://127.0.0.1:8786",
            "THROUGHLINE_DATABASE": "sqlite:////tmp/other.sqlite",
            "THROUGHLINE_WATCHED": os.pathsep.join([str(tmp_path / "one"), " ", str(tmp_path / "two")]),
            "THROUGHLINE_PERSON_HEADER": "X-Forwarded-User",
            "THROUGHLINE_ENCODERS": "hub",
            "TFHUB_CACHE_DIR": str(tmp_path / "hub"),
        }
    )
    assert settings.home == tmp_path / "home"
    assert settings.data == tmp_path / "data"
    assert settings.scheduler == "tcp://127.0.0.1:8786"
    assert settings.database == "sqlite:////tmp/other.sqlite"
    assert settings.watched == (tmp_path / "one", tmp_path / "two")
    assert settings.person_header == "X-Forwarded-User"
    assert settings.encoders is True
    assert settings.hub_cache == tmp_path / "hub"


def test_folders_and_urls_are_watched_side_by_side(tmp_path):
    text = os.pathsep.join([str(tmp_path), "S3://films/rushes", "https://host:8080/x/", "file:///srv/films"])
    watched = read_settings({"THROUGHLINE_WATCHED": text}).watched
    assert [str(place) for place in watched] == [
        str(tmp_path),
        "s3:/films/rushes",
        "https:/host:8080/x",
        "file:/srv/films",
    ]
    assert [name_url(place) for place in watched[1:]] == [
        "s3://films/rushes",
        "https://host:8080/x",
        "file:///srv/films",
    ]


def test_the_weights_of_the_curves_are_chosen_by_path_or_by_their_name_in_the_home(tmp_path):
    own = tmp_path / "models" / "own_curves-12345678.keras"
    own.parent.mkdir()
    own.touch()
    for text in ("own_curves-12345678", str(own)):
        environ = {"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_CURVES": text}
        assert read_settings(environ).curves == own


def test_a_variable_that_is_set_to_nothing_counts_as_not_set():
    names = [setting.name for setting in SETTINGS]
    assert read_settings(dict.fromkeys(names, " ")) == read_settings({})


def test_a_relative_home_is_made_absolute():
    assert read_settings({"THROUGHLINE_HOME": "somewhere"}).home == Path.cwd() / "somewhere"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THROUGHLINE_HOME", __file__),
        ("THROUGHLINE_DATA", __file__),
        ("TFHUB_CACHE_DIR", __file__),
        ("THROUGHLINE_CURVES", "own_curves-00000000"),
        ("THROUGHLINE_WATCHED", f"/tmp{os.pathsep}{__file__}"),  # noqa: S108
        ("THROUGHLINE_WATCHED", "simplecache::s3://films"),
        ("THROUGHLINE_WATCHED", "https://user:password@host/films"),
        ("THROUGHLINE_WATCHED", "s3://films/../other"),
        ("THROUGHLINE_WATCHED", "https://host/films?token=1"),
        ("THROUGHLINE_WATCHED", "s3://"),
        ("THROUGHLINE_HOME", "~nobody-of-that-name/films"),
        ("THROUGHLINE_SCHEDULER", "somewhere"),
        ("THROUGHLINE_ENCODERS", "all"),
        ("THROUGHLINE_PERSON_HEADER", "X-User: Ada"),
        ("THROUGHLINE_DATABASE", "library.sqlite"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name, value):
    with pytest.raises(SettingError) as caught:
        read_settings({name: value})
    assert name in caught.value.message
    assert caught.value.hint


def test_the_documented_table_is_the_one_the_program_makes():
    assert settings_table() in DOCUMENT.read_text(encoding="utf-8")


def test_every_setting_is_in_the_table():
    for setting in SETTINGS:
        assert f"`{setting.name}`" in settings_table()
