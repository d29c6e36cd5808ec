"""The command that writes something to begin from: init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mnist_tool.advice import command_line, quoted
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import not_stdout
from mnist_tool.cli.screen.output import Output
from mnist_tool.configuration import OWN, SETTINGS, user_path
from mnist_tool.errors import SettingError
from mnist_tool.files import make_folder, replacing, stands, storing

SCRIPT = "lecture.py"
HEAD = """\
# What mnist-tool does in this folder and in those below it. An option, and a variable of the
# environment, win over what stands here. Take the # away from what you want to change.
"""


@command(
    "init",
    ("In this folder", "mnist-tool init"),
    ("In a new one", "mnist-tool init my-mnist"),
)
def init(
    out: Output,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Where to; made where it is missing.", callback=not_stdout
        ),
    ] = Path(),
) -> None:
    """Write the lecture's script and a file of settings; nothing is ever overwritten."""
    folder = user_path(folder)
    texts = {SCRIPT: _script(), OWN: _settings()}
    for name in texts:
        if stands(folder / name) != "nothing":
            raise SettingError(
                f"{folder / name} is there already, and nothing is ever overwritten.",
                hint=f"Choose another folder: {command_line('init', 'FOLDER')}",
            )
    make_folder(folder)
    for name, text in texts.items():
        with storing(folder), replacing(folder / name) as file:
            file.write(text.encode())
        out.print(str(folder / name))
    out.data(files=[str(folder / name) for name in texts])
    out.hint(quoted(["python", str(folder / SCRIPT)]))


def _script() -> str:
    """Return a module that runs by itself."""
    from importlib.resources import files

    return files("mnist_tool.starter").joinpath(SCRIPT).read_text("utf-8")


def _settings() -> str:
    parts = [HEAD]
    for name, setting in SETTINGS.items():
        value = setting.default
        if value is None:
            shown = '"FOLDER"'
        elif isinstance(value, Path):
            shown = f'"{value}"'
        else:
            shown = f"{value}".lower()
        parts.append(f"# {setting.help}\n# {name} = {shown}\n")
    return "\n".join(parts)
