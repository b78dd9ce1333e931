"""XML that strangers wrote, and XML that we write."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree


def parse_xml(data: bytes) -> ElementTree.Element | None:
    """Return the root of an XML file, None when it is no plain XML."""
    # A document type could define entities that expand without end; annotations have none.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        return ElementTree.fromstring(data)  # noqa: S314  entities are refused above
    except (ElementTree.ParseError, ValueError):
        return None


def child(parent: ElementTree.Element, tag: str, text: str | None = None) -> ElementTree.Element:
    """Append an element with a text."""
    element = ElementTree.SubElement(parent, tag)
    element.text = text
    return element


def write_element(root: ElementTree.Element, path: Path) -> None:
    """Write a document with one element a line."""
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def number_text(value: float) -> str:
    """Write a number with all its digits, and a whole one without a point."""
    return repr(float(value)) if value % 1 else str(int(value))
