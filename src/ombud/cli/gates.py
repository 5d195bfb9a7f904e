"""`ombud gates`: the gate where you deploy: cluster, registry, pipeline, and the list for serving code."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from attrs import asdict

from ombud.cli.options import AsFormat, Format, LawFolders
from ombud.cli.tables import show_json, show_table
from ombud.gates.templates import TEMPLATES, template
from ombud.law import load_pack
from ombud.living.released import Release
from ombud.release.publish import publish
from ombud.release.standing import releases, standing_of
from ombud.store.workspace import Workspace, open_workspace

_SWITCH_SECONDS: Final = 0.0005
"""So long an answer waits for the thread that looks, each time it needs the interpreter; Python's own 5 ms add up."""

app = typer.Typer(no_args_is_help=True, help="The gate where you deploy: registry, cluster, pipeline.")

WorkspaceFolder = Annotated[
    Path | None, typer.Option("--workspace", metavar="FOLDER", help="A folder of the workspace; default: this one.")
]


@app.command("list")
def list_(workspace: WorkspaceFolder = None, format: AsFormat = Format.TEXT) -> None:
    """List every release on record, and where it stands.

    Example: ombud gates list
    """
    opened = open_workspace(workspace)
    found, now = releases(opened), opened.now()
    if format is Format.JSON:
        show_json({"at": found.at, "size": found.size, "releases": [_told(one, now) for one in found.of]})
        return
    header = ("system", "release", "model", "released", "stands", "now")
    show_table(header, [_row(one, now) for one in sorted(found.of, key=lambda one: (one.system, one.place))])


def _told(release: Release, now: str) -> dict[str, Any]:
    return {**asdict(release), "state": str(release.state(now))}


def _row(release: Release, now: str) -> tuple[str, ...]:
    present = "current" + (" (gone back to)" if release.rolled_back else "") if release.current else ""
    since = {"revoked": release.revoked_from, "break-glass": release.glass_until}.get(str(release.state(now)))
    stands = f"{release.state(now)}" + (f" {since[:10]}" if since else "")
    released = (release.released_at or "never")[:10]
    return release.system, release.release, release.model or "-", released, stands, present


@app.command()
def standing(
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="Of a release, or SHA-256 of a model file.")],
    system: Annotated[
        str | None, typer.Option("--system", help="Only as a release of the system of this name.")
    ] = None,
    workspace: WorkspaceFolder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Say whether what runs may go on: released and not revoked, or on broken glass.

    Exit code: 0 it may, 1 it is revoked, 3 it is unknown.

    Example: ombud gates standing 4f2a91c0…
    """
    opened = open_workspace(workspace)
    found = standing_of(opened, digest, system)
    if format is Format.JSON:
        told = asdict(found.release) if found.release else None
        show_json({"digest": digest, "state": str(found.state), "runs": found.runs, "release": told})
    else:
        typer.echo(found.words)
    raise typer.Exit(0 if found.runs else 1 if found.state == "revoked" else 3)


@app.command("publish")
def publish_(
    output: Annotated[Path | None, typer.Option("--output", help="Where; default: .ombud/releases.json.")] = None,
    workspace: WorkspaceFolder = None,
    law: LawFolders = None,
) -> None:
    """Write the signed list that `ombud.require_release` reads, as it is now. A daily job keeps it fresh.

    Example: ombud gates publish
    """
    path, told = publish(open_workspace(workspace), load_pack(tuple(law or ())), output)
    typer.echo(f"published: {path}, {len(told.of)} release(s), as of {told.at}")


@app.command("template")
def template_(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(TEMPLATES)}.")],
) -> None:
    """Print a file to copy: a GitHub action, its workflow, a GitLab pipeline, the manifests of the webhook.

    \b
    ombud gates template github > .github/actions/ombud-gate/action.yml
    ombud gates template kubernetes
    """
    typer.echo(template(name), nl=False)


@app.command()
def mlflow(
    registry: Annotated[str, typer.Option("--registry", metavar="URI", help="ombud+sqlite:///mlflow.db")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The registered model.")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its version.")],
    alias: Annotated[str, typer.Option("--alias", help="The alias to give.")] = "champion",
) -> None:
    """Give a model version an alias in MLflow's registry, if it is released; any MLflow client is asked the same.

    Exit code: 0 given, 1 refused.

    Example: ombud gates mlflow --registry ombud+sqlite:///mlflow.db mortgage 3
    """
    from ombud.gates.registry import guarded_store

    store = guarded_store(registry)
    from mlflow.exceptions import MlflowException

    try:
        store.set_registered_model_alias(name, alias, version)
    except MlflowException as refused:
        typer.echo(refused.message, err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{name} version {version} is {alias}")


@app.command()
def webhook(
    cert: Annotated[Path, typer.Option("--cert", help="The server's certificate, PEM.")],
    key: Annotated[Path, typer.Option("--key", help="Its private key, PEM.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 (in its pod)
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0: any.")] = 8443,
    controller: Annotated[
        list[str] | None,
        typer.Option("--controller", metavar="USER", help="One more user who makes pods for what was let in before."),
    ] = None,
    workspace: WorkspaceFolder = None,
    law: LawFolders = None,
) -> None:
    """Serve the admission webhook for Kubernetes over HTTPS. How to set it up: ombud gates template kubernetes

    It reads the log and writes nothing. While the store is away it lets nothing new in.

    Example: ombud gates webhook --cert tls.crt --key tls.key
    """
    from ombud.gates.admission.decide import CONTROLLERS
    from ombud.gates.admission.lookout import Lookout, last_published
    from ombud.gates.admission.server import Certificate, Webhook, run
    from ombud.store.clock import SystemClock
    from ombud.store.settings import find_workspace, load_settings

    root = find_workspace(workspace or Path.cwd())
    pinned = load_settings(root, store="not opened here").root_key
    clock = SystemClock()
    lookout = Lookout(lambda: _opened(root), load_pack(tuple(law or ())), clock, last_published(root, pinned))
    sys.setswitchinterval(_SWITCH_SECONDS)
    lookout.look()
    lookout.start()
    served = Webhook(lookout.known, clock, CONTROLLERS | frozenset(controller or ()), remark=_remark)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_until_told(run(served, Certificate(cert, key), host, port, _listening)))
    lookout.stop()


def _opened(root: Path) -> Workspace:
    return open_workspace(root)


def _remark(line: str) -> None:
    typer.echo(line, err=True)


def _listening(port: int) -> None:
    typer.echo(f"listening on port {port}", err=True)


async def _until_told(serving: Any) -> None:
    """Serve until the system says to end."""
    task = asyncio.ensure_future(serving)
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    await task
