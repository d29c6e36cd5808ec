"""The website of an offer: an address for each file and page, and no others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mnist_tool.dataset.serving.offer import HTML, Offer, Offered
from mnist_tool.dataset.serving.pages import LANGUAGES, checksums, document, index_page

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["website"]

HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
# Nothing of our own pages runs, and nothing else is loaded into them.
OWN_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Vary": "Accept-Language, Host",
}
EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


def website(offer: Offer, url: str) -> Starlette:
    """Return the application that answers for an offer.

    Every address is known beforehand and leads to one file or page; none is made of what a client
    says, so no trick with dots, slashes or links leads anywhere else.

    Parameters
    ----------
    offer : Offer
        What there is.
    url : str
        The address for those who do not say under which one they found us.
    """
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.routing import Route

    async def index(request: Request) -> Response:
        """Tell people, in the language of the address or that of their browser."""
        said = request.url.path.strip("/") or _first_language(request)
        language = said if said in LANGUAGES else "en"
        return _page(index_page(offer, _found_under(request, url), language))

    async def tools(request: Request) -> Response:  # noqa: ARG001
        """Tell tools."""
        return JSONResponse(document(offer), headers=EVERYWHERE)

    async def sums(request: Request) -> Response:  # noqa: ARG001
        """Tell sha256sum."""
        return PlainTextResponse(checksums(offer.everything), headers=EVERYWHERE)

    routes = [
        Route("/", index),
        *(Route(f"/{language}", index) for language in LANGUAGES),
        Route("/index.json", tools),
        Route("/SHA256SUMS", sums),
        *map(_route, offer.everything),
    ]
    made = Starlette(routes=routes)
    made.router.redirect_slashes = False
    return made


def _page(text: str) -> Response:
    from starlette.responses import Response

    return Response(text, media_type=HTML, headers=EVERYWHERE | OWN_PAGE)


def _first_language(request: Request) -> str:
    return request.headers.get("accept-language", "").lstrip()[:2].lower()


def _found_under(request: Request, url: str) -> str:
    """Return the address that a client has used, if it says one that can be shown."""
    host = request.headers.get("host", "")
    return f"http://{host}/" if HOST.fullmatch(host) else url


def _route(each: Offered) -> Route:
    """Return the route to a file: whole, in parts, or not at all where the client has it."""
    from starlette.responses import FileResponse
    from starlette.routing import Route
    from starlette.staticfiles import NotModifiedResponse

    tag = f'"{each.sha256}"'  # the same after a restart, and on every machine with these bytes

    async def send(request: Request) -> Response:
        """Send it."""
        headers = EVERYWHERE | {"ETag": tag}
        response = FileResponse(each.path, headers=headers, media_type=each.media_type)
        known = request.headers.get("if-none-match", "")
        if tag in {word.strip().removeprefix("W/") for word in known.split(",")}:
            return NotModifiedResponse(response.headers)
        return response

    return Route(f"/{each.name}", send)
