"""One text file in memory: its lines as editors count them, whatever its bytes are."""

from dataclasses import dataclass, field

from ara.reader.places import Fault, FaultKind


@dataclass(slots=True)
class SourceFile:
    """Text of one file. Line n of the file is `lines[n - 1]`; only a line feed ends a line."""

    path: str
    raw: bytes
    text: str
    """Decoded, a byte-order mark and the carriage returns of CRLF line ends removed."""
    lines: list[str]
    faults: list[Fault] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """Whether it has neither a byte-order mark nor CRLF line ends."""
        return not self.raw.startswith(b"\xef\xbb\xbf") and b"\r\n" not in self.raw


def decode(path: str, raw: bytes) -> SourceFile:
    """Decode as UTF-8; bytes that are none become U+FFFD and a fault at the first of them."""
    faults = []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `utf-8-sig` counts from after the mark.
        start = error.start + (3 if raw.startswith(b"\xef\xbb\xbf") else 0)
        line = raw.count(b"\n", 0, start) + 1
        column = start - raw.rfind(b"\n", 0, start)
        faults.append(Fault(FaultKind.ENCODING, path, "is not UTF-8 text here", line, column))
        text = raw.decode("utf-8-sig", errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return SourceFile(path, raw, text, lines, faults)
