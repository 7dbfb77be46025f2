"""From matplotlib's SVG to markup for a page with a strict policy: no style, no outside reference, no foreign id."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
"""What the reader's machine has; nothing is fetched."""
DATA = "data-"
"""Ids that begin so are kept, behind the figure's own: a page or a test finds the marks by them."""

_DROPPED = {"metadata", "style", "script"}
_URL = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")
_DOT = re.compile(r"M ?(\S+) (\S+) ?L ?\1 \2(?= ?(?:M|$))")
_LONG = 20
_POLYLINE = re.compile(r"M [-\d. ]+(?:L [-\d. ]+)+")
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_LINE_TO = re.compile(r" ?([MLCQZz]) ?")
_ROUNDED = {"d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "transform", "points"}
_TICK = re.compile(r"[xy]tick_\d+")
_NOT_PRESENTATION = {"-inkscape-stroke"}
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Naming:
    """What is said of a figure inside its SVG."""

    id: str
    title: str
    description: str


def embeddable(source: str, naming: Naming, substitutes: Mapping[str, str]) -> str:
    """The SVG as one element for an HTML page.

    Args:
        source: what matplotlib wrote.
        naming: the figure's id (a prefix of every id inside), title and description.
        substitutes: text as laid out -> text as meant.

    Style declarations become presentation attributes, which a policy without inline styles lets through. Size comes
    from the container: only `viewBox` is kept.
    """
    root = ET.fromstring(source)  # noqa: S314 -- our own process wrote it a moment ago, without entities
    used = _referenced(root)
    body = "".join(_write(child, _Names(naming.id, used), substitutes) for child in root)
    box = html.escape(root.get("viewBox", ""))
    title, desc = f"{naming.id}-title", f"{naming.id}-desc"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{naming.id}-svg" viewBox="{box}" width="100%" role="img" '
        f'aria-labelledby="{title} {desc}" stroke-linejoin="round" font-family="{html.escape(FONTS)}">'
        f'<title id="{title}">{valid(naming.title)}</title>'
        f'<desc id="{desc}">{valid(naming.description)}</desc>{body}</svg>'
    )


def valid(text: str) -> str:
    """Text escaped for XML and HTML, without the characters that XML forbids."""
    return html.escape(_INVALID.sub(" ", text))


class _Names:
    """Ids of one figure: those that something refers to, and those of the data, behind the figure's id."""

    def __init__(self, prefix: str, used: set[str]) -> None:
        self._prefix, self._used = prefix, used
        self._given: dict[str, int] = {}

    def new(self, name: str) -> str | None:
        if name not in self._used and not name.startswith(DATA):
            return None
        again = self._given.get(name, 0)
        self._given[name] = again + 1
        return self.of(name if not again else f"{name}-{again}")

    def of(self, name: str) -> str:
        return f"{self._prefix}-{name}"


def _referenced(root: ET.Element) -> set[str]:
    found: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if _bare(name) == "href":
                found.add(value.removeprefix("#"))
            found.update(_URL.findall(value))
    return found


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def _write(element: ET.Element, names: _Names, substitutes: Mapping[str, str]) -> str:
    tag = _bare(element.tag)
    if tag in _DROPPED:
        return ""
    attributes = dict(_attributes(element, names))
    text = element.text or ""
    inside = (
        valid(substitutes.get(text, text))
        if tag == "text"
        else "".join(_write(child, names, substitutes) for child in element)
    )
    if tag in {"g", "defs"} and (not inside or not attributes):
        return f"<defs>{inside}</defs>" if tag == "defs" and inside else inside
    shown = "".join(f' {name}="{valid(value)}"' for name, value in attributes.items())
    return f"<{tag}{shown}>{inside}</{tag}>" if inside else f"<{tag}{shown}/>"


def _attributes(element: ET.Element, names: _Names) -> Iterator[tuple[str, str]]:
    for full, value in element.attrib.items():
        name = _bare(full)
        if name == "id":
            if _TICK.fullmatch(value):
                # A scale's labels are no values of the run: whoever reads the figure's text can tell.
                yield "class", "tick"
            if (new := names.new(value)) is not None:
                yield "id", new
        elif name == "href":
            yield "href", f"#{names.of(value.removeprefix('#'))}"
        elif name == "style":
            yield from _presentation(value, names)
        elif name not in {"type", "version"} and not value.startswith("rotate(-0 "):
            yield name, _shortened(name, _URL.sub(lambda m: f"url(#{names.of(m[1])})", value))


def _presentation(style: str, names: _Names) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        # The family is the same everywhere and stands on the root.
        if colon and name != "font-family" and name not in _NOT_PRESENTATION:
            yield name, _URL.sub(lambda m: f"url(#{names.of(m[1])})", value.removesuffix("px"))


def _shortened(name: str, value: str) -> str:
    """Coordinates with two decimals; a stroke that goes nowhere (a dot) in its shortest form."""
    if name not in _ROUNDED:
        return value
    short = _NUMBER.sub(lambda m: _round(m[0]), value)
    if name != "d":
        return short
    one_line = " ".join(short.split())
    if one_line.count("L") >= _LONG and _POLYLINE.fullmatch(one_line):
        return _steps(one_line)
    return _LINE_TO.sub(r"\1", _DOT.sub(r"M\1 \2h0", one_line)).strip()


def _steps(path: str) -> str:
    """A long line in tenths of a unit, each point as its distance from the one before: half the bytes."""
    points = [(round(float(x) * 10), round(float(y) * 10)) for x, y in _POINT.findall(path)]
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(points) if (x, y) != (a, b)]
    moved = " ".join(f"{_tenths(x)} {_tenths(y)}" for x, y in steps).replace(" -", "-")
    return f"M{_tenths(points[0][0])} {_tenths(points[0][1])}l{moved or '0 0'}"


def _tenths(number: int) -> str:
    return f"{number / 10:g}"


def _round(number: str) -> str:
    text = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
