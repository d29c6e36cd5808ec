"""Option, then environment, file, default; each value knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_tool import configuration, fetch
from mnist_tool.configuration import SETTINGS, get, get_all, resolve
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.errors import SettingError
from tests.real_data import REPOSITORY


def test_the_option_wins_over_the_environment() -> None:
    """What is typed counts most, then the variable, then the default."""
    environment = {"MNIST_TOOL_TIMEOUT": "3"}
    given = resolve("timeout", 7.0, environment=environment)
    assert (given.value, given.origin) == (7.0, "--timeout")
    from_variable = resolve("timeout", environment=environment)
    assert (from_variable.value, from_variable.origin) == (3.0, "MNIST_TOOL_TIMEOUT")
    default = resolve("timeout", environment={})
    assert (default.value, default.origin) == (SETTINGS["timeout"].default, "default")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timeout", "soon"),
        ("timeout", "0"),
        ("timeout", "-1"),
        ("timeout", "inf"),
        ("timeout", "nan"),
        ("timeout", "1000001"),
        ("min_rate", "1" + "0" * 12 + "1"),
        ("min_rate", "²"),
        ("min_rate", "9" * 5000),
        ("offline", "maybe"),
        ("min_rate", "1.5"),
        ("root", ""),
        ("root", "a\0b"),
        ("runs", "\ud800"),
    ],
)
def test_nonsense_in_a_variable_is_named(name: str, text: str) -> None:
    """The message has the variable, its text and what is allowed; the hint removes it."""
    variable = SETTINGS[name].variable
    with pytest.raises(SettingError, match=variable) as caught:
        resolve(name, environment={variable: text})
    assert repr(text) in caught.value.message
    assert f"unset {variable}" in caught.value.hint


CLOCKS = sorted(name for name, each in SETTINGS.items() if isinstance(each.default, float))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 0, -1, 1e300, 10**400])
@pytest.mark.parametrize("name", CLOCKS)
def test_an_option_is_checked_as_the_variable_is(name: str, value: float) -> None:
    """What is no length of time is refused for every clock, on the command line and in Python."""
    with pytest.raises(SettingError, match=f"--{name.replace('_', '-')} is") as caught:
        resolve(name, value)
    assert "seconds above 0" in caught.value.message
    with pytest.raises(SettingError):
        fetch("here", clocks=Clocks(**{name: value}), offline=True)


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("0", False), ("", False)])
def test_switches_read_what_people_write(text: str, value: bool) -> None:
    """1, yes and on switch on; 0, no, off and nothing switch off."""
    assert resolve("offline", environment={"MNIST_TOOL_OFFLINE": text}).value is value


def test_the_root_may_begin_with_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde in a variable means the home folder, which no shell expands there."""
    monkeypatch.setenv("MNIST_TOOL_ROOT", "~/digits")
    assert get("root") == Path.home() / "digits"


def test_every_variable_is_documented() -> None:
    """The reference page lists each one."""
    page = (REPOSITORY / "docs" / "reference.md").read_text("utf-8")
    for setting in SETTINGS.values():
        assert f"`{setting.variable}`" in page


# ---- the file that a project keeps -----------------------------------------------------------


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


def test_what_is_no_text_is_refused() -> None:
    """A folder of that name is no file."""
    Path("mnist-tool.toml").mkdir()
    assert resolve("timeout").origin == "default"
    Path("mnist-tool.toml").rmdir()
    Path("mnist-tool.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match=r"mnist-tool\.toml cannot be used"):
        get("timeout")


def test_several_settings_take_one_look_for_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever says each of them, and with the same values as one by one."""
    Path("mnist-tool.toml").write_text("timeout = 3\ngrace = 4\n")
    monkeypatch.setenv("MNIST_TOOL_GRACE", "5")
    looks = []
    find = configuration._project_file
    monkeypatch.setattr(configuration, "_project_file", lambda: (looks.append(1), find())[1])
    chosen = get_all(("timeout", "grace", "patience", "offline"), {"patience": 1, "lock": 0})
    assert chosen == {"timeout": 3.0, "grace": 5.0, "patience": 1.0, "offline": False}
    assert len(looks) == 1


def test_every_setting_can_stand_there() -> None:
    """By its default, where that has a text."""
    for name, setting in SETTINGS.items():
        if setting.default is not None:
            text = str(setting.default).lower()
            quoted = f'"{text}"' if isinstance(setting.default, Path) else text
            Path("mnist-tool.toml").write_text(f"{name} = {quoted}\n")
            assert str(get(name)).lower() == text
