"""What is told of the offer: a page for people, in two languages, and a document for tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from mnist_tool.dataset.serving.lines import curl_lines, fetch_line, torchvision_lines
from mnist_tool.dataset.serving.offer import Offer, Offered
from mnist_tool.version import __version__

if TYPE_CHECKING:
    from segno import QRCode

__all__ = ["LANGUAGES", "checksums", "document", "index_page", "qr_rows"]

MARGIN = 4  # modules around a QR code, as its standard asks

ENGLISH = {
    "language": "en",
    "other": ("한국어", "ko"),
    "intro": "This machine has {title} and gives it to whoever asks. Every file was verified.",
    "tool": "With mnist-tool",
    "torchvision": "With torchvision, in Python",
    "curl": "With curl",
    "files": "The files",
    "name": "name",
    "size": "bytes",
    "everything": "all of them, as torchvision wants them",
    "page": "A page besides",
    "here": "This page",
    "licence": "Licence",
}
KOREAN = {
    "language": "ko",
    "other": ("English", "en"),
    "intro": "이 컴퓨터가 {title} 데이터를 나누어 줍니다. 모든 파일은 검증되었습니다.",
    "tool": "mnist-tool로 받기",
    "torchvision": "파이썬의 torchvision으로 받기",
    "curl": "curl로 받기",
    "files": "파일 목록",
    "name": "이름",
    "size": "바이트",
    "everything": "전체 (torchvision이 찾는 폴더 구조)",
    "page": "함께 제공되는 페이지",
    "here": "이 페이지",
    "licence": "라이선스",
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": ENGLISH, "ko": KOREAN}

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#222;background:#fff}pre,code{font:14px/1.5 ui-monospace,monospace}"
    "pre{background:#f3f3f3;padding:.7rem;overflow-x:auto}td,th{text-align:left;"
    "padding:.15rem 1rem .15rem 0;vertical-align:top}td.n{text-align:right}"
    "td a{white-space:nowrap}.sum{color:#666;word-break:break-all}"
)


def index_page(offer: Offer, url: str, language: str) -> str:
    """Return the page for people.

    Parameters
    ----------
    offer : Offer
        What there is.
    url : str
        Under which address the reader found this machine, with its slash at the end.
    language : str
        One of `LANGUAGES`.
    """
    words = LANGUAGES[language]
    title = escape(offer.dataset.title)
    other, code = words["other"]
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{STYLE}</style></head><body>",
        f'<p><a href="/{code}" lang="{code}">{other}</a></p><h1>{title}</h1>',
        f"<p>{words['intro'].format(title=title)}</p>",
        _block(words["tool"], [fetch_line(offer, url)]),
        _block(words["torchvision"], torchvision_lines(offer, url)),
        _block(words["curl"], curl_lines(offer, url)),
        f"<h2>{words['files']}</h2><table>",
        f"<tr><th>{words['name']}</th><th>{words['size']}</th><th>SHA-256</th></tr>",
        *(_row(each) for each in offer.files),
        _row(offer.archive, words["everything"]),
        '</table><p><a href="/index.json">index.json</a> ',
        '<a href="/SHA256SUMS">SHA256SUMS</a></p>',
        f'<p><a href="/{offer.page.name}">{words["page"]}</a></p>' if offer.page else "",
        f"<h2>{words['here']}</h2><p>{escape(url)}</p>",
        _qr(url).svg_inline(scale=5, border=MARGIN, light="#fff"),
        f"<p>{words['licence']}: {escape(offer.dataset.card.licence)}</p>",
        f"<p>mnist-tool {__version__}</p></body></html>",
    ]
    return "\n".join(parts)


def _block(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<h2>{heading}</h2><pre>{escape(chr(10).join(lines))}</pre>"


def _row(each: Offered, what: str = "") -> str:
    name = escape(each.name)
    told = f"<br>{what}" if what else ""
    return (
        f'<tr><td><a href="/{name}">{name}</a>{told}</td><td class="n">{each.size:,}</td>'
        f'<td class="sum"><code>{each.sha256}</code></td></tr>'
    )


def qr_rows(text: str) -> list[list[bool]]:
    """Return the QR code of a text, row by row, true where it is dark; its margin included."""
    return [[bool(dark) for dark in row] for row in _qr(text).matrix_iter(border=MARGIN)]


def _qr(text: str) -> QRCode:
    import segno

    return segno.make(text, micro=False)


def document(offer: Offer) -> dict[str, Any]:
    """Return the document for tools; addresses in it are relative to its own."""
    return {
        "tool": "mnist-tool",
        "version": __version__,
        "dataset": offer.dataset.name,
        "title": offer.dataset.title,
        "licence": offer.dataset.card.licence,
        "citation": offer.dataset.card.citation,
        "files": [_entry(each) for each in offer.files],
        "archive": _entry(offer.archive),
        "page": offer.page.name if offer.page else None,
    }


def _entry(each: Offered) -> dict[str, Any]:
    entry: dict[str, Any] = {"url": each.name, "size": each.size, "sha256": each.sha256}
    if each.holds is not None:
        plain = {"name": each.holds.name, "size": each.holds.size, "sha256": each.holds.sha256}
        entry |= {"original": each.original, "holds": plain}
    return entry


def checksums(everything: Iterable[Offered]) -> str:
    """Return what ``sha256sum --check`` reads."""
    return "".join(f"{each.sha256}  {each.name}\n" for each in everything)
