"""Checks on the way to the sources: proxies, certificates, clock, login page, each source."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mnist_tool.dataset.check import Answer
from mnist_tool.doctor.commands import Commands
from mnist_tool.doctor.context import Context
from mnist_tool.doctor.findings import Check, Verdict

__all__ = ["CHECKS", "Clock", "Reached"]

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT")
# No certificate in use is older; a clock before it is an empty battery, and TLS fails.
EARLIEST = 1_735_689_600  # 2025-01-01, seconds since the epoch


def gather_proxies(context: Context) -> Mapping[str, str]:
    """Take the proxy variables in the spelling that wins."""
    environment = context.request.environment
    found: dict[str, str] = {}
    for name in (*PROXIES, "no_proxy"):
        for spelling in (name, name.upper()):
            if environment.get(spelling):
                found.setdefault(spelling, environment[spelling])
    return found


def judge_proxies(facts: Mapping[str, str]) -> Verdict:
    """Judge whether the proxy variables can be used; their values are never shown."""
    names = sorted(facts)
    unset = "set {}=" if os.name == "nt" else "unset {}"
    for name in names:
        if name.lower() in PROXIES and "://" not in facts[name]:
            return Verdict(
                "warning", f"{name} has no scheme",
                "It should begin with http:// or socks5h://; programs differ in what they make "
                "of it.",
                (unset.format(name),), {"variables": names},
            )  # fmt: skip
        if name.lower() in PROXIES and not urlsplit(facts[name]).hostname:
            return Verdict(
                "error", f"{name} names no host", "", (unset.format(name),), {"variables": names}
            )
    kinds = {name.lower() for name in names} & set(PROXIES)
    if kinds == {"http_proxy"}:
        return Verdict(
            "warning", "HTTP_PROXY is set and HTTPS_PROXY is not",
            "All but one of the sources use https, which then goes without the proxy.",
            ("export HTTPS_PROXY=\"$HTTP_PROXY\"",), {"variables": names},
        )  # fmt: skip
    return Verdict("ok", ", ".join(names) or "none", data={"variables": names})


def gather_certificates(context: Context) -> Mapping[str, bool]:
    """See whether the files that the variables name are there."""
    environment = context.request.environment
    return {name: Path(environment[name]).exists() for name in BUNDLES if environment.get(name)}


def judge_certificates(facts: Mapping[str, bool]) -> Verdict:
    """Judge whether the certificate variables lead somewhere."""
    lost = [name for name, there in facts.items() if not there]
    if lost:
        return Verdict(
            "error", f"{lost[0]} names a file that is not there",
            "Every https connection fails until it names a bundle of certificates, or is removed.",
            (f"unset {lost[0]}",), dict(facts),
        )  # fmt: skip
    return Verdict("ok", ", ".join(facts) or "the usual bundle", data=dict(facts))


@dataclass(frozen=True)
class Clock:
    """The time here and, where the network was asked, elsewhere.

    Parameters
    ----------
    now : float
        Seconds since the epoch, by this machine.
    newest_file : float
        Time of the newest file of this tool: the present cannot be before it.
    """

    now: float
    newest_file: float


def gather_clock(context: Context) -> Clock:  # noqa: ARG001
    """Compare the clock with what must be in the past."""
    return Clock(time.time(), Path(__file__).stat().st_mtime)


def judge_clock(facts: Clock) -> Verdict:
    """Judge whether the clock is so far back that certificates are not valid yet."""
    date = time.strftime("%Y-%m-%d", time.gmtime(facts.now))
    earliest = max(EARLIEST, facts.newest_file - 86_400)
    if facts.now < earliest:
        return Verdict(
            "error", f"the clock says {date}, which is in the past",
            "Certificates are not valid yet at that time, so https fails. Set the clock.",
            ("date",), {"now": facts.now},
        )  # fmt: skip
    return Verdict("ok", date, data={"now": facts.now})


@dataclass(frozen=True)
class Reached:
    """What every source answered.

    Parameters
    ----------
    answers : sequence of Answer
        One per source.
    commands : Commands
        How this user calls the tool.
    """

    answers: Sequence[Answer]
    commands: Commands


def gather_sources(context: Context) -> Reached:
    """Try every source at once."""
    from mnist_tool.dataset.check import check_sources

    r = context.request
    answers = context.once("sources", lambda: check_sources(r.dataset.name, offline=False))
    return Reached(answers, r.commands)


def judge_sources(facts: Reached) -> Verdict:
    """Judge whether at least one source answers; that is all that `fetch` needs."""
    good = [answer.name for answer in facts.answers if answer.reachable]
    lines = [f"{a.name}: {a.answer} ({a.seconds:.1f} s)" for a in facts.answers if not a.reachable]
    data = {answer.name: answer.outcome for answer in facts.answers}
    if not good:
        return Verdict(
            "error", f"none of {len(facts.answers)} sources answers", "\n".join(lines),
            (facts.commands.fetch("--help"),), data,
        )  # fmt: skip
    summary = f"{len(good)} of {len(facts.answers)} answer: {', '.join(good)}"
    if facts.answers[0].name not in good:
        return Verdict(
            "warning", summary, "\n".join(lines), (facts.commands.fetch("--mirror"),), data
        )
    return Verdict("ok", summary, data=data)


def judge_portal(facts: Reached) -> Verdict:
    """Judge whether a login page answers in place of the sources."""
    pages = [answer.name for answer in facts.answers if "web page" in answer.answer]
    if len(pages) > 1 and not any(answer.reachable for answer in facts.answers):
        return Verdict(
            "error", "a web page answers in place of the sources",
            f"{', '.join(pages)} gave a page: most likely this network wants you to sign in. "
            "Open any "
            "address in a browser first.",
            (facts.commands.fetch(),), {"pages": pages},
        )  # fmt: skip
    return Verdict("ok", "no login page in between")


CHECKS: tuple[Check[Any], ...] = (
    Check("proxies", "network", "Can the proxy variables be used?", gather_proxies, judge_proxies),
    Check("certificates", "network", "Do the certificate variables lead somewhere?",
          gather_certificates, judge_certificates),
    Check("clock", "network", "Is the clock far back, so that certificates are not valid yet?",
          gather_clock, judge_clock),
    Check("sources", "network", "Which sources answer, with what, and how fast?",
          gather_sources, judge_sources, network=True, limit=60),
    Check("portal", "network", "Does a login page answer in place of the sources?",
          gather_sources, judge_portal, network=True, limit=60),
)  # fmt: skip
