"""The command line: a table of verbs, each imported only when it is used, and one place where errors become words."""

import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

import typer

from ombud import __version__
from ombud.errors import OmbudError, what_next

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("ombud.cli.demo", "A real mortgage model, checked and told in under a minute."),
    "init": (
        "ombud.cli.init",
        "Write manifests for a table of decisions.",
    ),
    "check": ("ombud.cli.check", "Measure, sign, keep, and judge by the law in force."),
    "status": ("ombud.cli.status", "Where every requirement stands, then, now or later."),
    "gate": ("ombud.cli.gate", "May this release go live? And what people say of it."),
    "gates": ("ombud.cli.gates", "The gate where you deploy: registry, cluster, pipeline."),
    "law": ("ombud.cli.law", "What the law asks, of whom, since when; what changed."),
    "attest": ("ombud.cli.attest", "Put a document or a statement on record, signed."),
    "decisions": ("ombud.cli.decisions", "Single decisions: recorded, proved, explained, contested."),
    "monitor": ("ombud.cli.monitor", "What a released system does over time, and when to say so."),
    "incidents": ("ombud.cli.incidents", "What went wrong, with the clocks that law starts."),
    "rights": ("ombud.cli.rights", "What people ask of you under their rights: found, done, proved."),
    "keys": ("ombud.cli.keys", "Who may sign what."),
    "ledger": ("ombud.cli.ledger", "The log of evidence: show, prove, checkpoint, export."),
    "verify": ("ombud.cli.verify", "Verify a bundle offline, and recompute its numbers."),
}
"""Every verb: where it is, and the sentence that --help shows without importing it."""


HELP: Final = (
    "Ombud keeps machine-learning systems answerable: law in, signed evidence out, verdicts anybody can recompute."
)


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: only the verb that is asked for is imported, so that --help stays quick."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: the other kind takes longer to load than most commands take to run
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=HELP,
        epilog="Start with: ombud demo. Then: ombud init YOUR_TABLE.",
    )
    app.callback()(_options)
    words = [word for word in arguments if not word.startswith("-")]
    asked = words[0] if words else None
    for verb, (module, sentence) in COMMANDS.items():
        if verb == asked:
            _add(app, verb, importlib.import_module(module), words[1:])
        else:
            app.command(verb, help=sentence)(_unused)
    return app


def _add(app: typer.Typer, verb: str, module: ModuleType, after: Sequence[str]) -> None:
    """Add a verb: a command, or a group of words; where a module has both, the next word decides."""
    group: typer.Typer | None = getattr(module, "app", None)
    words = (
        {word.name or word.callback.__name__ for word in group.registered_commands if word.callback} if group else set()
    )
    command = getattr(module, "command", None)
    if command is not None and not (after and after[0] in words):
        app.command(verb)(command)
    elif group is not None:
        app.add_typer(group, name=verb)


def _unused() -> None:
    """Stand in the list of --help for a verb that was not asked for."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ombud {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
    debug: bool = typer.Option(False, "--debug", envvar="OMBUD_DEBUG", help="Show the traceback of an error."),
) -> None:
    """Ombud keeps machine-learning systems answerable."""


def run() -> None:
    """Run the command line; every error ends in words and an exit code, never in a traceback."""
    try:
        build(sys.argv[1:])()
    except OmbudError as error:
        _say(error)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("stopped; what was already acknowledged is kept", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:  # the last line of defence: no traceback reaches a user
        if os.environ.get("OMBUD_DEBUG") or "--debug" in sys.argv:
            raise
        _say_system(error) if isinstance(error, OSError) else _unexpected(error)
        raise SystemExit(2) from None


def _say(error: OmbudError) -> None:
    typer.echo(f"error: {error}", err=True)
    typer.echo(f"next: {what_next(error)}", err=True)


def _say_system(error: OSError) -> None:
    """What the operating system refused, and of which file."""
    typer.echo(f"error: {error.filename or 'a file'}: {(error.strerror or 'refused').lower()}", err=True)
    typer.echo("next: Check that its folder exists, that you may write there, and that there is space.", err=True)


def _unexpected(error: Exception) -> None:
    # the text of a foreign exception may quote data, so only its kind and place are shown
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown place"  # noqa: PTH119
    typer.echo(f"error: something Ombud did not foresee ({type(error).__name__} at {place})", err=True)
    typer.echo(
        "next: run it again as `ombud --debug …` and report what it prints; check it for personal data first", err=True
    )


if __name__ == "__main__":
    run()
