"""XML of elements in elements, as KML and its relatives are written."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element


def element(tag: str, *content: str | Element) -> Element:
    """An element of texts and elements."""
    made = Element(tag)
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made


def document_text(root: Element) -> str:
    """A whole XML document, indented."""
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
