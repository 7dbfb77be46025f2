"""Reading a journal: complete lines by the chain, a torn tail apart."""

from dataclasses import dataclass
from pathlib import Path

from curie.errors import InfrastructureError, RunNotFound
from curie.journal.chain import GENESIS, Entry, decode


@dataclass(frozen=True, slots=True)
class Contents:
    """A journal as it lies on disk."""

    entries: tuple[Entry, ...]
    torn: bytes
    """Bytes after the last complete line: a write that a crash cut off. Empty for a clean journal."""
    size_bytes: int
    """Length of the complete lines."""

    @property
    def head(self) -> str:
        """Hash of the last event; 64 zeros if there is none."""
        return self.entries[-1].hash if self.entries else GENESIS


def read(path: Path) -> list[Entry]:
    """Every complete event of a journal, the chain checked; a torn tail is ignored (`load` reports it).

    Raises:
        RunNotFound: there is no such file.
        JournalTampered: a complete line does not parse or does not continue the chain.
        UsageError: an event is of a kind or form that this version does not know.
        InfrastructureError: the file cannot be read.
    """
    return list(load(path).entries)


def load(path: Path) -> Contents:
    """A journal's events and its torn tail. Raises what `read` raises. Changes nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise RunNotFound(f"there is no journal at {path}", hint="`curie runs` lists the runs") from error
    except OSError as error:
        raise InfrastructureError(f"the journal {path} cannot be read: {error.strerror}") from error
    size = complete_size(data)
    lines = data[:size].split(b"\n")[:-1]
    return Contents(entries=tuple(decode(lines, str(path))), torn=data[size:], size_bytes=size)


def complete_size(data: bytes) -> int:
    """Length of the part of a journal that consists of complete lines.

    A crash can leave a last line without its end, NUL bytes after the end (the file grew, its data did not reach
    the disk), or a last line with NUL bytes in it. No event holds a NUL byte: JSON escapes it.
    """
    size = data.rfind(b"\n", 0, len(data.rstrip(b"\0"))) + 1
    last_start = data.rfind(b"\n", 0, max(size - 1, 0)) + 1
    return last_start if b"\0" in data[last_start:size] else size
