"""What a model saw is drawn, with a name of its own for each picture."""

from __future__ import annotations

from PIL import Image

from mnist_tool.cli.explaining import Explainer
from mnist_tool.reading.network import shipped
from mnist_tool.reading.predict import predict
from mnist_tool.reading.prepare import prepare
from tests.reading.pictures import encoded, large
from tests.reading.scenes import WAYS, paper, write


def test_one_digit_by_steps_and_several_in_boxes(tmp_path):
    """Both as files; the second of a name gets a number."""
    page = paper(120, 260)
    for left, digit in ((30, 2), (150, 7)):
        write(page, WAYS[digit][0], (left, 30, 40, 60), 7)
    pictures = [prepare(encoded(each), "a/one.png") for each in (large(), page)]
    explainer = Explainer(tmp_path)
    results = predict(shipped(), pictures)
    assert [len(result.digits) for result in results] == [1, 2]
    names = [explainer.draw(result).name for result in results]
    assert names == ["explain-one.png", "explain-one-2.png"]
    for name in names:
        with Image.open(tmp_path / name) as drawn:
            assert drawn.width > 300
