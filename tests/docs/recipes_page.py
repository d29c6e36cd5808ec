"""Write docs/recipes.md from the recipes: ``python -m tests.docs.recipes_page``."""

from __future__ import annotations

from mnist_tool.cli.commands.recipes import REACHED, reached
from mnist_tool.training.recipes import RECIPES
from tests.real_data import REPOSITORY

__all__ = ["PAGE", "page"]

PAGE = REPOSITORY / "docs" / "recipes.md"
PICTURES = "seeds"  # the folder beside the page, with NAME.svg where the seeds are drawn

HEAD = """# The recipes: what each reached

`mnist-tool recipes` prints these numbers too. Each is a training as it stands, repeated with `n`
seeds (777 and those behind it) and tested after its last epoch on the 10,000 test images, pixels 0
to 1: no best epoch is chosen, and no seed left out. Mean, standard deviation, least and most are in
percent. The time is the median of the trainings alone, with all that is done to their images,
without starting up and without the test. The settings of the labs are the course's; our own were
chosen on held-out training images. `robust` was trained once, on 58,000 of the images: the model of
the weights that ship, before it settles.

A dash: it was not kept when it was measured, or one training has none. `python -m
tests.training.measure NAME --seeds N` measures a recipe again, see
[how to](how-to.md#measure-a-recipe-again).

"""


def page() -> str:
    """Return the whole page."""
    headings = (*REACHED, "torch", "date")
    rows = []
    for recipe in RECIPES.values():
        found = recipe.expected
        name, *more = reached(recipe)
        when = (found.versions.removeprefix("torch "), found.date) if found else ("-", "-")
        rows.append((f"`{name}`", *more, *when))
    lines = [" | ".join(("", *row, "")).strip() for row in (headings, *rows)]
    return "\n".join([HEAD.rstrip("\n"), "", lines[0], _rule(headings), *lines[1:], _pictures()])


def _rule(headings: tuple[str, ...]) -> str:
    return "|" + "---|" * len(headings)


def _pictures() -> str:
    """Return the pictures of the recipes whose seeds were drawn."""
    drawn = [name for name in RECIPES if (PAGE.parent / PICTURES / f"{name}.svg").exists()]
    return "".join(f"\n![The seeds of {name}]({PICTURES}/{name}.svg)\n" for name in drawn)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
