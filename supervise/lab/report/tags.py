"""HTML from values: text is always escaped, and only what this module made is not."""

from html import escape
from typing import Final, NewType

Html = NewType("Html", str)
"""Text that is HTML already."""

_VOID: Final = frozenset({"img", "br", "meta", "source"})


def raw(text: str) -> Html:
    """Text of ours that is HTML."""
    return Html(text)


def tag(name: str, /, *content: Html, **attributes: object) -> Html:
    """An element; ``class_`` stands for class, and an attribute of True is written without a value."""
    written = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{''.join(content)}</{name}>")


def text(content: object) -> Html:
    """Text as it is to be read."""
    return Html(escape(str(content)))


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
