"""What a bubblewrap sandbox sees: mounts in order, system folders, what is hidden. Pure path logic over a spec."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from sandboxes.base import PathRefusedError, SandboxSpec

WORKSPACE: Final = "/workspace"
SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
ETC: Final = (
    "alternatives",
    "ca-certificates.conf",
    "crypto-policies",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "os-release",
    "pki/ca-trust",
    "pki/tls/certs",
    "protocols",
    "services",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
)
"""What programs need of /etc, and no secret."""
ETC_FOR_NETWORK: Final = ("gai.conf", "host.conf", "hosts", "nsswitch.conf", "resolv.conf")
_RESERVED: Final = (WORKSPACE, "/proc", "/dev", "/etc", "/sys", "/run")
_REFUSED_SOURCES: Final = ("/", "/proc", "/sys", "/dev", "/run", "/var/run")


@dataclass(frozen=True)
class Place:
    """One host path inside."""

    source: Path
    target: str
    writable: bool = False
    cover: bool = False
    """Show nothing here."""

    def arguments(self) -> Iterator[str]:
        """As bwrap's arguments, its parents not included."""
        if not self.cover:
            yield from ("--bind" if self.writable else "--ro-bind", str(self.source), self.target)
        elif self.source.is_dir():
            yield from ("--perms", "0755", "--tmpfs", self.target)
        else:
            yield from ("--ro-bind", os.devnull, self.target)


def check_source(path: Path) -> Path:
    """The real path of a mount's source.

    Raises:
        PathRefusedError: it does not exist, is neither file nor folder, or would show the host to the sandbox.
    """
    try:
        real = path.resolve(strict=True)
    except OSError as error:
        raise PathRefusedError(f"mount {path} does not exist") from error
    if not (real.is_dir() or real.is_file()):
        raise PathRefusedError(f"mount {path} is neither a file nor a folder (sockets and devices are refused)")
    if str(real) in _REFUSED_SOURCES or real in _homes():
        raise PathRefusedError(f"mount {path} would show too much of the host; mount the folder that is needed")
    return real


def check_target(target: str) -> str:
    """A mount's place inside, normalised.

    Raises:
        PathRefusedError: it is not absolute, climbs, or replaces a part that the sandbox itself provides.
    """
    path = PurePosixPath(target)
    if not path.is_absolute() or ".." in path.parts or str(path) in {"/", "/tmp", *SYSTEM}:  # noqa: S108 - a path inside
        raise PathRefusedError(f"{target} cannot be the place of a mount")
    if any(path.is_relative_to(reserved) for reserved in _RESERVED):
        raise PathRefusedError(f"{target} belongs to the sandbox; choose another place for the mount")
    return str(path)


def places(spec: SandboxSpec, prefixes: tuple[Path, ...]) -> tuple[Place, ...]:
    """Everything mounted besides the system, outer before inner.

    `prefixes` are folders that the supervisor's Python needs, at their own paths.
    """
    shown = [Place(prefix, str(prefix)) for prefix in prefixes if not _in_system(prefix)]
    for mount in spec.mounts:
        target = check_target(mount.target or str(mount.source.absolute()))
        place = Place(check_source(mount.source), target, mount.writable)
        if mount.writable or not (_in_system(mount.source) and target == str(mount.source)):
            shown.append(place)
    shown.append(Place(spec.workdir.resolve(), WORKSPACE, writable=True))
    system = [
        Place(Path(folder), folder) for folder in SYSTEM if Path(folder).is_dir() and not Path(folder).is_symlink()
    ]
    covers = {place.target: place for path in spec.hidden for place in _covers(path.resolve(), [*system, *shown])}
    return tuple(
        sorted([*shown, *covers.values()], key=lambda place: (len(PurePosixPath(place.target).parts), place.cover))
    )


def _covers(hidden: Path, shown: list[Place]) -> Iterator[Place]:
    """Where mounts show a hidden path. A mount from within a hidden folder was asked for by name and stays."""
    for place in shown:
        if hidden.exists() and hidden.is_relative_to(place.source):
            yield Place(hidden, str(PurePosixPath(place.target) / hidden.relative_to(place.source)), cover=True)


def parents(target: str) -> list[str]:
    """The folders above a place inside, outermost first, the root left out."""
    return [str(folder) for folder in reversed(PurePosixPath(target).parents) if str(folder) != "/"]


def locate(host: Path, shown: tuple[Place, ...]) -> str:
    """The path inside of a host path; the innermost mount wins.

    Raises:
        PathRefusedError: it is not visible inside.
    """
    real = host.resolve()
    best = max(
        (place for place in shown if real.is_relative_to(place.source)),
        key=lambda place: (len(place.source.parts), place.writable),
        default=None,
    )
    if best is not None and not best.cover:
        return str(PurePosixPath(best.target) / real.relative_to(best.source))
    if best is None and _in_system(real):
        return str(real)
    raise PathRefusedError(f"{host} is not visible inside the sandbox")


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)


def _homes() -> set[Path]:
    """The caller's home by its account, and by its session."""
    # pwd is not needed where nobody mounts anything
    import pwd  # noqa: PLC0415 - same

    with contextlib.suppress(KeyError, RuntimeError):
        return {Path(pwd.getpwuid(os.getuid()).pw_dir).resolve(), Path.home().resolve()}
    return set()
