"""Facts of this machine, for the record: what the measurements hold for."""

import platform
from pathlib import Path

from pydantic import JsonValue

from sandboxes.leases import usable_cores


def machine_facts() -> dict[str, JsonValue]:
    """Kernel, processor, usable cores, memory (bytes) and Python; what cannot be read is null."""
    return {
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "processor": _field("/proc/cpuinfo", "model name"),
        "cores": len(usable_cores()),
        "memory_bytes": _memory(),
        "python": platform.python_version(),
    }


def _memory() -> int | None:
    text = _field("/proc/meminfo", "MemTotal")
    return int(text.split()[0]) * 1024 if text else None


def _field(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None
