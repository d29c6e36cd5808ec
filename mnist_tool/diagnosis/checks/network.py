"""Checks on the way to the sources: proxies, certificates, clock, login page, each source."""

from __future__ import annotations

import ssl
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mnist_tool.advice import command_line, quoted
from mnist_tool.dataset.check import Answer
from mnist_tool.dataset.fetching.report import NETWORK_AUTHENTICATION_REQUIRED
from mnist_tool.diagnosis.context import Context
from mnist_tool.diagnosis.findings import Check, Status, Verdict
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.diagnosis.shell import expanded, export, unset

__all__ = ["CHECKS", "CertificateFacts", "ClockFacts", "Reached"]

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
# No certificate in use is older; a clock before it is an empty battery, and TLS fails.
EARLIEST = 1_735_689_600  # 2025-01-01, seconds since the epoch
SOURCES_LIMIT = 300.0  # seconds; `check_sources` has its own, from --timeout
DAY = 86_400
MINUTES_OFF = 300  # seconds; less than this does no harm to anything
UNITS = ((365 * DAY, "years"), (DAY, "days"), (3600, "hours"), (60, "minutes"))
# What it means where all sources fail at one stage.
BRING = f"bring the files from another machine: {command_line('fetch', '--from', 'PATH')}"
MEANING = {
    "proxy": (
        "The proxy that HTTPS_PROXY and HTTP_PROXY name is not there or lets nothing through: "
        "correct the variables, or unset them."
    ),
    "DNS": f"No name resolves: there is no network, or a firewall lets nothing out. If so, {BRING}",
    "TCP": (
        "Names resolve and no connection comes about: a firewall. Name its proxy with HTTPS_PROXY "
        f"and HTTP_PROXY, or {BRING}"
    ),
    "TLS": (
        "No certificate is accepted: most likely a proxy inspects the traffic and its certificate "
        "is not known here (name its bundle with REQUESTS_CA_BUNDLE), or the clock is wrong."
    ),
}
OTHERWISE = f"Try again later, or {BRING}"


def gather_proxies(context: Context) -> Mapping[str, str]:
    """Take the proxy variables that are set, in either spelling."""
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
    data = {"variables": names}
    for name in names:
        if name.lower() in PROXIES and "://" not in facts[name]:
            detail = (
                "It should begin with http:// or socks5h://; programs differ in what they make of "
                "it."
            )
            return Verdict("warning", f"{name} has no scheme", detail, (unset(name),), data)
        if name.lower() in PROXIES and not urlsplit(facts[name]).hostname:
            return Verdict("error", f"{name} names no host", "", (unset(name),), data)
    kinds = {name.lower(): name for name in names if name.lower() in PROXIES}
    if set(kinds) == {"http_proxy"}:
        detail = "All but one of the sources use https, which then goes without the proxy."
        fix = (export("HTTPS_PROXY", expanded(kinds["http_proxy"])),)
        return Verdict("warning", "HTTP_PROXY is set and HTTPS_PROXY is not", detail, fix, data)
    return Verdict("ok", ", ".join(names) or "none", data=data)


@dataclass(frozen=True)
class CertificateFacts:
    """Which certificates are trusted here.

    Parameters
    ----------
    named : mapping of str to str
        What is wrong with the file or folder that each variable names; empty where nothing is.
    default : bool
        Whether this Python itself knows any certificates, which torchvision's downloads need.
    """

    named: Mapping[str, str]
    default: bool = True


def gather_certificates(context: Context) -> CertificateFacts:
    """Look at what the variables name, and at what Python trusts without them."""
    from mnist_tool.dataset.network.download import CA_VARIABLES

    environment = context.request.environment
    names = [name for name in (*CA_VARIABLES, "PIP_CERT") if environment.get(name)]
    named = {name: _bundle_problem(environment[name]) for name in names}
    usual = ssl.get_default_verify_paths()
    folder = usual.capath and any(Path(usual.capath).iterdir())
    # Windows keeps its certificates in a store of its own.
    return CertificateFacts(named, bool(usual.cafile or folder or sys.platform == "win32"))


def _bundle_problem(name: str) -> str:
    path = Path(name)
    if path.is_dir():
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(name)
    except FileNotFoundError:
        return "is not there"
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        return "holds no certificates"
    return ""


def judge_certificates(facts: CertificateFacts) -> Verdict:
    """Judge whether the certificate variables lead somewhere, and whether there are any at all."""
    for name, problem in facts.named.items():
        if problem:
            detail = (
                "Every https connection fails until it names a bundle of certificates, or is "
                "removed."
            )
            summary, data = f"{name} names a file that {problem}", {"variables": dict(facts.named)}
            return Verdict("error", summary, detail, (unset(name),), data)
    if not facts.default and not facts.named:
        detail = (
            "mnist-tool brings some; torchvision's own download fails with "
            'CERTIFICATE_VERIFY_FAILED. On macOS run "Install Certificates.command" in Python\'s '
            "folder under Applications, or:"
        )
        fix = (export("SSL_CERT_FILE", f'"$({quoted([sys.executable])} -m certifi)"'),)
        return Verdict("warning", "this Python knows no certificates of its own", detail, fix)
    return Verdict("ok", ", ".join(facts.named) or "the usual bundle")


@dataclass(frozen=True)
class ClockFacts:
    """The time here and, where the network was asked, elsewhere.

    Parameters
    ----------
    now : float
        Seconds since the epoch, by this machine.
    newest_file : float
        Time of the newest file of this tool: the present cannot be before it.
    skews : tuple of float
        By how many seconds the clock of each server that told its time is ahead of ours.
    """

    now: float
    newest_file: float
    skews: tuple[float, ...] = ()


def gather_clock(context: Context) -> ClockFacts:
    """Compare the clock with what must be in the past, and with the servers' where allowed."""
    skews: tuple[float, ...] = ()
    if context.request.network:
        answers = gather_sources(context).answers
        skews = tuple(a.figures["skew"] for a in answers if "skew" in a.figures)
    return ClockFacts(time.time(), Path(__file__).stat().st_mtime, skews)


def judge_clock(facts: ClockFacts) -> Verdict:
    """Judge whether the clock is so wrong that certificates count as too young or too old."""
    date = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(facts.now))
    data = {"now": facts.now, "skews": facts.skews}
    # One server may be wrong itself; the middle one of several hardly is.
    skew = statistics.median_low(facts.skews) if facts.skews else 0.0
    if facts.now < max(EARLIEST, facts.newest_file - DAY):
        detail = "Certificates are not valid yet at that time, so https fails. Set the clock."
        return Verdict("error", f"the clock says {date}, which is in the past", detail, data=data)
    if abs(skew) > MINUTES_OFF:
        how = f"{_duration(abs(skew))} {'behind' if skew > 0 else 'ahead'}"
        detail = (
            f"It says {date}. With a wrong clock, certificates count as not yet valid or as "
            "expired, and https fails. Set the clock."
        )
        status: Status = "error" if abs(skew) > DAY else "warning"
        return Verdict(status, f"the clock is {how} of the servers' time", detail, data=data)
    told = f", {len(facts.skews)} servers agree" if facts.skews else ""
    return Verdict("ok", date + told, data=data)


def _duration(seconds: float) -> str:
    size, unit = next(((s, u) for s, u in UNITS if seconds >= 2 * s), UNITS[-1])
    return f"{seconds / size:.0f} {unit}"


@dataclass(frozen=True)
class Reached:
    """What every source answered.

    Parameters
    ----------
    answers : sequence of Answer
        One per source.
    invocation : Invocation
        How this user calls the tool.
    """

    answers: Sequence[Answer]
    invocation: Invocation


def gather_sources(context: Context) -> Reached:
    """Try every source at once."""
    from mnist_tool.dataset.check import check_sources

    r = context.request
    answers = context.once(
        "sources", lambda: check_sources(r.dataset.name, offline=False, timeout=r.timeout)
    )
    return Reached(answers, r.invocation)


def judge_sources(facts: Reached) -> Verdict:
    """Judge whether at least one source answers; that is all that `fetch` needs."""
    good = [answer for answer in facts.answers if answer.reachable]
    lines = [_source_line(answer, facts.answers) for answer in facts.answers]
    told = ("outcome", "stage", "status", "seconds")
    data = {
        a.name: {**{name: getattr(a, name) for name in told}, **a.figures} for a in facts.answers
    }
    if not good:
        stages = {"proxy" if a.outcome == "proxy" else a.stage for a in facts.answers}
        lines.append(MEANING.get(stages.pop(), OTHERWISE) if len(stages) == 1 else OTHERWISE)
        summary = f"none of {len(facts.answers)} sources answers"
        return Verdict("error", summary, "\n".join(lines), data=data)
    summary = f"{len(good)} of {len(facts.answers)} answer"
    if not facts.answers[0].reachable:
        lines.append("Nothing is lost: fetch goes on to the others, and --mirror begins with them.")
        return Verdict("warning", f"{summary}, the first one does not", "\n".join(lines), data=data)
    return Verdict("ok", summary, "\n".join(lines), data=data, told=True)


def _source_line(answer: Answer, all_of_them: Sequence[Answer]) -> str:
    """Say in one line where the way to a source ended, or how good it is."""
    width = max(len(other.name) for other in all_of_them)
    if not answer.reachable:
        return f"{answer.name:<{width}}  {answer.stage or 'no'}: {answer.answer}"
    words = [f"HTTP {answer.status}"] if answer.status else [answer.answer]
    if "first_byte" in answer.figures:
        words.append(f"first byte after {answer.figures['first_byte']:.2f} s")
    if "rate" in answer.figures:
        words.append(f"{answer.figures['rate'] / 1e6:.1f} MB/s")
    return f"{answer.name:<{width}}  {', '.join(words)}"


def _asks_to_sign_in(answer: Answer) -> bool:
    return "web page" in answer.answer or answer.status == NETWORK_AUTHENTICATION_REQUIRED


def judge_portal(facts: Reached) -> Verdict:
    """Judge whether a login page answers in place of the sources."""
    pages = [answer.name for answer in facts.answers if _asks_to_sign_in(answer)]
    if len(pages) < 2:
        return Verdict("ok", "no login page in between")
    reachable = any(answer.reachable for answer in facts.answers)
    status: Status = "warning" if reachable else "error"
    detail = (
        f"{', '.join(pages)} gave a page: most likely this network wants you to sign in. Open any "
        "address in a browser first."
    )
    summary = "a web page answers in place of the sources"
    return Verdict(status, summary, detail, data={"pages": pages})


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "proxies",
        "network",
        "Can the proxy variables be used?",
        gather_proxies,
        judge_proxies,
        terse=True,
    ),
    Check(
        "certificates",
        "network",
        "Do the certificate variables lead to certificates?",
        gather_certificates,
        judge_certificates,
        terse=True,
    ),
    Check(
        "clock",
        "network",
        "Is the clock so wrong that certificates do not hold?",
        gather_clock,
        judge_clock,
        terse=True,
        limit=SOURCES_LIMIT,
    ),
    Check(
        "sources",
        "network",
        "Which sources answer, with what, and how fast?",
        gather_sources,
        judge_sources,
        network=True,
        limit=SOURCES_LIMIT,
    ),
    Check(
        "portal",
        "network",
        "Does a login page answer in place of the sources?",
        gather_sources,
        judge_portal,
        network=True,
        limit=SOURCES_LIMIT,
        terse=True,
    ),
)
