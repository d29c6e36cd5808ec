"""What a test changes in a folder that others read is found, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import kept


def test_changes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file more, another content, one less; not what was there."""
    monkeypatch.setattr(kept, "_kept", {})
    for name in ("stays", "grows", "goes"):
        (tmp_path / name).write_text(name)
    kept.keep(tmp_path)
    assert kept.changes() == []
    (tmp_path / "grows").write_text("more than before")
    (tmp_path / "goes").unlink()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "comes").touch()
    expected = {"grows", "goes", "below/comes"}
    assert set(kept.changes()) == {str(tmp_path / name) for name in expected}
    assert kept.changes() == []
