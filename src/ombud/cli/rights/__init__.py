"""`ombud rights`: what people ask of you under their rights; one file a group of verbs."""

import importlib
from typing import Final

import typer

GROUPS: Final = ("requests", "carry_out", "models", "records")
"""Files of this folder that add verbs to `ombud rights` itself; `map` is a group of its own."""

app = typer.Typer(
    help="What people ask of you under their rights: received, found, done, proved.", no_args_is_help=True
)


def _add_verbs() -> None:
    for name in GROUPS:
        group: typer.Typer = importlib.import_module(f"ombud.cli.rights.{name}").app
        app.registered_commands += group.registered_commands
    app.add_typer(importlib.import_module("ombud.cli.rights.map").app, name="map")


_add_verbs()
