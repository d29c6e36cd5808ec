"""The command that gives the data on to other machines: serve."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import DatasetOption, OfflineOption, RootOption, valued
from mnist_tool.cli.frame.signals import Terminated
from mnist_tool.cli.screen.output import Output

if TYPE_CHECKING:
    from mnist_tool.dataset.serving.offer import Offer
    from mnist_tool.dataset.serving.transfers import Transfer

LOOP_BACK, PORT = "127.0.0.1", 8000
ALONE = {LOOP_BACK, "::1", "localhost"}


@command(
    "serve",
    ("To the machines in this room", "mnist-tool serve --host 0.0.0.0"),
    ("To try it on this machine alone", "mnist-tool serve --port 8080"),
)
def serve(
    out: Output,
    host: Annotated[
        str,
        valued(
            "--host",
            metavar="ADDRESS",
            help="Where to listen: 0.0.0.0 for all addresses of this machine. "
            f"[default: {LOOP_BACK}, this machine alone]",
        ),
    ] = LOOP_BACK,
    port: Annotated[
        int,
        valued(
            "--port",
            metavar="PORT",
            min=0,
            max=65535,
            help=f"Where to listen; 0 for any that is free. [default: {PORT}]",
        ),
    ] = PORT,
    page: Annotated[
        Path | None,
        valued("--page", metavar="FILE", help="An HTML page to serve besides, as page.html."),
    ] = None,
    root: RootOption = None,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
) -> None:
    """Serve until Ctrl-C, and print under which addresses, and who got what."""
    from mnist_tool.dataset.fetching.fetch import fetch
    from mnist_tool.dataset.serving.offer import prepare
    from mnist_tool.dataset.serving.server import listen, server_of, urls_of
    from mnist_tool.dataset.store import open_store
    from mnist_tool.folders import scratch

    store = open_store(root, dataset)
    with listen(host, port) as opened, scratch() as folder:
        with out.progress() as progress:
            fetch(store.root, dataset=dataset, offline=offline, progress=progress)
            offer = prepare(store, folder, progress, page)
        urls = urls_of(opened)
        tally = _Tally(out)
        _announce(out, offer, urls, alone=host in ALONE)
        try:
            server_of(offer, urls[0], tally.add).run(sockets=[opened])
        except (KeyboardInterrupt, Terminated):  # there is no other end
            tally.close()


class _Tally:
    """Tells of each transfer, and of all together at the end."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._count = self._sent = 0
        self._clients: set[str] = set()

    def add(self, transfer: Transfer) -> None:
        """Tell one, in a line."""
        self._count += 1
        self._sent += transfer.sent
        self._clients.add(transfer.client)
        end = "" if transfer.whole else ", broken off"
        self._out.note(
            f"{time.strftime('%H:%M:%S')} {transfer.client} {transfer.method} {transfer.path} "
            f"{transfer.status} {transfer.sent:,} bytes in {transfer.seconds:.1f} s{end}"
        )

    def close(self) -> None:
        """Tell what it came to."""
        machines = len(self._clients)
        self._out.data(transfers=self._count, sent=self._sent, clients=machines)
        self._out.note(
            f"Stopped: {self._count:,} answer{'' if self._count == 1 else 's'}, "
            f"{self._sent:,} bytes, {machines} machine{'' if machines == 1 else 's'}."
        )


def _announce(out: Output, offer: Offer, urls: list[str], *, alone: bool) -> None:
    """Print under which addresses, and what the others are to type."""
    from mnist_tool.cli.screen.halfblocks import code
    from mnist_tool.dataset.serving.lines import curl_lines, fetch_line, torchvision_lines
    from mnist_tool.dataset.serving.pages import qr_rows

    first = urls[0]
    out.data(
        dataset=offer.dataset.name,
        addresses=urls,
        files=[each.name for each in offer.everything],
        original=offer.original,
    )
    out.print(f"{offer.dataset.title} is served at {first} until Ctrl-C.")
    told = [
        ("With mnist-tool:", [fetch_line(offer, url) for url in urls]),
        ("With torchvision, in Python:", torchvision_lines(offer, first)),
        ("With curl:", curl_lines(offer, first)),
    ]
    for heading, lines in told:
        if lines:
            out.print()
            out.print(heading)
        for line in lines:
            out.print(f"  {line}")
    if alone:
        out.hint(out.line("--host", "0.0.0.0"))  # noqa: S104
    elif out.stdout.on_screen:
        out.print()
        for row in code(qr_rows(first), out.stdout):
            out.show(row)
    if not offer.mirrors:
        out.note("torchvision would refuse these .gz: it checks MD5s that ours do not have.")
