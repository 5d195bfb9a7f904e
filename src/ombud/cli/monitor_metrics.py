"""`ombud monitor metrics` and `dashboard`: what Prometheus and Grafana are given."""

from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.options import Manifest
from ombud.cli.workbench import Workbench, open_workbench
from ombud.errors import Misused, Unreadable
from ombud.store.anchor import replace_whole

Output = Annotated[
    Path | None,
    typer.Option("--output", "--out", metavar="FILE", help="Written whole, for the text files of node_exporter."),
]
Address = Annotated[str, typer.Option("--address", help="Where to listen; by default this machine alone.")]


def metrics_command(
    manifest: Manifest = Path("ombud.yaml"),
    output: Output = None,
    serve: Annotated[int | None, typer.Option("--serve", metavar="PORT", help="Answer scrapes until stopped.")] = None,
    address: Address = "127.0.0.1",
) -> None:
    """Tell Prometheus the newest figures, the open alarms, and how old they are.

    It reads what `ombud monitor run` kept. No metric names a person, and groups of too few people have no figures.

    \b
    Examples:
    ombud monitor metrics ombud.yaml
    ombud monitor metrics ombud.yaml --output /var/lib/node_exporter/ombud.prom
    ombud monitor metrics ombud.yaml --serve 9464
    """
    if serve is not None and output is not None:
        raise Misused("metrics are written or served, not both", "Leave out --output or --serve.")
    bench = open_workbench(manifest)
    if serve is not None:
        _serve(bench, serve, address)
        return
    from ombud.monitor.metrics import exposition

    text = exposition(bench.workspace, bench.system)
    if output is None:
        typer.echo(text, nl=False)
    else:
        replace_whole(output, text)


def dashboard_command() -> None:
    """Print a Grafana dashboard of these metrics, as JSON to import.

    \b
    Examples:
    ombud monitor dashboard > ombud-dashboard.json
    """
    from ombud.monitor.dashboard import dashboard

    typer.echo(dashboard())


def _serve(bench: Workbench, port: int, address: str) -> None:
    from ombud.monitor.metrics import registry, samples_or_down

    found = registry(lambda: samples_or_down(bench.workspace, bench.system))
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, address, found)
    except (OSError, OverflowError) as error:
        raise Unreadable(
            f"{address}:{port}", f"nothing can listen there ({type(error).__name__})", "Use another port."
        ) from None
    typer.echo(f"http://{address}:{server.server_port}/metrics", err=True)
    try:
        thread.join()
    except KeyboardInterrupt:
        server.shutdown()
