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

from mnist_tool.advice import quoted
from mnist_tool.dataset.check import Answer
from mnist_tool.doctor.commands import Commands, unset
from mnist_tool.doctor.context import Context
from mnist_tool.doctor.findings import Check, Verdict

__all__ = ["CHECKS", "Bundles", "Clock", "Reached"]

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT")
# No certificate in use is older; a clock before it is an empty battery, and TLS fails.
EARLIEST = 1_735_689_600  # 2025-01-01, seconds since the epoch
SOURCES_LIMIT = 300.0  # seconds; `check_sources` has its own, from --timeout
DAY = 86_400
MINUTES_OFF = 300  # seconds; less than this does no harm to anything
UNITS = ((365 * DAY, "years"), (DAY, "days"), (3600, "hours"), (60, "minutes"))
SIGN_IN_FIRST = 511  # the HTTP status made for login pages
# What it means where all sources fail at one stage.
MEANING = {
    "proxy": "The proxy that HTTPS_PROXY and HTTP_PROXY name is not there or lets nothing through: "
    "correct the variables, or unset them.",
    "DNS": "No name resolves: there is no network, or a firewall lets nothing out. A folder or "
    "archive from another machine does as well: mnist-tool fetch --from PATH",
    "TCP": "Names resolve and no connection comes about: a firewall. Name its proxy with "
    "HTTPS_PROXY and HTTP_PROXY, or bring the files: mnist-tool fetch --from PATH",
    "TLS": "No certificate is accepted: most likely a proxy inspects the traffic and its "
    "certificate is not known here (name its bundle with REQUESTS_CA_BUNDLE), or the clock is "
    "wrong.",
}


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
    for name in names:
        if name.lower() in PROXIES and "://" not in facts[name]:
            return Verdict(
                "warning", f"{name} has no scheme",
                "It should begin with http:// or socks5h://; programs differ in what they make "
                "of it.",
                (unset(name),), {"variables": names},
            )  # fmt: skip
        if name.lower() in PROXIES and not urlsplit(facts[name]).hostname:
            return Verdict(
                "error", f"{name} names no host", "", (unset(name),), {"variables": names}
            )
    kinds = {name.lower() for name in names} & set(PROXIES)
    if kinds == {"http_proxy"}:
        return Verdict(
            "warning", "HTTP_PROXY is set and HTTPS_PROXY is not",
            "All but one of the sources use https, which then goes without the proxy.",
            ("export HTTPS_PROXY=\"$HTTP_PROXY\"",), {"variables": names},
        )  # fmt: skip
    return Verdict("ok", ", ".join(names) or "none", data={"variables": names})


@dataclass(frozen=True)
class Bundles:
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


def gather_certificates(context: Context) -> Bundles:
    """Look at what the variables name, and at what Python trusts without them."""
    environment = context.request.environment
    named = {name: _bundle_problem(environment[name]) for name in BUNDLES if environment.get(name)}
    usual = ssl.get_default_verify_paths()
    folder = usual.capath and any(Path(usual.capath).iterdir())
    return Bundles(named, bool(usual.cafile or folder))


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


def judge_certificates(facts: Bundles) -> Verdict:
    """Judge whether the certificate variables lead somewhere, and whether there are any at all."""
    for name, problem in facts.named.items():
        if problem:
            return Verdict(
                "error", f"{name} names a file that {problem}",
                "Every https connection fails until it names a bundle of certificates, or is "
                "removed.",
                (unset(name),), {"variables": dict(facts.named)},
            )  # fmt: skip
    if not facts.default and not facts.named:
        return Verdict(
            "warning", "this Python knows no certificates of its own",
            "mnist-tool brings some; torchvision's own download fails with "
            "CERTIFICATE_VERIFY_FAILED. On macOS run \"Install Certificates.command\" in Python's "
            "folder under Applications, or:",
            (f'export SSL_CERT_FILE="$({quoted([sys.executable])} -m certifi)"',), {},
        )  # fmt: skip
    return Verdict("ok", ", ".join(facts.named) or "the usual bundle")


@dataclass(frozen=True)
class Clock:
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


def gather_clock(context: Context) -> Clock:
    """Compare the clock with what must be in the past, and with the servers' where allowed."""
    skews: tuple[float, ...] = ()
    if context.request.network:
        answers = gather_sources(context).answers
        skews = tuple(a.figures["skew"] for a in answers if "skew" in a.figures)
    return Clock(time.time(), Path(__file__).stat().st_mtime, skews)


def judge_clock(facts: Clock) -> Verdict:
    """Judge whether the clock is so wrong that certificates count as too young or too old."""
    date = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(facts.now))
    data = {"now": facts.now, "skews": facts.skews}
    # One server may be wrong itself; the middle one of several hardly is.
    skew = statistics.median_low(facts.skews) if facts.skews else 0.0
    if facts.now < max(EARLIEST, facts.newest_file - DAY):
        return Verdict(
            "error", f"the clock says {date}, which is in the past",
            "Certificates are not valid yet at that time, so https fails. Set the clock.",
            ("date",), data,
        )  # fmt: skip
    if abs(skew) > MINUTES_OFF:
        how = f"{_duration(abs(skew))} {'behind' if skew > 0 else 'ahead'}"
        return Verdict(
            "error" if abs(skew) > DAY else "warning", f"the clock is {how} of the servers' time",
            f"It says {date}. With a wrong clock, certificates count as not yet valid or as "
            "expired, and https fails. Set the clock.", ("date",), data,
        )  # fmt: skip
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
    commands : Commands
        How this user calls the tool.
    """

    answers: Sequence[Answer]
    commands: Commands


def gather_sources(context: Context) -> Reached:
    """Try every source at once."""
    from mnist_tool.dataset.check import check_sources

    r = context.request
    answers = context.once(
        "sources", lambda: check_sources(r.dataset.name, offline=False, timeout=r.timeout)
    )
    return Reached(answers, r.commands)


def judge_sources(facts: Reached) -> Verdict:
    """Judge whether at least one source answers; that is all that `fetch` needs."""
    good = [answer for answer in facts.answers if answer.reachable]
    lines = [_source_line(answer, facts.answers) for answer in facts.answers]
    data = {a.name: {"outcome": a.outcome, "stage": a.stage, "status": a.status,
                     "seconds": a.seconds, **a.figures} for a in facts.answers}  # fmt: skip
    if not good:
        stages = {"proxy" if a.outcome == "proxy" else a.stage for a in facts.answers}
        lines += [MEANING[stage] for stage in MEANING if stages == {stage}]
        return Verdict(
            "error", f"none of {len(facts.answers)} sources answers", "\n".join(lines),
            (facts.commands.fetch("--help"),), data,
        )  # fmt: skip
    summary = f"{len(good)} of {len(facts.answers)} answer"
    if not facts.answers[0].reachable:
        return Verdict(
            "warning", f"{summary}, the first one does not", "\n".join(lines),
            (facts.commands.fetch("--mirror"),), data,
        )  # fmt: skip
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


def judge_portal(facts: Reached) -> Verdict:
    """Judge whether a login page answers in place of the sources."""
    pages = [a.name for a in facts.answers if "web page" in a.answer or a.status == SIGN_IN_FIRST]
    if len(pages) < 2:
        return Verdict("ok", "no login page in between")
    reachable = any(answer.reachable for answer in facts.answers)
    return Verdict(
        "warning" if reachable else "error", "a web page answers in place of the sources",
        f"{', '.join(pages)} gave a page: most likely this network wants you to sign in. "
        "Open any address in a browser first.",
        (facts.commands.fetch(),), {"pages": pages},
    )  # fmt: skip


CHECKS: tuple[Check[Any], ...] = (
    Check("proxies", "network", "Can the proxy variables be used?",
          gather_proxies, judge_proxies, terse=True),
    Check("certificates", "network", "Do the certificate variables lead to certificates?",
          gather_certificates, judge_certificates, terse=True),
    Check("clock", "network", "Is the clock so wrong that certificates do not hold?",
          gather_clock, judge_clock, terse=True, limit=SOURCES_LIMIT),
    Check("sources", "network", "Which sources answer, with what, and how fast?",
          gather_sources, judge_sources, network=True, limit=SOURCES_LIMIT),
    Check("portal", "network", "Does a login page answer in place of the sources?",
          gather_sources, judge_portal, network=True, limit=SOURCES_LIMIT, terse=True),
)  # fmt: skip
