"""A model's plain operations as an ONNX graph, which any of its runtimes reads; by onnx."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_tool.advice import install_extra
from mnist_tool.errors import DependencyError
from mnist_tool.version import __version__

__all__ = ["onnx_bytes"]

# Runtimes since 2022 read these; newer ones would bring nothing that the models need.
OPSET, IR = 17, 8
SIDE = 28
INSTALL = install_extra("onnx")


def onnx_bytes(
    networks: Sequence[Mapping[str, Any]], classes: int, facts: Mapping[str, str]
) -> bytes:
    """Return a model as an ONNX file: ``pixels`` (N, 1, 28, 28) in, ``logits`` (N, classes) out.

    Parameters
    ----------
    networks : sequence of mapping
        What it does, see `mnist_tool.training.operations.operations`; of a committee, what each
        member does: the outputs are then the logarithm of the mean of their probabilities.
    classes : int
        How many outputs it has.
    facts : mapping of str to str
        What is known of it: the file's metadata.

    Raises
    ------
    DependencyError
        If onnx is missing.
    """
    try:
        import onnx
    except ImportError as error:
        raise DependencyError(f"onnx writes ONNX files: {error}.", hint=INSTALL) from error
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    graph = _Graph(onnx)
    graph.rename(graph.together([graph.whole(each, classes) for each in networks]), "logits")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "mnist_tool",
            [helper.make_tensor_value_info("pixels", real, ["batch", 1, SIDE, SIDE])],
            [helper.make_tensor_value_info("logits", real, ["batch", classes])],
            graph.numbers,
        ),
        producer_name="mnist-tool",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    helper.set_model_props(model, dict(facts))
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


class _Graph:
    """The nodes of a graph, in the order in which they are computed, and the numbers they take.

    Parameters
    ----------
    onnx : module
        The library.
    """

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []
        self.flat = False  # whether an image's numbers lie in a row, not in channels

    def whole(self, network: Mapping[str, Any], classes: int) -> str:
        """Add the model: its windows as one large batch, and at the end the mean of their chances.

        Returns the name of the logits.
        """
        side, places = network["side"], network["views"]
        self.flat = False
        views = [self._window("pixels", side, *place) for place in places]
        value = views[0] if len(views) == 1 else self.add("Concat", *views, axis=0)
        for step in network["steps"]:
            if step["kind"] == "linear" and not self.flat:
                value, self.flat = self.add("Flatten", value, axis=1), True
            value = KINDS[step["kind"]](self, value, step)
        if len(views) == 1:
            return value
        shape = self.number(np.array([len(views), -1, classes]))
        chances = self.add("Reshape", self.add("Softmax", value, axis=1), shape)
        return self.add("Log", self.add("ReduceMean", chances, axes=[0], keepdims=0))

    def together(self, logits: Sequence[str]) -> str:
        """Add the mean of the members' chances, as the logarithm in which none becomes 0."""
        if len(logits) == 1:
            return logits[0]
        first = self.number(np.array([0]))
        votes = [self.add("LogSoftmax", each, axis=1) for each in logits]
        stack = self.add("Concat", *(self.add("Unsqueeze", e, first) for e in votes), axis=0)
        total = self.add("ReduceLogSumExp", stack, axes=[0], keepdims=0)
        return self.add("Sub", total, self.number(np.log(np.float32(len(logits)))))

    def _window(self, pixels: str, side: int, down: int, right: int) -> str:
        """Cut a window, so many pixels off the middle."""
        if side == SIDE:
            return pixels
        start = np.array([down, right]) + (SIDE - side) // 2
        return self.add("Slice", pixels, *map(self.number, (start, start + side, np.array([2, 3]))))

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node, and return the name of what it computes."""
        name = f"{kind.lower()}-{len(self.nodes) + 1}"
        node = self._onnx.helper.make_node(kind, list(inputs), [name], name, **attributes)
        self.nodes.append(node)
        return name

    def number(self, values: NDArray[Any]) -> str:
        """Add numbers, and return their name."""
        name = f"numbers-{len(self.numbers) + 1}"
        kept = values.astype(np.int64 if values.dtype.kind == "i" else np.float32)
        self.numbers.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(kept), name))
        return name

    def rename(self, old: str, new: str) -> None:
        """Call the last node's result otherwise."""
        assert list(self.nodes[-1].output) == [old]
        self.nodes[-1].output[0] = new


Step = Mapping[str, Any]
Add = Callable[[_Graph, str, Step], str]


def _scale(graph: _Graph, value: str, step: Step) -> str:
    mean, spread = (graph.number(np.array(step[name], np.float32)) for name in ("mean", "spread"))
    return graph.add("Div", graph.add("Sub", value, mean), spread)


def _linear(graph: _Graph, value: str, step: Step) -> str:
    return graph.add("Gemm", value, *_weights(graph, step), transB=1)


def _convolution(graph: _Graph, value: str, step: Step) -> str:
    return graph.add("Conv", value, *_weights(graph, step), **_moves(step))


def _weights(graph: _Graph, step: Step) -> list[str]:
    return [graph.number(step[name]) for name in ("weight", "bias") if step[name] is not None]


def _moves(step: Step) -> dict[str, Any]:
    return {"strides": [step["stride"]] * 2, "pads": [step["padding"]] * 4}


def _affine(graph: _Graph, value: str, step: Step) -> str:
    shape = (-1,) if graph.flat else (-1, 1, 1)
    factor, summand = (graph.number(step[name].reshape(shape)) for name in ("factor", "summand"))
    return graph.add("Add", graph.add("Mul", value, factor), summand)


def _pooling(kind: str, **attributes: Any) -> Add:
    def pooling(graph: _Graph, value: str, step: Step) -> str:
        size = [step["size"]] * 2
        return graph.add(kind, value, kernel_shape=size, **_moves(step), **attributes)

    return pooling


def _plain(kind: str) -> Add:
    return lambda graph, value, _: graph.add(kind, value)


KINDS: dict[str, Add] = {
    "scale": _scale,
    "linear": _linear,
    "convolution": _convolution,
    "affine": _affine,
    "max-pool": _pooling("MaxPool"),
    "mean-pool": _pooling("AveragePool", count_include_pad=1),
    "max": _plain("GlobalMaxPool"),
    "mean": _plain("GlobalAveragePool"),
    "relu": _plain("Relu"),
    "selu": _plain("Selu"),
    "sigmoid": _plain("Sigmoid"),
}
