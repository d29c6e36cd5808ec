"""What holds for every command: a usage error is told to people and programs, with what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from tests.cli.forks import SUPPORTED, Forks
from tests.cli.lines import FAILURES, RUN, WORDS
from tests.schemas import ENVELOPE as ENVELOPE_SCHEMA
from tests.schemas import schemas, validator

Run = Callable[..., Any]
ENVELOPE = {"schema", "tool", "version", "command", "status", "exit_code", "data", "errors"}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_usage_in_json_too(run_tool: Run, name: str) -> None:
    """Exit code 2, one document on stdout, the command to run next."""
    done = run_tool(name, "--no-such-option", "--json")
    assert done.exit_code == 2
    assert set(done.json) == ENVELOPE
    assert done.json["errors"][0]["code"] == "usage"
    assert f"mnist-tool {name} --help" in done.json["errors"][0]["hint"]
    assert done.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_told_to_people(run_tool: Run, name: str) -> None:
    """stdout stays clean; stderr has the error and a hint."""
    done = run_tool(name, "--no-such-option")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error:" in done.stderr
    assert "hint:" in done.stderr


def test_every_command_has_a_schema_and_words_to_try_it() -> None:
    """A new command without them is noticed."""
    assert set(schemas()) == {*COMMANDS, ENVELOPE_SCHEMA}
    assert set(WORDS) == set(COMMANDS) - {"serve"}
    assert set(FAILURES) == set(COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS, ENVELOPE_SCHEMA])
def test_each_schema_is_one_and_describes_each_key(name: str) -> None:
    """By the rules of JSON Schema; no key is without a word."""
    schema = schemas()[name]
    validator(name).check_schema(schema)
    assert validator(name).is_valid({}) is False

    for key, each in keys(schema if name == ENVELOPE_SCHEMA else schema["properties"]["data"]):
        assert each.get("description"), key


def keys(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key that a schema has, however deep, with what is said of it."""
    if isinstance(value, dict):
        yield from value.get("properties", {}).items()
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from keys(each)


@pytest.mark.parametrize("name", WORDS)
def test_success_is_one_document_as_the_schema_says(run_tool: Run, told: Any, name: str) -> None:
    """Exit code 0, no error, nothing on stderr; `Done.json` holds it against the schema."""
    done = run_tool(*told(name), "--json")
    assert (done.exit_code, done.json["status"], done.json["errors"]) == (0, "ok", [])
    assert done.json["command"] == name
    assert done.stderr == ""


@pytest.mark.parametrize("name", WORDS)
def test_quiet_says_nothing_beside_the_result(run_tool: Run, told: Any, name: str) -> None:
    """Not on stderr; and a pipe gets no escapes, whatever order the options have."""
    first, *others = told(name)
    done = run_tool(first, "--quiet", *others)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_a_misspelt_option_is_suggested(run_tool: Run, name: str) -> None:
    """Every command has `--quiet`; whoever writes `--queit` is told so."""
    done = run_tool(name, "--queit")
    assert done.exit_code == 2
    assert "--quiet" in done.stderr


def test_a_misspelt_command_is_suggested(run_tool: Run) -> None:
    """`fecth` is answered with `fetch`."""
    done = run_tool("fecth")
    assert done.exit_code == 2
    assert "fetch" in done.stderr


# What the commands make that have `--output`, and what of each is asked for.
THINGS = {
    "test": ("FOLDER", f"test {RUN} -o HERE/deep"),
    "predict": ("FOLDER", "predict data/five-chalk.png --run RUN -o HERE/deep"),
    "predict-random": ("FILE", f"predict-random {RUN} -o HERE/deep/digit.svg"),
    "visualize": ("FILE", f"visualize weights {RUN} -o HERE/deep/w.pdf"),
    "page": ("FILE", f"page {RUN} -o HERE/deep/p.html"),
    "export-model": ("FILE", "export-model RUN -o HERE/deep/m.json"),
}


def test_output_means_one_thing() -> None:
    """`-o` is `--output` wherever it is, takes a file or a folder, and `--save` is its old name."""
    found = {}
    for name in COMMANDS:
        for parameter in LazyCommands()[name].params:
            if {"-o", "--output", "--save"} & set(parameter.opts):
                assert set(parameter.opts) - {"--save"} == {"-o", "--output"}
                found[name] = parameter.metavar
    assert found == {name: metavar for name, (metavar, _) in THINGS.items()}


@pytest.mark.parametrize("name", THINGS)
def test_output_is_where_the_thing_goes(
    run_tool: Run, told: Any, run_folder: Path, tmp_path: Path, name: str
) -> None:
    """All of it, and nothing beside it: neither in the run's folder nor in the current one."""
    before = {*run_folder.rglob("*"), *Path().rglob("*")}
    done = run_tool(*told(THINGS[name][1]))
    assert done.exit_code == 0, done.stderr
    assert {*run_folder.rglob("*"), *Path().rglob("*")} == before
    made = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert made
    assert all(str(path) in done.stdout for path in made)


@pytest.mark.parametrize("name", ["test", "predict", "predict-random"])
def test_the_former_name_of_output_works_and_is_told_to_nobody(
    run_tool: Run, told: Any, tmp_path: Path, name: str
) -> None:
    """`--save` was that in three commands."""
    done = run_tool(*told(THINGS[name][1].replace(" -o ", " --save ")))
    assert done.exit_code == 0, done.stderr
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert "--save" not in run_tool(name, "--help").stdout


# A dash in the place of each thing, and how a terminal's answer ends: with the line that sends the
# bytes elsewhere, with the text itself, or with the advice to name a file.
DASHES = {
    f"visualize weights {RUN} -o -": "-o - > weights.png",
    "export-model RUN -o -": "-o - > model.onnx",
    "export-model RUN --format safetensors -o -": "-o - > model.safetensors",
    "export-model RUN --format json -o -": "}",
    f"page {RUN} -o -": "</html>",
    f"test {RUN} -o -": "called so.",
    "predict data/five-chalk.png --run RUN -o -": "called so.",
    f"predict-random {RUN} -o -": "called so.",
    "export - --format csv --dataset synthetic --root ROOT --offline": "called so.",
    "init -": "called so.",
}


@pytest.mark.skipif(not SUPPORTED, reason="no process can be forked there")
@pytest.mark.parametrize("line", DASHES)
def test_a_dash_is_stdout_and_no_terminal_gets_bytes(told: Any, forks: Forks, line: str) -> None:
    """Nor is a file or folder called `-` made."""
    done = forks.run(*told(line), env=dict(os.environ), reader="terminal")
    assert done.stdout.rstrip().endswith(DASHES[line]), done.stdout[-300:]
    assert done.exit_code == (0 if DASHES[line] in {"}", "</html>"} else 2)
    assert "\0" not in done.stdout
    assert not list(Path().glob("-*"))


def test_each_output_is_tried_with_a_dash() -> None:
    """A new one is noticed."""
    assert {line.split()[0] for line in DASHES} == {*THINGS, "export", "init"}


def test_a_missing_value_leads_to_the_commands_own_help(run_tool: Run) -> None:
    """Also where Click's parser fails before it knows the command."""
    done = run_tool("test", "--output")
    assert done.exit_code == 2
    assert "mnist-tool test --help" in done.stderr
