"""Put the page together: its sources, one after the other, and what it is to show, in one file.

The file asks nobody for anything. Its Content-Security-Policy allows the scripts and the style that
are in it, by their hashes, and nothing else. What comes from outside, such as the name of a run,
stands in it as JSON alone, and the scripts show it as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from mnist_tool.page.encoding import encode

__all__ = ["MARK", "SCRIPTS", "STYLE", "document"]

READING = (  # run in a worker too, and need no document
    "network.js",
    "pixels.js",
    "preprocess.js",
    "parts.js",
    "layout.js",
    "reader.js",
    "greying.js",
    "ink.js",
    "prepare.js",
)
SHOWING = (
    "content.js",
    "texts.js",
    "drawing.js",
    "beside.js",
    "view.js",
    "inside.js",
    "examples.js",
    "pictures.js",
    "game.js",
    "keyboard.js",
    "app.js",
)
SCRIPTS = READING + SHOWING
MARK = b'<script type="application/json" id="content">'  # in every page, and in nothing else
STRICT = '"use strict";\n'
STYLE = "style.css"
# What a browser does not need: comments (behind code after "; // "), indentation, empty lines; in
# scripts also spaces around signs and the ends of lines beside them, the 0 before a point and that
# a constant is one, outside of texts; the last semicolon of a block and comma of a list.
IDLE = re.compile(r"^ *(?://.*|/\*(?s:.*?)\*/)\n|(?<=[;,{]) // .*|^ +|^\n", re.MULTILINE)
# Constants on lines that follow one another: one statement says them all.
CONSTANTS = re.compile(
    r"^( *)const [^;\n]*;(?: // .*)?(?:\n\1const [^;\n]*;(?: // .*)?)+$", re.MULTILINE
)
AGAIN = re.compile(r";(?: // .*)?\n *const ")
STYLED = re.compile(r" (?=[{}])|(?<=[:,{]) |(?<=[{;,])\n")
TEXT = re.compile(r"(\"[^\"\n]*\"|`[^`]*`)")
SPACED = re.compile(r" ?([-+*/]=|[][{}(),;:?=<>&|*/%!]) ?| ([-+]) (?![-+])")
LAST = re.compile(r"[;,](?=})|,(?=\))")  # no loop here has an empty body
ARROW = re.compile(r"(?<!\w)\((\w+)\)(?==>)")  # a single parameter needs no brackets
ZERO = re.compile(r"(?<![\w.])0(?=\.\d)")
CONSTANT = re.compile(r"\bconst\b")
GOES_ON = re.compile(r"(?<=[{}([,;?:&|=>])\n|\n(?=[])}.?:])")


def document(content: Mapping[str, Any]) -> str:
    """Return the page as one HTML file.

    Parameters
    ----------
    content : mapping
        What it shows, with numpy arrays as they are: ``network`` (see
        `mnist_tool.training.operations`), ``classes``, ``run`` and ``examples``.
    """
    style = _source(STYLE)
    scripts = [_joined(READING), _joined(SHOWING)]
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, scripts)),
        "style-src": _hash(style),
        "img-src": "blob: data:",
        "worker-src": "blob:",  # made of the page's own scripts
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    parts = {
        "POLICY": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "STYLE": f"<style>{style}</style>",
        "CONTENT": f"{MARK.decode()}{_json(content)}</script>",
        "SCRIPTS": '<script id="worker">{}</script><script>{}</script>'.format(*scripts),
    }
    page = _source("page.html")
    for name, text in parts.items():
        before, _, after = page.partition(f"<!--{name}-->" if name != "POLICY" else name)
        page = before + text + after
    return page


def _source(name: str) -> str:
    """Return a source without what only people need: a third of it, which pays for the model."""
    text = resources.files("mnist_tool.page").joinpath("source", name).read_text("utf-8")
    if name.endswith(".html"):
        return text.replace(">\n<", "><")
    if name != STYLE:
        text = CONSTANTS.sub(lambda found: AGAIN.sub(",\n", found[0]), text)
    text = IDLE.sub("", text)
    if name == STYLE:
        return LAST.sub("", STYLED.sub("", text))
    parts = TEXT.split(text)  # each other one is a text
    for sign, kept in (
        (SPACED, r"\1\2"),
        (GOES_ON, ""),
        (LAST, ""),
        (ARROW, r"\1"),
        (ZERO, ""),
        (CONSTANT, "let"),
    ):
        parts[::2] = [sign.sub(kept, part) for part in parts[::2]]
    return "".join(parts)


def _joined(names: Sequence[str]) -> str:
    """Make one script of several, all of them strict."""
    return STRICT + "".join(_source(name).removeprefix(STRICT) for name in names)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(content: Mapping[str, Any]) -> str:
    """Write JSON in which nothing ends the script that it stands in."""
    text = json.dumps(encode(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
