"""The commands of the two shells; those of this one are also run, in test_invocation."""

from __future__ import annotations

import pytest

from mnist_tool.diagnosis import shell


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("posix", ["export A=1", "unset A", '"$A"', "mv -n 'my torch.py' 'my_my torch.py'"]),
        ("nt", ["set A=1", "set A=", "%A%", 'ren "my torch.py" "my_my torch.py"']),
    ],
)
def test_each_shell_has_its_own_words(
    name: str, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that is pasted must be understood."""
    monkeypatch.setattr("os.name", name)
    renamed = shell.rename("my torch.py") if name == "posix" else None
    assert [shell.export("A", "1"), shell.unset("A"), shell.expanded("A")] == lines[:3]
    assert renamed in (None, lines[3])
