"""Reading a picture says nothing by itself."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def silence(capfd):
    """Whatever a test reads, nobody writes to the process's own streams."""
    yield
    assert capfd.readouterr() == ("", "")
