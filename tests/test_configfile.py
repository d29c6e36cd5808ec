"""The project's own settings: found from below, read with suspicion, and below what is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_tool.configfile import find
from mnist_tool.configuration import SETTINGS, get, resolve
from mnist_tool.errors import SettingError


def test_it_stands_between_the_environment_and_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value says who set it."""
    Path("mnist-tool.toml").write_text("timeout = 3\noffline = true\nsource-deadline = 4.5\n")
    assert resolve("timeout").origin == "mnist-tool.toml"
    assert (get("timeout"), get("offline"), get("source_deadline")) == (3.0, True, 4.5)
    assert resolve("patience").origin == "default"
    monkeypatch.setenv("MNIST_TOOL_TIMEOUT", "2")
    assert (get("timeout"), get("timeout", 1)) == (2.0, 1.0)


def test_a_path_is_meant_from_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works in a folder of the project has the same data."""
    Path("mnist-tool.toml").write_text('root = "data"\nruns = "/srv/runs"\n')
    project = Path.cwd()
    assert get("root") == Path("data")
    Path("notes/deep").mkdir(parents=True)
    monkeypatch.chdir("notes/deep")
    assert get("root") == project / "data"
    assert get("runs") == Path("/srv/runs")
    assert resolve("root").origin == str(project / "mnist-tool.toml")


def test_pyproject_has_a_table_for_it() -> None:
    """A file of our own wins; a pyproject.toml that is about others is passed over."""
    Path("pyproject.toml").write_text("[tool.mnist-tool]\ntimeout = 3\n")
    assert (get("timeout"), resolve("timeout").origin) == (3.0, "pyproject.toml")
    Path("mnist-tool.toml").write_text("timeout = 4\n")
    assert get("timeout") == 4.0


@pytest.mark.parametrize("content", ["[tool.other]\nx = 1\n", "", "tool = 1\n", "[tool\n", "\0"])
def test_a_pyproject_that_is_about_others_is_no_matter_of_ours(content: str) -> None:
    """Nor where its tools could not read it either; the folder above may have settings."""
    Path("mnist-tool.toml").write_text("timeout = 3\n")
    Path("inner").mkdir()
    Path("inner/pyproject.toml").write_text(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir("inner")
        assert get("timeout") == 3.0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mnist-tool.toml", "timeout = soon", "mnist-tool.toml cannot be used"),
        ("mnist-tool.toml", 'timeout = "soon"', "timeout to 'soon', but it must be a number"),
        ("mnist-tool.toml", "timeout = -1", "must be a number of seconds above 0"),
        ("mnist-tool.toml", "timeout = nan", "must be a number of seconds above 0"),
        ("mnist-tool.toml", "time = 1", "sets time, and there is no such setting"),
        ("mnist-tool.toml", "root = []", "root is a list"),
        ("mnist-tool.toml", "[train]\nepochs = 3", "train is a dict"),
        ("mnist-tool.toml", "a = " + "[" * 100_000, "cannot be used"),
        ("mnist-tool.toml", "#" * (1 << 21), "larger than 1 MiB"),
        ("pyproject.toml", "[tool.mnist-tool]\nroot = []", "root is a list"),
        ("pyproject.toml", "[tool.mnist-tool]\ntime = 1", "sets time"),
    ],
    ids=range(11),
)
def test_what_is_no_setting_is_named_with_its_file(name: str, content: str, said: str) -> None:
    """Nothing is passed over that was meant for us."""
    Path(name).write_text(content)
    with pytest.raises(SettingError, match=said) as caught:
        get("timeout")
    assert name in caught.value.message


def test_what_is_no_text_is_refused_and_no_file_is_none() -> None:
    """Nor is a folder of that name a file."""
    assert find(SETTINGS) is None
    Path("mnist-tool.toml").mkdir()
    assert find(SETTINGS) is None
    Path("mnist-tool.toml").rmdir()
    Path("mnist-tool.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match=r"mnist-tool\.toml cannot be used"):
        find(SETTINGS)


def test_every_setting_can_stand_there() -> None:
    """By its default, where that has a text."""
    for name, setting in SETTINGS.items():
        if setting.default is not None:
            text = str(setting.default).lower()
            quoted = f'"{text}"' if isinstance(setting.default, Path) else text
            Path("mnist-tool.toml").write_text(f"{name} = {quoted}\n")
            assert str(get(name)).lower() == text
