"""What a user installs: one wheel with the law inside, which works from any folder."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from doors import ROOT

SOURCE = ROOT / "src" / "ombud"


def run(*words: object, at: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command, whole = [str(word) for word in words], {**plain, **environ}
    return subprocess.run(command, cwd=at, env=whole, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this source tree."""
    made = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    build = [uv, "build", "--wheel", "--out-dir", made] if uv.exists() else [
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", made,
    ]  # fmt: skip
    done = run(*build, ROOT, at=made)
    if done.returncode and os.environ.get("CI") != "true":
        pytest.skip("the wheel cannot be built here: its build tool hatchling is not at hand")
    assert done.returncode == 0, done.stderr
    return next(made.glob("ombud-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `ombud` command of a fresh environment with the wheel, and with the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    packages = next((folder / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as file:
        file.extractall(packages)
    here = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(here), encoding="utf-8")
    return folder / "bin" / "python"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def test_every_file_that_is_no_code_is_in_the_wheel(wheel: Path) -> None:
    data = {str(path.relative_to(SOURCE.parent)) for path in SOURCE.rglob("*") if path.is_file() and _is_data(path)}
    assert len(data) > 30, "law, calendars, templates"
    assert data <= names(wheel)


def _is_data(path: Path) -> bool:
    return path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts


def test_every_module_is_in_the_wheel_and_no_test_is(wheel: Path) -> None:
    modules = {str(path.relative_to(SOURCE.parent)) for path in SOURCE.rglob("*.py")}
    assert modules <= names(wheel)
    assert not [name for name in names(wheel) if name.startswith(("tests", "docs", "bench"))]


@pytest.mark.parametrize(
    "name",
    [
        "ombud/law/frameworks/eu-gdpr.yaml",
        "ombud/law/frameworks/eu-ai-act.yaml",
        "ombud/store/migrations/versions/0001_ledger.py",
        "ombud/documents/templates/report.html",
    ],
)
def test_the_law_the_migrations_and_the_templates_are_in_it(wheel: Path, name: str) -> None:
    assert name in names(wheel)


def test_it_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        entry = next(name for name in file.namelist() if name.endswith("entry_points.txt"))
        assert "ombud = ombud.cli.main:run" in file.read(entry).decode()


@pytest.fixture
def command(installed: Path) -> tuple[str, ...]:
    """How the installed command is started."""
    return str(installed), "-c", "import sys; sys.argv[0] = 'ombud'; from ombud.cli.main import run; run()"


def test_what_runs_is_the_installed_package_and_not_the_source(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import ombud; print(ombud.__file__)", at=tmp_path)
    assert where.stdout.startswith(str(installed.parents[1]))


def test_the_version_is_told_from_any_folder(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "--version", at=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("ombud ")


def test_the_law_is_listed_from_any_folder_with_an_empty_home(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    done = run(*command, "law", "list", at=tmp_path, HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    assert "GDPR.22.1" in done.stdout and "AIA.9" in done.stdout
    assert not list((tmp_path / "home").iterdir())


def test_a_workspace_can_be_made_from_the_wheel(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "keys", "init", at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run(*command, "ledger", "verify", at=tmp_path).returncode == 0


def test_help_lists_every_verb_without_importing_any(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "--help", at=tmp_path)
    assert done.returncode == 0
    for verb in ("demo", "init", "check", "status", "gate", "law", "attest", "keys", "ledger", "verify"):
        assert verb in done.stdout
    heavy = "{'duckdb', 'scipy', 'pyarrow', 'sqlalchemy', 'xgboost'}"
    loaded = f"import sys; from ombud.cli.main import build; build(['--help']); print({heavy} & set(sys.modules))"
    assert run(command[0], "-c", loaded, at=tmp_path).stdout.strip() == "set()"
