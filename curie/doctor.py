"""Whether this machine can run experiments, and what would make it better at it. Runs probes, changes nothing."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from curie.config import Settings
from curie.machine import machine_facts
from sandboxes.base import Kind, SandboxError
from sandboxes.leases import CoreLeases
from sandboxes.registry import Backends
from tasks.study import Frozen

_LOW_DISK_BYTES = 1 << 30


class Item(Frozen):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "note", "fails"]
    """`fails`: no experiment can run; `note`: it can, with less."""
    message: str
    hint: str | None = None


def diagnose(settings: Settings) -> tuple[Item, ...]:
    """Everything that an experiment stands on."""
    facts = machine_facts()
    machine = f"{facts['processor'] or facts['machine']}, {facts['system']} {facts['kernel']}"
    return (
        Item(name="python", state="ok", message=f"{facts['python']} at {sys.executable}"),
        Item(name="machine", state="ok", message=machine),
        *_sandboxes(),
        _cores(settings),
        _git(),
        _disk(settings.runs_dir),
        _runs(settings.runs_dir),
        _environments(),
        Item(
            name="model",
            state="note",
            message="none: studies are declared, and a free question needs its variables named",
        ),
    )


def _sandboxes() -> Iterator[Item]:
    backends = Backends()
    advice: dict[Kind, str] = {
        "bubblewrap": "install it (`apt install bubblewrap`, `dnf install bubblewrap`); without it nothing is isolated"
    }
    kinds: tuple[Kind, ...] = ("bubblewrap", "process")
    for kind in kinds:
        try:
            isolation = backends.probe(kind)
        except SandboxError as error:
            state: Literal["note", "fails"] = "fails" if kind == "process" else "note"
            yield Item(name=kind, state=state, message=str(error), hint=advice.get(kind))
            continue
        yield Item(name=kind, state="ok", message=isolation.summary)
        for limit in isolation.unenforced:
            yield Item(name=kind, state="note", message=f"not enforced: {limit}")


def _cores(settings: Settings) -> Item:
    try:
        leases = CoreLeases(settings.lease_dir)
    except (SandboxError, OSError) as error:
        hint = "set CURIE_LEASE_DIR to a folder that all users of this machine may write"
        return Item(name="cores", state="fails", message=str(error), hint=hint)
    if len(leases.cores) == 1:
        message = "one core: timing trials share it with the driver, which adds noise"
        return Item(name="cores", state="note", message=message)
    return Item(name="cores", state="ok", message=f"{len(leases.cores)} cores to lease, in {settings.lease_dir}")


def _git() -> Item:
    git = shutil.which("git")
    if git is None:
        return Item(name="git", state="fails", message="git is missing", hint="install git: code is snapshotted by it")
    version = subprocess.run([git, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Item(name="git", state="ok", message=version or git)


def _disk(folder: Path) -> Item:
    place = _existing(folder)
    free = shutil.disk_usage(place).free
    low = free < _LOW_DISK_BYTES
    return Item(
        name="disk",
        state="note" if low else "ok",
        message=f"{free / 2**30:.1f} GiB free at {place}",
        hint="free some space before long runs" if low else None,
    )


def _runs(folder: Path) -> Item:
    place = _existing(folder)
    try:
        probe = place / ".curie-doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"{place} cannot be written: {error.strerror}"
        return Item(name="runs", state="note", message=message, hint="name a folder with --out or CURIE_RUNS_DIR")
    return Item(name="runs", state="ok", message=f"kept in {folder.absolute()}")


def _environments() -> Item:
    argv = [sys.executable, "-I", "-c", "import ensurepip, venv"]
    works = subprocess.run(argv, capture_output=True, check=False).returncode == 0
    if works:
        return Item(name="venv", state="ok", message="trials can have Python environments of their own")
    hint = "install python3-venv for studies with requirements"
    return Item(name="venv", state="note", message="no Python environments: ensurepip is missing", hint=hint)


def _existing(folder: Path) -> Path:
    place = folder.absolute()
    while not place.is_dir():
        place = place.parent
    return place
