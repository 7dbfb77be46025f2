"""`curie tasks`, `init` and `doctor`: what there is to ask, and whether this machine can answer."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from curie.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the commands."""
    tasks = typer.Typer(help="The bundled tasks.", no_args_is_help=True, rich_markup_mode=None)
    tasks.command("list")(list_tasks)
    tasks.command("show")(show)
    app.add_typer(tasks, name="tasks")
    app.command("init")(init)
    app.command("doctor")(doctor)


def list_tasks(*, as_json: o.Json = False) -> None:
    """List the bundled tasks."""
    from tasks.loader import list_tasks as find

    broken: list[str] = []
    found = find(on_error=lambda error: broken.append(str(error)))
    if as_json:
        typer.echo(json.dumps([{"id": t.id, "title": t.title, "question": t.question} for t in found], indent=2))
    else:
        for task in found:
            typer.echo(f"{task.id:<20} {task.title}")
    for message in broken:
        typer.echo(f"Left out: {message}", err=True)


def show(task: Annotated[str, typer.Argument(help="A task's id or folder.")], *, as_json: o.Json = False) -> None:
    """Show a task: question, variables, metrics; not what only a judge may see."""
    from tasks.loader import find_task, load_task

    folder = Path(task)
    found = load_task(folder) if (folder / "task.yaml").exists() else find_task(task)
    if as_json:
        typer.echo(found.model_dump_json(indent=2, exclude={"private"}))
        return
    typer.echo(f"{found.title}\n\nQuestion: {found.question}\n")
    if found.study is not None:
        typer.echo(f"Command:  {found.study.command}")
        for name, levels in found.study.vary.items():
            role = "nuisance" if name in found.study.nuisance else "varied"
            typer.echo(f"{role:<9} {name}: {', '.join(map(str, levels))}")
        for metric in found.study.metrics:
            kind = ", deterministic" if metric.deterministic else ""
            typer.echo(f"metric    {metric.name} in {metric.unit}, better {metric.better}{kind}")
    if found.description:
        typer.echo(f"\n{found.description.strip()}")
    typer.echo(f"\nRun it:   curie run {found.id if folder.name != task else task}")


def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("experiment.yaml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    as_json: o.Json = False,
) -> None:
    """Write an experiment.yaml to start from; it equals the flags of `curie run`."""
    from curie.starter import write_starter

    write_starter(path, force=force)
    if as_json:
        typer.echo(json.dumps({"path": str(path.absolute())}))
        return
    typer.echo(f"Wrote {path}. Edit it, look at the plan with `curie plan {path}`, then `curie run {path}`.")


def doctor(*, as_json: o.Json = False) -> None:
    """Check what this machine can do: sandboxes, limits, cores, disk, leases, Python environments."""
    from curie.config import Settings
    from curie.doctor import diagnose

    items = diagnose(Settings())
    if as_json:
        typer.echo(json.dumps([item.model_dump(mode="json") for item in items], indent=2))
    else:
        width = max(len(item.name) for item in items)
        for item in items:
            typer.echo(f"{item.state:<8} {item.name:<{width}}  {item.message}")
            if item.hint:
                typer.echo(f"{'':<8} {'':<{width}}  try: {item.hint}")
    sys.stdout.flush()
    if any(item.state == "fails" for item in items):
        raise typer.Exit(1)
