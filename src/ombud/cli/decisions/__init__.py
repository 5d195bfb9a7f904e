"""`ombud decisions`: what was decided about whom, recorded, found, proved, explained and contested."""

import importlib
import importlib.util
from typing import Final

import typer

GROUPS: Final = ("take", "look", "keep", "explain", "contest", "contest_review", "oversight")
"""Files of this folder that add verbs to `ombud decisions`."""

app = typer.Typer(
    help="What was decided about whom: recorded, found, proved, explained, contested.", no_args_is_help=True
)


def _add_verbs() -> None:
    for name in GROUPS:
        if importlib.util.find_spec(f"{__name__}.{name}") is None:
            continue
        group: typer.Typer = importlib.import_module(f"{__name__}.{name}").app
        app.registered_commands += group.registered_commands
        app.registered_groups += group.registered_groups


_add_verbs()
