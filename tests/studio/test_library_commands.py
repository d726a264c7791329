"""The commands that begin with `library`, and analysing again, run inside the test's own process."""

import json
from dataclasses import replace

from pipeline.streams.probe import probe_cut
from tests.analyses import make_analysis
from tests.studio.films import make_film


def test_versions_tags_and_notes_are_set_and_shown(run, library):
    for cut_id, title in (("aa", "Night"), ("bb", "Night, long")):
        library.save_analysis(make_analysis(cut_id=cut_id, title=title, start_timecode="01:00:00:00"))
    assert run("library", "version", "bb", "director's", "--of", "Night").returncode == 0
    assert run("library", "tag", "a", "Rough  Cut", "day").returncode == 0
    assert "day" in run("library", "tag", "a", "rough cut", "--remove").stdout
    assert run("library", "note", "aa", "--at", "01:00:10:00", "Zu lang.").returncode == 0
    assert run("library", "note", "aa", "--at", "02:00:10:00", "Zu lang.").returncode == 2
    listed = json.loads(run("library", "list", "--json").stdout)
    assert [(cut["id"], cut["project"], cut["version"], cut["tags"], cut["old"]) for cut in listed] == [
        ("bb", "Night", "director's", [], True),
        ("aa", "Night", "v1", ["day"], True),
    ]
    assert [line.split()[0] for line in run("library", "list").stdout.splitlines()] == ["aa", "bb"]
    assert [cut["id"] for cut in json.loads(run("library", "list", "--tag", "Day", "--json").stdout)] == ["aa"]
    shown = json.loads(run("library", "show", "a", "--json").stdout)
    (note,) = shown["noted"]
    assert (note["timecode"], note["text"]) == ("01:00:10:00", "Zu lang.")
    assert [done["action"] for done in shown["history"]][-1] == "noted"
    assert "01:00:10:00  Zu lang." in run("library", "show", "a").stdout
    assert run("library", "note", "aa", "--remove", note["id"][:5]).returncode == 0
    for words in (("version", "aa"), ("version", "aa", "director's"), ("note", "aa", "no place"), ("tag", "zz", "day")):
        assert run("library", *words).returncode == 2


def test_a_library_is_checked_backed_up_purged_and_restored(run, library, tmp_path):
    for cut_id in ("aa", "bb"):
        library.save_analysis(make_analysis(3, cut_id=cut_id))
    library.analyses.discard(library.find_cut("bb").analysis)
    found = json.loads(run("library", "check", "--dry-run", "--json").stdout)
    assert ("its analysis is lost", "") in [(finding["fault"], finding["mended"]) for finding in found]
    assert run("library", "backup", "all.zip").returncode == 2
    assert "it can be analysed again" in run("library", "check").stdout
    assert json.loads(run("library", "backup", "all.zip", "--json").stdout)["cuts"] == 2
    assert run("library", "purge").returncode == 2
    assert len(library.list_cuts()) == 2
    assert run("library", "restore", "all.zip").returncode == 2
    assert run("library", "purge", "--yes").returncode == 0
    assert library.list_cuts() == []
    assert json.loads(run("library", "restore", "all.zip", "--json").stdout) == {"cuts": 2}
    assert {cut.id: cut.analysed for cut in library.list_cuts()} == {"aa": True, "bb": False}


def test_a_backup_tells_which_films_are_not_in_it(run, library, tmp_path):
    elsewhere, uploaded = tmp_path / "night.mov", library.settings.media / "a1" / "day.mov"
    for cut_id, film in (("aa", elsewhere), ("bb", uploaded)):
        film.parent.mkdir(parents=True, exist_ok=True)
        film.write_bytes(b"film" * 50_000)
        library.save_analysis(make_analysis(3, cut_id=cut_id, path=film))
    told = run("library", "backup", "all.zip").stdout
    assert "Left out: films and subtitles of 0.2 MB" in told
    assert f"left out: {elsewhere}" in told
    assert str(uploaded) not in told
    for words, left_out in (((), [elsewhere]), (("--without-films",), [elsewhere, uploaded]), (("--all-films",), [])):
        told = json.loads(run("library", "backup", "all.zip", "--json", *words).stdout)
        assert sorted(told["left_out"]) == sorted(str(path) for path in left_out)
        assert told["left_out_bytes"] == 200_000 * len(left_out)
    assert run("library", "backup", "all.zip", "--all-films", "--without-films").returncode == 2


def test_what_an_older_version_made_is_analysed_again(run, library, tmp_path):
    film = make_film(tmp_path / "night.mp4", seconds=1)
    cut = probe_cut(film)
    library.save_analysis(replace(make_analysis(1, cut_id=cut.cut_id, title="Night"), cut=replace(cut, title="Night")))
    library.save_analysis(make_analysis(1, cut_id="gone", title="Gone"))
    assert {cut["title"] for cut in json.loads(run("library", "list", "--old", "--json").stdout)} == {"Night", "Gone"}
    done = run("analyse", "--old")
    assert done.returncode == 2
    assert "1 of 2 were not analysed. Gone" in done.stderr
    assert [cut["title"] for cut in json.loads(run("library", "list", "--old", "--json").stdout)] == ["Gone"]
    (cut,) = [cut for cut in library.list_cuts() if cut.title == "Night"]
    assert [entry.action for entry in library.audit.list_actions(cut.id)] == ["analysed", "analysed again"]
    for words in ((film, "--old"), ("--again", "gone"), ("--again", "zz"), ()):
        assert run("analyse", *words).returncode == 2
