"""One try: its record, what is asked again, and no secret in any address that is shown."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.attempt import MAX_RETRY_AFTER, Attempt, Cancelled, redact
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.errors import SourceError

SECRET = "hunter2"
plain = st.text("abcXYZ019._~!$&'()*+,;=-", max_size=8)
anything = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)
hosts = st.sampled_from(["host", "a.example", "127.0.0.1", "[::1]", "host:8080", "bücher.example"])


@given(
    st.sampled_from(["http", "https", "HTTPS", "ftp", "git+https", "s3"]),
    anything, anything, anything, hosts, plain, anything, anything,
)  # fmt: skip
def test_no_part_of_a_written_out_address_gives_a_secret_away(
    scheme: str, user: str, before: str, after: str, host: str, path: str, query: str, mark: str
) -> None:
    """Scheme, host and path stay; user, password, query and fragment go."""
    password = quote(before + SECRET + after, safe="")
    query, mark = (quote(text, safe="") for text in (query, mark))
    url = (
        f"{scheme}://{quote(user, safe='')}:{password}@{host}/{path}?{query}{SECRET}#{SECRET}{mark}"
    )
    shown = redact(url)
    assert SECRET not in shown
    assert shown == f"{scheme}://***@{host}/{path}?***"
    assert urlsplit(shown).hostname == urlsplit(url).hostname


@given(
    st.text(st.characters(exclude_characters="/?#@:"), max_size=3),
    st.sampled_from(
        ["https://", "http:/", "https:", "://", "//", "ftp://", "view-source:https://"]
    ),
    anything.filter(lambda text: "@" not in text),
    anything.filter(lambda text: "@" not in text),
    hosts,
)
def test_no_password_of_a_mistyped_address_survives(
    typo: str, scheme: str, before: str, after: str, host: str
) -> None:
    """A blank or a quotation mark in front, one slash too few, a password with "/", "?" or "#"."""
    shown = redact(f"{typo}{scheme}me:x{before}{SECRET}{after}@{host}/d/")
    assert SECRET not in shown
    assert shown.endswith(f"***@{host}/d/")


@given(hosts.filter(lambda host: "[" not in host), plain, plain)
def test_an_address_without_secrets_stays(host: str, path: str, name: str) -> None:
    """A port is no password, and an @ in a path is no user."""
    url = f"https://{host}/{path}/@{name}"
    assert redact(url) == url


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_asked_again(outcome: str) -> None:
    """Only what may pass, and only where the server does not want a longer pause."""
    passing = {"closed", "reset", "truncated", "busy"}
    for wait, patient in ((None, True), (MAX_RETRY_AFTER, True), (MAX_RETRY_AFTER + 1, False)):
        attempt = Attempt("m", "here", "x.gz", outcome=outcome, retry_after=wait)
        assert attempt.again == (outcome in passing and patient)


def test_it_goes_on_until_nobody_waits_or_its_time_is_up() -> None:
    """Whoever is not waited for need not be told that it is late."""
    attempt = Attempt("m", "here", "x")
    attempt.go_on()
    attempt.deadline = 0.0
    with pytest.raises(SourceError) as late:
        attempt.go_on()
    assert late.value.outcome == "deadline"
    attempt.over = lambda: True
    with pytest.raises(Cancelled):
        attempt.go_on()


def test_either_the_network_is_silent_or_we_are_at_work() -> None:
    """Also seen from another thread; also after a block that failed."""
    attempt = Attempt("m", "here", "x")
    assert attempt.silence_and_work()[0] == 0
    seen: list[tuple[float, float]] = []
    before_its_end: list[float] = []

    def wait() -> None:
        with attempt.waiting():
            time.sleep(0.002)
            thread = threading.Thread(target=lambda: seen.append(attempt.silence_and_work()))
            thread.start()
            thread.join()
            before_its_end.append(time.monotonic())
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        wait()
    [(silence, work)] = seen
    assert silence > 0
    assert work == 0
    time.sleep(0.002)
    silence, work = attempt.silence_and_work()
    assert silence == 0
    assert 0 < work <= time.monotonic() - before_its_end[0]


def test_how_it_ended_is_noted() -> None:
    """With the error's words; until then it goes well."""
    bad = Attempt("m", "here", "x")
    assert (bad.outcome, bad.message, bad.hint) == ("ok", "", "")
    bad.end(SourceError("no", outcome="dns", hint="why"))
    assert (bad.outcome, bad.message, bad.hint) == ("dns", "no", "why")
