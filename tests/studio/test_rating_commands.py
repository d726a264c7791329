"""The commands that begin with `ratings`, run inside the test's own process."""

import json

import numpy as np

from tests.analyses import make_analysis


def test_tables_come_in_are_listed_go_out_and_are_deleted(run, library, tmp_path):
    library.save_analysis(make_analysis(60, cut_id="aa", title="Night"))
    waves = {"Ada": np.sin(np.arange(60) / 5), "Grace": np.sin(np.arange(60) / 5 + 0.3)}
    rows = [f"{t},{50 + 40 * waves['Ada'][t]:.1f},{50 + 40 * waves['Grace'][t]:.1f}" for t in range(60)]
    (tmp_path / "panel.csv").write_text("\n".join(["second,Ada,Grace", *rows]))
    taken = run("ratings", "import", "panel.csv", "--cut", "a", "--curve", "tension", "--scale", "0,100", "--json")
    assert {(each["cut_id"], each["rater"], each["seconds"]) for each in json.loads(taken.stdout)} == {
        ("aa", "Ada", 60),
        ("aa", "Grace", 60),
    }
    listed = json.loads(run("ratings", "list", "--json").stdout)
    assert [(each["title"], each["rater"], each["seconds"]) for each in listed["ratings"]] == [
        ("Night", "Ada", 60),
        ("Night", "Grace", 60),
    ]
    (agreement,) = listed["agreement"]
    r = np.corrcoef(waves["Ada"], waves["Grace"])[0, 1]
    assert abs(agreement["mean_r"] - r) < 0.01
    assert f"the raters agree at r {r:.2f}" in run("ratings", "list").stdout

    assert run("ratings", "export", "aa", "--out", "out.csv", "--rater", "Ada").returncode == 0
    assert run("ratings", "export", "aa").stdout.count("\n") == 121
    assert run("ratings", "remove", "aa", "--rater", "Ada", "--curve", "tension").returncode == 0
    assert run("ratings", "remove", "aa", "--rater", "Ada").returncode == 2
    assert run("ratings", "import", "out.csv").returncode == 0
    assert run("ratings", "export", "aa", "--rater", "Ada").stdout == (tmp_path / "out.csv").read_text()


def test_of_tables_with_a_wrong_row_nothing_is_kept(run, library, tmp_path):
    library.save_analysis(make_analysis(10, cut_id="aa"))
    (tmp_path / "good.csv").write_text("cut,second,rater,curve,value\naa,0,Ada,joy,1\n")
    (tmp_path / "bad.csv").write_text("cut,second,rater,curve,value\naa,0,Kim,joy,1\naa,10,Kim,joy,1\n")
    done = run("ratings", "import", "good.csv", "bad.csv")
    assert done.returncode == 2
    assert "Row 3 of bad.csv: second 10 lies behind the end of cut aa, which has 10 seconds." in done.stderr
    assert library.ratings.load_ratings("aa") == []


def test_what_is_no_table_is_refused_in_words(run, library, tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"second,\xff\xfe\x80\n")
    (tmp_path / "good.csv").write_text("cut,second,rater,curve,value\naa,0,Ada,joy,1\n")
    for words, fault in (
        (("import", "nowhere.csv"), "cannot be read"),
        (("import", "bytes.csv"), "is not text"),
        (("import", "good.csv", "--scale", "0-100"), "is no scale"),
        (("import", "good.csv", "--scale", "5,5"), "is no scale"),
        (("import", "good.csv", "--cut", "zz"), "no cut has the id"),
        (("export", "zz"), "no cut has the id"),
    ):
        done = run("ratings", *words)
        assert (done.returncode, fault in done.stderr) == (2, True), done
    assert "Nobody has rated anything yet" in run("ratings", "list").stdout


def test_a_training_run_is_either_a_file_or_a_folder_of_ratings(run):
    assert run("train").returncode == 2
    assert run("train", "models/curve_net.toml", "--ratings", "folder").returncode == 2
    assert "There is no folder" in run("train", "--ratings", "folder").stderr
