"""The address that takes ratings, asked over a real socket as a browser asks."""

import json
from dataclasses import replace

import pytest

from pipeline.ratings import RatingSeries
from studio.rating_routes import BODY_BYTES, rating_routes, rating_url
from tests.analyses import make_analysis
from tests.studio.serving import Client, Stage, serve

GOOD = {"curve": "valence", "rater": " Ada  L. ", "values": {"0": -1, "9": 0.25}}


@pytest.fixture(scope="module")
def stage() -> tuple[Stage, Client]:
    stage = Stage()
    with serve(stage) as client:
        yield stage, client


@pytest.fixture
def client(stage, library, settings) -> Client:
    library.save_analysis(make_analysis(10, cut_id="aa"))
    stage[0].routes = rating_routes(settings)
    return stage[1]


def post(client: Client, url: str, message: object) -> int:
    return client.get(url, method="POST", body=json.dumps(message).encode()).status_code


def test_what_is_sent_is_kept_before_it_is_answered(client, library, settings):
    assert post(client, rating_url(settings, "aa"), GOOD) == 204
    (series,) = library.ratings.load_ratings("aa")
    assert series == RatingSeries(cut_id="aa", curve="valence", rater="Ada L.", values={0: -1.0, 9: 0.25})


def test_only_the_address_that_a_page_was_given_takes_ratings(client, library, settings):
    address = rating_url(settings, "aa")
    assert post(client, "/ratings/aa", GOOD) == 403
    assert post(client, address.replace("/aa?", "/bb?"), GOOD) == 403
    assert client.get(address).status_code == 405
    assert library.ratings.load_ratings("aa") == []


def test_who_sends_ratings_is_recorded_and_nobody_passes_as_another(client, library, settings):
    address = rating_url(replace(settings, person="Grace"), "aa")
    assert post(client, address.replace("Grace", "Eve"), GOOD) == 403
    assert post(client, address, GOOD) == 204
    assert [(done.person, done.action) for done in library.audit.list_actions("aa")][1:] == [("Grace", "rated")]


def test_a_cut_that_was_removed_meanwhile_takes_no_more_ratings(client, library, settings):
    library.remove_cut("aa")
    assert post(client, rating_url(settings, "aa"), GOOD) == 404


@pytest.mark.parametrize(
    "message",
    [
        [],
        {**GOOD, "values": {"0": 2}},
        {**GOOD, "values": {"0": "NaN"}},
        {**GOOD, "values": {"x": 0}},
        {**GOOD, "values": [0]},
        {**GOOD, "values": {"0": None}},
        {**GOOD, "curve": "suspense"},
        {**GOOD, "rater": "<b>"},
        {"curve": "valence"},
        {**GOOD, "rater": "x" * BODY_BYTES},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client, library, settings, message):
    answer = client.get(rating_url(settings, "aa"), method="POST", body=json.dumps(message).encode())
    assert answer.status_code == 400
    assert b"make no sense" in answer.content
    assert library.ratings.load_ratings("aa") == []


def test_a_second_behind_the_end_is_refused_with_the_length(client, settings):
    answer = client.get(
        rating_url(settings, "aa"), method="POST", body=json.dumps({**GOOD, "values": {"10": 0}}).encode()
    )
    assert answer.status_code == 404
    assert b"10 seconds" in answer.content
