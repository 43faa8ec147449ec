"""Elements of a page, built one by one: text stays text, whatever it holds."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring


def element(tag: str, *content: Element | str, **attributes: str) -> Element:
    """An element with text and children in order; `class_` and `text_anchor` lose their underscores."""
    made = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    last: Element | None = None
    for part in content:
        if isinstance(part, Element):
            made.append(part)
            last = part
        elif last is None:
            made.text = (made.text or "") + printable(part)
        else:
            last.tail = (last.tail or "") + printable(part)
    return made


def page_text(root: Element) -> str:
    """The whole page as HTML."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html")


def printable(text: str) -> str:
    r"""Control characters and lone surrogates of strange file names, made visible.

    >>> print(printable("a\x1bb"))
    a\x1bb
    """
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
