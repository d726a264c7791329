"""The Dockerfile is kept honest by reading it: no engine is needed."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()


def find_instructions(name: str) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in LINES if line.startswith(f"{name} ")]


def test_the_base_image_is_a_slim_python_that_the_project_allows() -> None:
    (base,) = find_instructions("FROM")
    found = re.fullmatch(r"python:(\d+)\.(\d+)-slim", base)
    assert found, base
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lowest, above = re.findall(r"(\d+)\.(\d+)", project["requires-python"])
    assert tuple(map(int, lowest)) <= (int(found[1]), int(found[2])) < tuple(map(int, above))


def test_it_installs_the_pinned_requirements() -> None:
    assert any("pip install" in run and "-r requirements.txt" in run for run in find_instructions("RUN"))


def test_it_copies_everything_that_the_program_needs() -> None:
    copied = {source for copy in find_instructions("COPY") for source in copy.split()[:-1]}
    assert {"app.py", "models", "pipeline", "studio", "assets", ".streamlit", "requirements.txt"} <= copied
    assert all((ROOT / source).exists() for source in copied)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{source}" for source in copied} <= set(ignored)


def test_it_runs_as_an_ordinary_user_with_one_volume_that_user_owns() -> None:
    (user,) = find_instructions("USER")
    assert user != "root"
    (volume,) = find_instructions("VOLUME")
    assert any(f"chown {user} {volume}" in run for run in find_instructions("RUN"))
    assert any(f"THROUGHLINE_HOME={volume}" in env for env in find_instructions("ENV"))


def test_its_health_check_asks_the_port_that_it_serves() -> None:
    (port,) = find_instructions("EXPOSE")
    (health,) = find_instructions("HEALTHCHECK")
    assert f"127.0.0.1:{port}/_stcore/health" in health


def test_its_command_is_one_that_the_command_line_knows() -> None:
    from studio.arguments import build_parser

    (command,) = find_instructions("CMD")
    words = [word.strip('"') for word in shlex.split(command.strip("[]").replace(",", " "))]
    assert words[:3] == ["python", "-m", "studio"]
    try:
        build_parser().parse_args(words[3:])
    except SystemExit:
        pytest.fail(f"the command line does not know {words[3:]}")
