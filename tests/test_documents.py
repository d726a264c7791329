"""What people rely on is documented, and what is documented is there."""

import inspect
import json
import re
from pathlib import Path

import pytest

from models.shipped import LIVE_WEIGHTS, identify_curve_model, read_curve_figures
from pipeline import errors
from pipeline.types import CURVES
from studio.cli import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CARDS = sorted((ROOT / "models" / "weights").glob("*.md"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command: str) -> None:
    group, _, action = command.partition(" ")
    assert re.search(rf"studio {group}\b[^\n]*\b{action}", README)


def test_every_error_stands_in_the_tree() -> None:
    classes = [name for name, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert len(classes) >= 10
    for name in classes:
        assert re.search(rf"\b{name}\b", errors.__doc__ or ""), name


def test_every_error_survives_the_way_between_processes() -> None:
    import pickle

    for _, kind in inspect.getmembers(errors, inspect.isclass):
        error = kind("What happened.", "What to do.")
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
        assert (type(again), again.message, again.hint) == (kind, "What happened.", "What to do.")


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_direct_dependency_is_pinned_exactly_with_a_reason(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9_.\-]+==[0-9][^\s]*\s+# .+", line), line


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)|src=\"([^\"]+)\"", README))))
def test_every_link_of_the_readme_leads_somewhere(link: tuple[str, str]) -> None:
    assert (ROOT / (link[0] or link[1])).exists()


@pytest.mark.parametrize("page", sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("models/weights/*.md")]), ids=str)
def test_every_link_of_a_page_or_a_card_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(((?!http)[^)#]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_every_weight_has_a_card_with_data_licence_protocol_figures_and_limits() -> None:
    weights = sorted((ROOT / "models" / "weights").glob("*.keras"))
    assert {path.stem for path in weights} == {path.stem for path in CARDS}
    for card in CARDS:
        text = card.read_text().lower()
        assert all(word in text for word in ("data", "cc", "protocol", "limits", "rebuild", "|---|")), card.name


def test_the_curves_card_describes_the_weights_that_ship() -> None:
    from models.checkpoint import load_curve_model

    card = (ROOT / "models" / "weights" / "curve_net.md").read_text()
    model = load_curve_model()
    assert model.model_id in card
    assert model.curves == CURVES
    assert all(name in card for name in CURVES)
    assert "(U + max(arousal, 0) + max(-valence, 0)) / 3" in card


def read_card_table() -> dict[str, dict[str, float]]:
    """The mean r of each row and curve in the first table of the curves' card."""
    lines = (ROOT / "models" / "weights" / "curve_net.md").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|  | arousal r"))
    names = [cell.strip() for cell in lines[start].split("|")[2:-1]]
    rows = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.split("|")[1:-1])
        rows[name] = {column: float(cell.split()[0]) for column, cell in zip(names, cells, strict=True)}
    return rows


def test_the_card_of_what_follows_a_film_describes_its_weights_and_tells_what_they_cost() -> None:
    card = LIVE_WEIGHTS.with_suffix(".md").read_text()
    assert identify_curve_model(LIVE_WEIGHTS) in card
    whole = read_curve_figures()
    assert whole.model_id in card
    own = json.loads(LIVE_WEIGHTS.with_suffix(".json").read_text())["held_out"]
    for name in ("tension", "arousal", "valence"):
        assert own[name] < whole.held_out[name]


def test_the_shipped_recipe_is_ahead_of_the_baselines_in_its_own_card() -> None:
    from models.evaluate_curves import SHIPPED

    rows = read_card_table()
    shipped, ridge, loudness = rows[SHIPPED], rows["ridge"], rows["loudness + cut rate"]
    assert shipped["arousal r"] > ridge["arousal r"]
    for column in ("arousal r", "valence r", "tension r"):
        assert shipped[column] > loudness[column]


@pytest.mark.xfail(strict=True, reason="level with the regression in tension, and a hundredth behind it in valence")
def test_the_shipped_recipe_is_ahead_of_the_regression_in_every_key_curve() -> None:
    from models.evaluate_curves import SHIPPED

    rows = read_card_table()
    for column in ("valence r", "tension r"):
        assert rows[SHIPPED][column] > rows["ridge"][column]
