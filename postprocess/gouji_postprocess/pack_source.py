"""Reading the YAML of a form pack without trusting it: limits first, then values with their line and column.

Packs come from other offices and may be broken or hostile. Nothing is built before the event stream
has been checked: its size, its depth, and that it uses no anchors, aliases or tags (the tools of the
"billion laughs" bomb and of object injection; a pack needs none of them).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceStartEvent

MAX_BYTES = 512 * 1024  # the largest bundled pack has 12 KB
MAX_EVENTS = 60_000
MAX_DEPTH = 24

Loc = tuple[int | str, ...]
"""Where a value is in the pack: keys and positions from the top."""


class PackError(ValueError):
    """A form pack cannot be used; the text names the file, the line and the column."""

    def __init__(self, source: str, line: int | None, column: int | None, detail: str) -> None:
        place = source if line is None else f"{source}:{line}:{column}"
        super().__init__(f"{place}: {detail}")
        self.source, self.line, self.column, self.detail = source, line, column, detail


class PackText:
    """A parsed pack: plain data, and the place of every value in the text."""

    def __init__(self, source: str, data: CommentedMap) -> None:
        self.source = source
        self.data = data

    def place(self, loc: Sequence[int | str]) -> tuple[int, int]:
        """Line and column, from 1, of the value at `loc`, or of the nearest value above it."""
        node: Any = self.data
        line, column = 0, 0
        for step in loc:
            if isinstance(node, CommentedMap) and step in node:
                line, column = node.lc.key(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line, column = node.lc.item(step)
            else:
                break
            node = node[step]
        return line + 1, column + 1

    def error(self, loc: Sequence[int | str], detail: str) -> PackError:
        """An error at this value."""
        return PackError(self.source, *self.place(loc), detail)


def read_pack_text(path: Path) -> PackText:
    """Read one pack file.

    Raises:
        PackError: unreadable, too large, not YAML, or YAML of a kind packs may not use.
    """
    source = path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PackError(source, None, None, f"larger than {MAX_BYTES // 1024} KB")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PackError(source, None, None, f"cannot be opened: {error}") from error
    except UnicodeDecodeError as error:
        raise PackError(source, None, None, f"cannot be read as UTF-8 text: {error}") from error
    return parse_pack_text(text, source)


def parse_pack_text(text: str, source: str = "<pack>") -> PackText:
    """Check the YAML events against the limits, then build plain values.

    Raises:
        PackError: see `read_pack_text`.
    """
    if len(text.encode("utf-8")) > MAX_BYTES:
        raise PackError(source, None, None, f"larger than {MAX_BYTES // 1024} KB")
    try:
        _check_events(text, source)
        data = YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        mark = error.problem_mark
        raise PackError(source, mark.line + 1, mark.column + 1, "the same key twice") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise PackError(source, line, column, f"not YAML: {error.problem or error.context}") from error
    except (YAMLError, ValueError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError(source, None, None, f"not YAML: {error}") from error
    if not isinstance(data, CommentedMap):
        raise PackError(source, 1, 1, "a pack is a mapping with the keys form, title, years, tables")
    return PackText(source, data)


def _check_events(text: str, source: str) -> None:
    depth = 0
    for count, event in enumerate(YAML().parse(text)):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if count > MAX_EVENTS:
            raise PackError(source, line, column, f"more than {MAX_EVENTS} values")
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise PackError(source, line, column, "anchors and aliases (& and *) are not used in packs")
        if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent) and event.tag:
            raise PackError(source, line, column, f"tags are not used in packs: {event.tag}")
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise PackError(source, line, column, f"nested deeper than {MAX_DEPTH} levels")
        elif type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
            depth -= 1
