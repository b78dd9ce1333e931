"""``visionloop drill`` and ``visionloop demo``: the whole loop, rehearsed and measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from visionloop.cli.output import JsonOption, print_json

if TYPE_CHECKING:
    from visionloop.client.http import Client
    from visionloop.promotion.drill.entities import DrillReport, Scenario


def drill(
    data: Path = typer.Option(..., help="Class folders of photos."),
    hold_back: str = typer.Option(
        ..., help="Condition that the shifted photos meet, e.g. 'exif.Model=Canon EOS 550D'."
    ),
    weights: str = typer.Option(
        None, help="Checkpoint to start from: a folder or a hub id. From scratch when left out."
    ),
    project: str = typer.Option("drill", help="Project to play in; made when missing."),
    home: Path = typer.Option(Path(".visionloop"), help="Installation to play on."),
    port: int = typer.Option(8080, help="Port, if the installation is not running yet."),
    as_json: bool = JsonOption,
) -> None:
    """Rehearse the closed loop on real photos and print what it achieved.

    Trains on most photos, sends unseen ones as clean traffic, then those held back as shifted
    traffic; counts requests to the alert, hits of the review queue, and accuracy before and after
    relabeling, retraining and promotion. Exit code 1 when a bar is missed.
    """
    from visionloop.cli.local_server import local_server
    from visionloop.promotion.drill.recipes import recipes_for
    from visionloop.promotion.drill.scenario import scenario_from_folder

    work_dir = home / "drills" / project
    work_dir.mkdir(parents=True, exist_ok=True)
    first, second = recipes_for(weights)
    scenario = scenario_from_folder(
        data, hold_back, project=project, work_dir=work_dir, recipe=first, retraining=second
    )
    with local_server(home, port) as admin:
        report = _run(admin, scenario, work_dir, quiet=as_json)
    if as_json:
        from dataclasses import asdict

        print_json(asdict(report) | {"passed": report.is_passed})
    else:
        _print_figures(report)
    if not report.is_passed:
        raise typer.Exit(1)


def demo(
    home: Path = typer.Option(Path(".demo"), help="Folder of the demo."),
    port: int = typer.Option(8080, help="Port of the console."),
    seed: int = typer.Option(0, help="Which parts are rendered."),
    once: bool = typer.Option(False, "--once", help="Stop at the end instead of staying up."),
) -> None:
    """Run the whole loop on rendered images of machined parts, and stay up to look around."""
    from visionloop.bootstrap import prepare
    from visionloop.cli.demo_project import logins, show_around
    from visionloop.cli.local_server import local_server
    from visionloop.cli.session import save_credentials
    from visionloop.config import read_settings
    from visionloop.promotion.drill.recipes import recipes_for
    from visionloop.promotion.drill.scenario import rendered_scenario

    first_login = prepare(read_settings(home=home))
    if first_login is not None:
        save_credentials(f"http://127.0.0.1:{port}", first_login.token, home=home)
    with local_server(home, port) as admin:
        if not _has_finished(admin):
            first, second = recipes_for(None)
            typer.echo("Rendering photos of machined parts ...")
            scenario = rendered_scenario(
                work_dir=home / "photos", seed=seed, recipe=first, retraining=second
            )
            report = _run(admin, scenario, home / "photos", quiet=False)
            _print_figures(report)
        show_around(admin, home)
        typer.echo("")
        typer.secho(f"Open  {admin.url}", bold=True)
        for name, password, what in logins(admin, home):
            typer.echo(f"  {name:<6} {password:<14} {what}")
        if once:
            return
        typer.echo("\nCtrl-C stops the console. 'make demo' brings it back as it was.")
        _wait_for_interrupt()


def _has_finished(admin: Client) -> bool:
    """Tell whether an earlier demo walked the whole loop here; a broken one is walked again."""
    names = [project["name"] for project in admin.get("/projects")["items"]]
    return "parts" in names and bool(admin.get("/projects/parts/drills")["items"])


def _run(admin: Client, scenario: Scenario, work_dir: Path, *, quiet: bool) -> DrillReport:
    from visionloop.promotion.drill.loop import Drill
    from visionloop.promotion.drill.report import to_record

    with _Progress(quiet=quiet) as progress:
        report = Drill(admin, scenario, work_dir=work_dir, tell=progress.tell).run()
    admin.post(f"/projects/{scenario.project}/drills", json=to_record(report))
    return report


class _Progress:
    """One line a step: a spinner while it runs, a tick and the seconds when it is done."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console

        self._console = Console(file=sys.stderr, quiet=quiet)
        self._status = self._console.status("Starting")
        self._title = ""
        self._started = 0.0

    def tell(self, title: str, now: str) -> None:
        import time

        if title != self._title:
            self._finish_line()
            self._title, self._started = title, time.monotonic()
        seconds = time.monotonic() - self._started
        self._status.update(f"[bold]{title}[/bold]  [dim]{now}  {seconds:.0f} s[/dim]")

    def _finish_line(self) -> None:
        import time

        if self._title:
            seconds = time.monotonic() - self._started
            self._console.print(f"[green]✓[/green] {self._title}  [dim]{seconds:.0f} s[/dim]")

    def __enter__(self) -> _Progress:
        self._status.start()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._status.stop()
        if error is None:
            self._finish_line()


def _print_figures(report: DrillReport) -> None:
    from rich.console import Console
    from rich.table import Table

    from visionloop.promotion.drill.report import to_text

    table = Table(box=None, pad_edge=False, header_style="bold", title=f"Shift: {report.shift}")
    for column in ("figure", "measured", "95 % interval", "bar", ""):
        table.add_column(column)
    for figure in report.figures:
        value, interval = to_text(figure)
        mark = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}[figure.is_met]
        table.add_row(figure.name, value, interval, figure.target or "", mark)
    Console().print(table)


def _wait_for_interrupt() -> None:
    import threading

    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("Stopping.")


COMMANDS = (demo, drill)
