"""Ratings in the library's database: kept at once, rated anew, and gone with their cut."""

import pytest

from pipeline.errors import LibraryError
from pipeline.ratings import RatingSeries
from studio.backup import back_up_library, restore_library
from studio.settings import read_settings
from studio.store import open_library
from studio.upkeep import check_library, purge_library
from tests.analyses import make_analysis


@pytest.fixture
def settings(either):
    return either


def rate(library, values: dict[int, float], *, cut_id: str = "aa", curve: str = "tension", rater: str = "Ada") -> None:
    library.ratings.save_ratings(RatingSeries(cut_id=cut_id, curve=curve, rater=rater, values=values))


def load(library, cut_id: str = "aa") -> dict[tuple[str, str], dict[int, float]]:
    return {(each.curve, each.rater): dict(each.values) for each in library.ratings.load_ratings(cut_id)}


def test_seconds_are_added_and_those_watched_again_are_rated_anew(library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    rate(library, {0: 0.1, 1: 0.2})
    rate(library, {1: 0.9, 2: 0.3})
    rate(library, {1: -1.0}, curve="valence")
    rate(library, {1: 0.5}, rater="Grace")
    assert load(library) == {
        ("tension", "Ada"): {0: 0.1, 1: 0.9, 2: 0.3},
        ("tension", "Grace"): {1: 0.5},
        ("valence", "Ada"): {1: -1.0},
    }
    assert [each.curve for each in library.ratings.load_ratings("aa", "Grace")] == ["tension"]
    listed = [(entry.curve, entry.rater, entry.seconds) for entry in library.ratings.list_ratings()]
    assert listed == [("tension", "Ada", 3), ("tension", "Grace", 1), ("valence", "Ada", 1)]


def test_a_whole_film_is_rated_at_once(library):
    library.save_analysis(make_analysis(3000, cut_id="aa"))
    for value in (0.25, 0.75):
        rate(library, dict.fromkeys(range(3000), value))
    assert load(library)["tension", "Ada"] == dict.fromkeys(range(3000), 0.75)


def test_seconds_that_a_cut_does_not_have_and_cuts_that_are_gone_are_refused_whole(library):
    library.save_analysis(make_analysis(10.5, cut_id="aa"))
    rate(library, {10: 0.5})
    for wrong in ({0: 0.5, 11: 0.5}, {-1: 0.5}):
        with pytest.raises(LibraryError, match="11 seconds"):
            rate(library, wrong)
    with pytest.raises(LibraryError):
        rate(library, {0: 0.5}, cut_id="bb")
    good = RatingSeries(cut_id="aa", curve="joy", rater="Ada", values={0: 1.0})
    bad = RatingSeries(cut_id="aa", curve="joy", rater="Grace", values={99: 1.0})
    with pytest.raises(LibraryError):
        library.ratings.import_ratings([good, bad])
    assert load(library) == {("tension", "Ada"): {10: 0.5}}


def test_the_record_has_one_line_a_sitting_and_one_an_import(library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    for second in range(5):
        rate(library, {second: 0.5})
        rate(library, {second: 0.5}, rater="Grace")
    library.ratings.import_ratings([RatingSeries(cut_id="aa", curve="joy", rater="Panel 1", values={0: 1.0, 1: 1.0})])
    library.ratings.remove_ratings("aa", "Grace")
    assert [(done.person, done.action, done.details) for done in library.audit.list_actions("aa")][1:] == [
        ("Ada", "rated", "tension, by Ada"),
        ("Ada", "rated", "tension, by Grace"),
        ("Ada", "ratings imported", "joy, by Panel 1, 2 seconds"),
        ("Ada", "ratings removed", "all curves, by Grace"),
    ]


def test_one_person_can_be_forgotten_without_the_others(library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    rate(library, {0: 0.5, 1: 0.5})
    rate(library, {0: 0.5}, curve="valence")
    rate(library, {0: 0.5}, rater="Grace")
    assert library.ratings.remove_ratings("aa", "Ada", "tension") == 2
    assert set(load(library)) == {("valence", "Ada"), ("tension", "Grace")}
    for nothing in (("aa", "Ada", "tension"), ("aa", "Nobody", None), ("bb", "Ada", None)):
        with pytest.raises(LibraryError):
            library.ratings.remove_ratings(*nothing)


def test_ratings_outlive_a_new_analysis_and_go_with_the_cut(library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    rate(library, {0: 0.5})
    library.save_analysis(make_analysis(30, cut_id="aa", seed=5))
    assert load(library) == {("tension", "Ada"): {0: 0.5}}
    library.remove_cut("aa")
    library.save_analysis(make_analysis(30, cut_id="aa"))
    assert load(library) == {}


def test_a_backup_holds_ratings_and_weights_of_ones_own_and_a_purge_leaves_neither(library, tmp_path):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    rate(library, {0: 0.5, 3: 0.25})
    library.settings.models.mkdir()
    (library.settings.models / "own_curves-12345678.keras").write_bytes(b"weights")
    back_up_library(library, tmp_path / "all.zip")
    other = open_library(read_settings({"THROUGHLINE_HOME": str(tmp_path / "other")}))
    restore_library(other, tmp_path / "all.zip")
    assert load(other) == {("tension", "Ada"): {0: 0.5, 3: 0.25}}
    assert (other.settings.models / "own_curves-12345678.keras").read_bytes() == b"weights"
    other.close()
    purge_library(library)
    assert load(library) == {}
    assert not library.settings.models.exists()


def test_ratings_of_a_cut_that_is_not_there_are_found_and_deleted(library):
    library.save_analysis(make_analysis(30, cut_id="aa"))
    rate(library, {0: 0.5})
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ratings SET cut_id = 'gone'")
    dry = check_library(library, mend=False)
    assert [(finding.what, finding.mended) for finding in dry if "ratings" in finding.fault] == [("gone", "")]
    assert any("ratings" in finding.fault and finding.mended == "deleted" for finding in check_library(library))
    assert load(library, "gone") == {}
    assert not any("ratings" in finding.fault for finding in check_library(library))
