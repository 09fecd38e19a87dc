"""Writes the trained network as ONNX: 4-bit word embeddings, 7-bit matrices, 8-bit activations.

- Word embeddings keep the 4-bit codes that the encoder came with (blocks of 32: half-precision
  scale, 32 nibbles), unpacked for the looked-up rows only.
- Matrices are quantised per output channel to [-63, 63]: a pair of products then fits 16 bits, so
  processors without VNNI compute the same numbers as those with it.
- Activations are quantised per piece (row), not per tensor: more exact, and the result for a text
  does not depend on what else is in the batch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADS, WIDTH, BLOCK = 12, 32, 32
HIDDEN = HEADS * WIDTH
Array = npt.NDArray[Any]


class Graph:
    """Collects nodes and constants; every method returns the name of its output."""

    def __init__(self, state: dict[str, Array], limit: int = 63) -> None:
        self.state = state
        self.limit = limit
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, value: Array | float | np.generic) -> str:
        """A constant; Python floats become single precision."""
        array = np.asarray(value, np.float32 if isinstance(value, float) else None)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        if array.ndim == 0:
            self.constants[-1] = numpy_helper.from_array(array, name)
        return name

    def ints(self, *values: int) -> str:
        """A constant list of integers, such as a shape."""
        return self.const(np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """One operation with one output."""
        return self.split(kind, 1, *inputs, **attributes)[0]

    def split(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        """One operation with several outputs."""
        names = [f"t{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def norm(self, hidden: str, name: str) -> str:
        """Layer normalisation."""
        weight = self.const(self.state[f"{name}.weight"])
        bias = self.const(self.state[f"{name}.bias"])
        return self.op("LayerNormalization", hidden, weight, bias, axis=-1, epsilon=1e-12)

    def linear(self, hidden: str, name: str) -> str:
        """A quantised matrix product with bias."""
        weight = self.state[f"{name}.weight"]
        scale = np.maximum(np.abs(weight).max(axis=1) / self.limit, 1e-8).astype(np.float32)
        codes = np.rint(weight / scale[:, None]).clip(-self.limit, self.limit).astype(np.int8)
        largest = self.op("ReduceMax", self.op("Abs", hidden), self.ints(-1), keepdims=1)
        step = self.op("Max", self.op("Mul", largest, self.const(1 / 127)), self.const(1e-8))
        rounded = self.op("Round", self.op("Div", hidden, step))
        shifted = self.op("Add", rounded, self.const(128.0))
        small = self.op("Cast", shifted, to=TensorProto.UINT8)
        zero = self.const(np.uint8(128))
        product = self.op("MatMulInteger", small, self.const(codes.T), zero)
        product = self.op("Cast", product, to=TensorProto.FLOAT)
        product = self.op("Mul", self.op("Mul", product, step), self.const(scale))
        return self.op("Add", product, self.const(self.state[f"{name}.bias"]))


def pack_words(words: Array) -> tuple[Array, Array]:
    """Finds the 4-bit codes and scales of dequantised Q4_0 rows again; the loss is rounding."""
    rows = words.reshape(len(words), -1, BLOCK)
    place = np.abs(rows).argmax(axis=-1)[..., None]
    scale = (np.take_along_axis(rows, place, axis=-1) / -8).astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float32)
    codes = (np.rint(rows / divisor) + 8).clip(0, 15).astype(np.uint8)
    half = BLOCK // 2
    packed = codes[..., :half] | (codes[..., half:] << 4)
    return packed.reshape(len(words), -1), scale[..., 0]


def _words(graph: Graph) -> str:
    """Looks word embeddings up and unpacks them."""
    packed, scale = pack_words(graph.state["words.weight"])
    blocks = packed.shape[1] * 2 // BLOCK
    codes = graph.op("Cast", graph.op("Gather", graph.const(packed), "ids"), to=TensorProto.FLOAT)
    codes = graph.op("Reshape", codes, graph.ints(0, 0, blocks, BLOCK // 2))
    high = graph.op("Floor", graph.op("Mul", codes, graph.const(1 / 16)))
    low = graph.op("Sub", codes, graph.op("Mul", high, graph.const(16.0)))
    values = graph.op("Sub", graph.op("Concat", low, high, axis=-1), graph.const(8.0))
    scales = graph.op("Cast", graph.op("Gather", graph.const(scale), "ids"), to=TensorProto.FLOAT)
    scaled = graph.op("Mul", values, graph.op("Unsqueeze", scales, graph.ints(-1)))
    return graph.op("Reshape", scaled, graph.ints(0, 0, HIDDEN))


def _attention(graph: Graph, hidden: str, bias: str, name: str) -> str:
    """Scaled dot-product attention over all heads at once."""
    parts = graph.op(
        "Reshape", graph.linear(hidden, f"{name}.qkv"), graph.ints(0, 0, 3, HEADS, WIDTH)
    )
    parts = graph.op("Transpose", parts, perm=[2, 0, 3, 1, 4])
    query, key, value = (
        graph.op("Squeeze", part, graph.ints(0))
        for part in graph.split("Split", 3, parts, axis=0, num_outputs=3)
    )
    query = graph.op("Mul", query, graph.const(WIDTH**-0.5))
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    weights = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.linear(graph.op("Reshape", mixed, graph.ints(0, 0, HIDDEN)), f"{name}.out")


def _layer(graph: Graph, hidden: str, bias: str, name: str) -> str:
    """One transformer layer."""
    attended = _attention(graph, hidden, bias, name)
    hidden = graph.norm(graph.op("Add", hidden, attended), f"{name}.norm1")
    inner = graph.op("Gelu", graph.linear(hidden, f"{name}.up"))
    return graph.norm(graph.op("Add", hidden, graph.linear(inner, f"{name}.down")), f"{name}.norm2")


def write_onnx(state: dict[str, Array], layers: int, max_length: int, path: Path) -> None:
    """Builds the graph ``ids, mask -> logits`` and writes it."""
    graph = Graph(state)
    table = graph.const(state["positions"][:max_length].astype(np.float16))
    length = graph.op("Slice", graph.op("Shape", "ids"), graph.ints(1), graph.ints(2))
    positions = graph.op("Cast", table, to=TensorProto.FLOAT)
    positions = graph.op("Slice", positions, graph.ints(0), length, graph.ints(0))
    hidden = graph.norm(graph.op("Add", _words(graph), positions), "norm")
    mask = graph.op("Sub", graph.op("Cast", "mask", to=TensorProto.FLOAT), graph.const(1.0))
    bias = graph.op("Unsqueeze", graph.op("Mul", mask, graph.const(1e9)), graph.ints(1, 2))
    for index in range(layers):
        hidden = _layer(graph, hidden, bias, f"layers.{index}")
    logits = graph.op("MatMul", hidden, graph.const(state["head.weight"].T))
    logits = graph.op("Add", logits, graph.const(state["head.bias"]))
    graph.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        graph.nodes,
        "recogniser",
        [value(name, TensorProto.INT64, ["batch", "pieces"]) for name in ("ids", "mask")],
        [value("logits", TensorProto.FLOAT, ["batch", "pieces", len(state["head.bias"])])],
        graph.constants,
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
