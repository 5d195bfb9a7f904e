"""Every claim about rights has a command, and the command is there to be run."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rights" / "README.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| claim")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_claim_names_a_command_that_can_be_run(row: list[str]) -> None:
    claim, commands = row
    found = re.findall(r"`([^`]+)`", commands)
    assert claim and found, row
    for command in found:
        check(command)


def check(command: str) -> None:
    if command.startswith("make test ARGS="):
        path = ROOT / command.removeprefix("make test ARGS=")
        tests = [path] if path.is_file() else sorted(path.rglob("test_*.py"))
        assert tests and all(re.search(r"def test_|TestCase", one.read_text(encoding="utf-8")) for one in tests), (
            command
        )
    elif command.startswith("python -m bench."):
        assert (ROOT / f"{command.removeprefix('python -m ').replace('.', '/')}.py").is_file(), command
    elif command.startswith("make "):
        assert f"\n{command.removeprefix('make ')}:" in (ROOT / "Makefile").read_text(encoding="utf-8"), command
    else:
        assert command.startswith("ombud ") and importlib.util.find_spec(f"ombud.cli.{command.split()[1]}"), command
