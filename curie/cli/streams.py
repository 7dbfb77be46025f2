"""The standard streams as a command needs them: always open, and unable to stop the work."""

import io
import os
import sys
from typing import TextIO

_NAMES = ("standard input", "standard output", "standard error")


def secure_streams() -> None:
    """Put the standard streams into a state that no output can trip over. Called once, before anything is opened.

    A closed one becomes the null device; else the next file that is opened, such as a journal, would get its number.
    A reader that is gone is forgiven, so that `curie verify | head -1` keeps its exit status, and what cannot be
    written to standard error is dropped. Any other failure of standard output raises OSError, once.
    """
    for fd in range(len(_NAMES)):
        try:
            os.fstat(fd)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), fd)
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = _text(1, sys.stdout)
    sys.stderr = _text(2, sys.stderr)


class _Forgiving(io.RawIOBase):
    """A file descriptor that goes quiet after its first failure."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def writable(self) -> bool:
        """Yes."""
        return True

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return os.isatty(self._fd)

    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # Buffer is no 3.11 name
        """Write, or drop what nobody will read.

        Raises:
            OSError: standard output failed otherwise than by a reader that is gone.
        """
        try:
            return os.write(self._fd, data)
        except BrokenPipeError:
            self._silence()
        except OSError as error:
            self._silence()
            if self._fd == 1:
                raise OSError(error.errno, error.strerror, _NAMES[1]) from error
        return len(data)

    def _silence(self) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._fd)
        os.close(nothing)


def _text(fd: int, before: TextIO | None) -> TextIO:
    if before is not None:
        before.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Forgiving(fd)),  # type: ignore[type-var]  # because of `write` above
        encoding=(before and before.encoding) or "utf-8",
        errors="backslashreplace",  # a file name need not be text, and a locale need not have every character
        line_buffering=fd != 1 or os.isatty(fd),
        write_through=fd != 1,
    )
