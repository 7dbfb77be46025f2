"""Where commands run: isolation, limits, leases and executors."""

from sandboxes.base import (
    CommandNotFoundError,
    ExecLimits,
    ExecRequest,
    ExecResult,
    Isolation,
    Kind,
    Mount,
    Output,
    PathRefusedError,
    Sandbox,
    SandboxClosedError,
    SandboxDiskFullError,
    SandboxError,
    SandboxSpec,
    SandboxUnavailableError,
    Usage,
)
from sandboxes.recovery import recover
from sandboxes.registry import Backends, Choice, choose, open_sandbox, probe

__all__ = [
    "Backends",
    "Choice",
    "CommandNotFoundError",
    "ExecLimits",
    "ExecRequest",
    "ExecResult",
    "Isolation",
    "Kind",
    "Mount",
    "Output",
    "PathRefusedError",
    "Sandbox",
    "SandboxClosedError",
    "SandboxDiskFullError",
    "SandboxError",
    "SandboxSpec",
    "SandboxUnavailableError",
    "Usage",
    "choose",
    "open_sandbox",
    "probe",
    "recover",
]
