"""Verbs that move the clocks of a request: acknowledge, extend, pause, resume, withdraw."""

from typing import Annotated

import typer

from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.rights.request_shared import CaseNumber, On, Reasons, day_of, reasons_in, take

app = typer.Typer()


@app.command()
def acknowledge(case: CaseNumber, on: On = None, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """Put on record that receipt was confirmed to the person.

    Example: ombud rights acknowledge R-7F3A2C --on 2026-11-24
    """
    from ombud.rights.prolong import acknowledge as confirm

    take(lambda workspace, key: confirm(workspace, case, key, day_of(on)), holder, format)


@app.command()
def extend(
    case: CaseNumber,
    because: Annotated[list[str], typer.Option("--because", help="complexity, number-of-requests. Repeatable.")],
    reasons: Reasons = None,
    on: On = None,
    law: Annotated[list[str] | None, typer.Option("--law", help="Only under this law. Repeatable.")] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put on record that the person was told that it takes longer, and why. Too late or without reasons is refused.

    Example: ombud rights extend R-7F3A2C --because complexity --reasons why.txt
    """
    from ombud.rights.prolong import extend as prolong

    said = reasons_in(reasons)
    take(lambda w, key: prolong(w, case, because, said, key, on=day_of(on), laws=law or ()), holder, format)


@app.command()
def pause(
    case: CaseNumber,
    ground: Annotated[str, typer.Option("--ground", help="What is awaited: identity, scope (EU), information (UK).")],
    on: On = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Let clocks stand still while something is awaited from the person. California's never do.

    Example: ombud rights pause R-7F3A2C --ground identity
    """
    from ombud.rights.prolong import pause as wait

    take(lambda workspace, key: wait(workspace, case, ground, key, day_of(on)), holder, format)


@app.command()
def resume(case: CaseNumber, on: On = None, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """Let clocks go on: what was awaited came in. A proof of identity does it by itself.

    Example: ombud rights resume R-7F3A2C --on 2026-12-06
    """
    from ombud.rights.prolong import resume as go_on

    take(lambda workspace, key: go_on(workspace, case, key, day_of(on)), holder, format)


@app.command()
def withdraw(case: CaseNumber, on: On = None, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """Put on record that the person took the request back. Its private notes are deleted.

    Example: ombud rights withdraw R-7F3A2C
    """
    from ombud.rights.prolong import withdraw as take_back

    take(lambda workspace, key: take_back(workspace, case, key, day_of(on)), holder, format)
