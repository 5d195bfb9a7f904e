"""Settings of a workspace: flag, then OMBUD_*, then `.ombud/config.yaml`, then the default."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml
from attrs import frozen
from pydantic import BaseModel, ConfigDict, ValidationError

from ombud.errors import Invalid, NotFound, Unreadable

FOLDER: Final = ".ombud"
CONFIG: Final = "config.yaml"
_MAX_BYTES: Final = 64_000
_PASSWORD: Final = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
_ENV: Final = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


class _Config(BaseModel):
    """The file as a person writes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    root_key: str | None = None
    store: str | None = None
    anchor: str | None = None


@frozen
class Settings:
    """What a workspace works with.

    Attributes:
        root: folder of the workspace.
        store: database URL of the store; may hold a password, so it is never shown.
        anchor: file for the newest checkpoint, outside the store.
        root_key: id of the pinned root key; None before the keys are made.
    """

    root: Path
    store: str
    anchor: Path
    root_key: str | None = None

    @property
    def keys(self) -> Path:
        """The folder of private keys."""
        return self.root / FOLDER / "keys"

    @property
    def config(self) -> Path:
        """The config file."""
        return self.root / FOLDER / CONFIG


def find_workspace(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a workspace.

    Raises:
        NotFound: none does.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FOLDER / CONFIG).is_file():
            return folder
    raise NotFound("workspace", f"no {FOLDER}/{CONFIG} in {start} or above", "Make one here with: ombud keys init")


def load_settings(
    root: Path, environment: Mapping[str, str] | None = None, *, store: str | None = None, anchor: Path | None = None
) -> Settings:
    """Settings of the workspace in `root`; what is given here outranks OMBUD_STORE, OMBUD_ANCHOR and OMBUD_ROOT_KEY.

    Raises:
        Invalid: the config file says something that cannot be meant, or holds a password.
    """
    env = os.environ if environment is None else environment
    config = _read(root / FOLDER / CONFIG)
    address = store or env.get("OMBUD_STORE") or _resolved(config.store, env, root) or _default_store(root)
    held = anchor or Path(env.get("OMBUD_ANCHOR") or config.anchor or "ombud.checkpoint")
    return Settings(root, _absolute(address, root), root / held, env.get("OMBUD_ROOT_KEY") or config.root_key)


def _default_store(root: Path) -> str:
    return f"sqlite:///{root / FOLDER / 'ombud.db'}"


def _absolute(address: str, root: Path) -> str:
    """A relative SQLite file is meant from the workspace, not from where the command was typed."""
    scheme, slashes, path = address.partition(":///")
    if scheme == "sqlite" and slashes and path and not Path(path).is_absolute():
        return f"sqlite:///{root / path}"
    return address


def _resolved(address: str | None, env: Mapping[str, str], root: Path) -> str | None:
    if address is None:
        return None
    where = root / FOLDER / CONFIG
    if _PASSWORD.search(_ENV.sub("", address)):
        raise Invalid(
            where, None, "store", "a password does not belong in a file; write ${env:NAME} or set OMBUD_STORE"
        )
    missing = [name for name in _ENV.findall(address) if name not in env]
    if missing:
        raise Invalid(where, None, "store", f"the environment variable {missing[0]} is not set")
    return _ENV.sub(lambda found: env[found[1]], address)


def _read(path: Path) -> _Config:
    if not path.is_file():
        return _Config()
    text = path.read_bytes()
    if len(text) > _MAX_BYTES or b"&" in text:
        raise Unreadable(str(path), "this is larger than a config file gets, or uses YAML anchors")
    try:
        return _Config.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Invalid(path, mark.line + 1 if mark else None, "", "this is not YAML") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(path, None, ".".join(map(str, first["loc"])), first["msg"].lower()) from None


def write_config(settings: Settings) -> None:
    """Write the config file of a new workspace, and keep keys and store out of Git."""
    folder = settings.config.parent
    folder.mkdir(parents=True, exist_ok=True)
    settings.config.write_text(
        "# Ombud workspace. The root key is where trust begins: compare it with the one you were told.\n"
        f'root_key: "{settings.root_key}"\n'
        "# store: postgresql://user:${env:OMBUD_DB_PASSWORD}@host/ombud   # default: .ombud/ombud.db\n"
        "# anchor: ombud.checkpoint                                       # commit this file to Git\n",
        encoding="utf-8",
    )
    (folder / ".gitignore").write_text("keys/\nombud.db*\nlists.*\n", encoding="utf-8")
