"""`ombud incidents`: something went wrong. What it is, whom it concerns, who has to be told until when, and its end."""

import typer

from ombud.cli.incidents import come_in, tell, work

app = typer.Typer(
    help="Something went wrong: what, for whom, who has to be told until when, and its end.", no_args_is_help=True
)
for verbs in (come_in, work, tell):
    app.registered_commands += verbs.app.registered_commands
