"""Verbs of `ombud rights`."""

import typer

app = typer.Typer()
