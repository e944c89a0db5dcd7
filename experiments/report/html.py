"""Pieces of a page: headings, paragraphs, tables, figures. Whatever is put in is escaped."""

import base64
from collections.abc import Collection, Sequence
from html import escape
from pathlib import Path

_STYLE = Path(__file__).with_name("style.css")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Html:
    return value if isinstance(value, Html) else Html(escape(str(value)))


def joined(parts: Sequence[object]) -> Html:
    return Html("\n".join(text(part) for part in parts))


def element(name: str, *content: object, **attributes: str) -> Html:
    """An element; an attribute `class_` is `class`."""
    given = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{''.join(text(part) for part in content)}</{name}>")


def section(title: str, *content: object, name: str = "") -> Html:
    attributes = {"id": name} if name else {}
    return element("section", element("h2", title), "\n", joined(content), **attributes)


def listed(items: Sequence[object]) -> Html:
    return element("ul", *(element("li", item) for item in items))


def table(
    head: Sequence[object],
    rows: Sequence[Sequence[object]],
    *,
    words: Collection[int] = (0,),
    caption: str = "",
) -> Html:
    """A table; the columns at the places `words` are words, the others numbers. It can be scrolled
    sideways on a narrow screen."""
    title = element("caption", caption) if caption else ""

    def cells(name: str, row: Sequence[object]) -> Html:
        parts = (element(name, cell, class_="word" if i in words else "number")
                 for i, cell in enumerate(row))  # fmt: skip
        return element("tr", *parts)

    body = element("tbody", *(cells("td", row) for row in rows))
    return element(
        "div", element("table", title, element("thead", cells("th", head)), body), class_="wide"
    )


def picture(svg: bytes, caption: str, note: object = "") -> Html:
    """A figure, held in the page itself, with a caption."""
    source = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    image = Html(f'<img src="{source}" alt="{escape(caption)}">')
    return element("figure", image, element("figcaption", element("b", caption), " ", note))


def prose(markdown: str) -> Html:
    """Blocks of Markdown as stories have it: headings, lists, paragraphs, what is bold. Pictures
    are left out."""
    parts = []
    for block in filter(None, (block.strip() for block in markdown.split("\n\n"))):
        lines = block.splitlines()
        if block.startswith("#"):
            parts.append(element("h3", block.lstrip("# ")))
        elif all(line.startswith("- ") for line in lines):
            parts.append(listed([_emphasised(line[2:]) for line in lines]))
        elif not block.startswith("!["):
            parts.append(element("p", _emphasised(" ".join(lines))))
    return joined(parts)


def _emphasised(line: str) -> Html:
    pieces = line.split("**")
    return Html("".join(element("b", p) if i % 2 else text(p) for i, p in enumerate(pieces)))


def page(title: str, lang: str, *content: object) -> str:
    """A whole document that needs no other file."""
    style = _STYLE.read_text("utf-8")
    html_lang = {"zh": "zh-Hans"}.get(lang, lang)
    return (
        f'<!DOCTYPE html>\n<html lang="{html_lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{joined(content)}\n</main>\n</body>\n</html>\n"
    )
