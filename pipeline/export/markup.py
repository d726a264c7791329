"""XML documents as text, always the same bytes for the same tree."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring


def add(parent: Element, tag: str, text: str | int | None = None, /, **attributes: str | int | None) -> Element:
    """Add an element to another; attributes that are None are left out."""
    child = SubElement(parent, tag, {name: str(value) for name, value in attributes.items() if value is not None})
    child.text = None if text is None else str(text)
    return child


def write_document(root: Element) -> str:
    """Write a document with its declaration and its type, indented by two spaces."""
    indent(root, "  ")
    body = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {root.tag}>\n{body}\n'
