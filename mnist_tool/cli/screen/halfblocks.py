"""Draw an image and its probabilities with characters, as well as the terminal can."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

__all__ = ["WIDTH", "bars", "beside", "code", "picture", "row"]

WIDTH = 28  # columns of a picture; its lines are half as many, one for two rows of pixels

RAMP = " .:-=+*#%@"  # little ink to much
INKED = 96  # from this value on a pixel counts as ink where there are only two levels
HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
EIGHTHS = " ▏▎▍▌▋▊▉"
BAR = 20  # columns of a bar that stands for certainty, on terminals that have room for it
SHORTEST_BAR = 5
MOST_BARS = 12  # as many as a picture has lines beside it, and a little less


def picture(image: Sequence[Sequence[int]], console: Console) -> list[Text]:
    """Draw an image, two rows of pixels per line.

    Parameters
    ----------
    image : 28 x 28 integers
        0 is paper, 255 is ink.
    console : rich.console.Console
        Where it will be printed. With colours: dark ink on white paper, in grey levels; without:
        ink in the colour of the text; on a stream that cannot encode blocks: letters.
    """
    pairs = list(zip(image[::2], image[1::2], strict=True))
    if console.options.ascii_only:
        return [_letters(upper, lower) for upper, lower in pairs]
    if console.color_system is None or console.no_color:
        return [_blocks(upper, lower) for upper, lower in pairs]
    return [_greys(upper, lower) for upper, lower in pairs]


def _letters(upper: Sequence[int], lower: Sequence[int]) -> Text:
    top = len(RAMP) - 1
    return Text("".join(RAMP[(a + b) * top // 510] for a, b in zip(upper, lower, strict=True)))


def _blocks(upper: Sequence[int], lower: Sequence[int]) -> Text:
    pixels = zip(upper, lower, strict=True)
    return Text("".join(HALVES[a >= INKED, b >= INKED] for a, b in pixels))


def _greys(upper: Sequence[int], lower: Sequence[int]) -> Text:
    line = Text()
    for a, b in zip(upper, lower, strict=True):
        line.append("▀", Style(color=_grey(a), bgcolor=_grey(b)))
    return line


def _grey(ink: int) -> Color:
    return Color.from_rgb(255 - ink, 255 - ink, 255 - ink)


def code(rows: Sequence[Sequence[bool]], console: Console) -> list[Text]:
    """Draw a QR code, dark on light whatever the terminal's colours are; none with letters alone.

    Parameters
    ----------
    rows : sequence of sequence of bool
        True where it is dark; its margin included.
    console : rich.console.Console
        Where it will be printed. Without colours its text is taken to be lighter than its ground.
    """
    if console.options.ascii_only:
        return []
    light = console.color_system is None or console.no_color
    inked = [[255 * (dark != light) for dark in row] for row in rows]
    if len(inked) % 2:
        inked.append([255 * light] * len(inked[0]))
    return picture(inked, console)


def row(images: Sequence[Sequence[Sequence[int]]], names: Sequence[str], console: Console) -> Text:
    """Draw as many images side by side as there is room for, half as large, with their names.

    Parameters
    ----------
    images : sequence of 28 x 28 integers
        0 is paper, 255 is ink.
    names : sequence of str
        One for each.
    console : rich.console.Console
        Where they will be printed.
    """
    side = WIDTH // 2
    room = max(1, (console.width + 1) // (side + 1))
    drawn = [picture(_halved(image), console) for image in images[:room]]
    lines = [Text(" ").join(parts) for parts in zip(*drawn, strict=True)]
    lines.append(Text(" ".join(f"{name[:side]:^{side}}" for name in names[:room])))
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


def _halved(image: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the means of each four pixels."""
    return [
        [sum(pair) // 4 for pair in zip(a[::2], a[1::2], b[::2], b[1::2], strict=True)]
        for a, b in zip(image[::2], image[1::2], strict=True)
    ]


def bars(
    probabilities: Sequence[float],
    console: Console,
    *,
    label: int | None = None,
    classes: Sequence[str] = (),
) -> list[Text]:
    """Draw one bar per class, with its probability and what it is.

    Parameters
    ----------
    probabilities : sequence of float
        0 to 1.
    console : rich.console.Console
        Where they will be printed.
    label : int, optional
        The right answer, if it is known.
    classes : sequence of str
        The names; by default the classes' numbers. Of more than `MOST_BARS` only the likeliest are
        drawn.
    """
    order = sorted(range(len(probabilities)), key=lambda each: -probabilities[each])
    best, names = order[0], classes or [str(each) for each in range(len(probabilities))]
    shown: Sequence[int] = range(len(probabilities))
    if len(probabilities) > MOST_BARS:
        also = [label] if label is not None and label not in order[:MOST_BARS] else []
        shown = [*order[: MOST_BARS - len(also)], *also]
    marks = {
        each: ", ".join(name for name, at in (("prediction", best), ("label", label)) if at == each)
        for each in shown
    }
    longest = max(len(names[each]) for each in shown)
    room = console.width - longest - len("    0.000  ") - max(map(len, marks.values()))
    columns = min(BAR, max(SHORTEST_BAR, room))
    lines = []
    for each in shown:
        probability = probabilities[each]
        bar = _bar(probability, columns, ascii_only=console.options.ascii_only)
        name = f"{names[each]:<{longest}}"
        text = f"{name}  {bar:<{columns}}  {probability:.3f}  {marks[each]}".rstrip()
        lines.append(Text(text, style="bold" if each == best else ""))
    return lines


def _bar(probability: float, columns: int, *, ascii_only: bool) -> str:
    if ascii_only:
        return "#" * round(columns * probability)
    whole, eighths = divmod(round(columns * 8 * probability), 8)
    return "█" * whole + EIGHTHS[eighths].strip()


def beside(left: Sequence[Text], right: Sequence[Text], console: Console) -> Text:
    """Put two drawings side by side, the right one in the middle of the height, or below.

    Parameters
    ----------
    left, right : sequence of rich.text.Text
        Lines; those on the left are all `WIDTH` columns.
    console : rich.console.Console
        Where they will be printed; its width decides.
    """
    needed = WIDTH + 3 + max(line.cell_len for line in right)
    if console.width < needed:
        return Text("\n").join([*left, Text(), *right])
    lead = (len(left) - len(right)) // 2
    padded = [Text()] * lead + list(right)
    lines = []
    for picture_line, bar_line in zip_longest(left, padded, fillvalue=Text()):
        line = Text.assemble(picture_line, "   ", bar_line)
        line.rstrip()
        lines.append(line)
    return Text("\n").join(lines)
