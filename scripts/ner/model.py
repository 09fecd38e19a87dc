"""The encoder in PyTorch: a BERT cut to its bottom layers, with a linear token classifier."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

HIDDEN, HEADS, INNER, POSITIONS = 384, 12, 1536, 512
EPSILON = 1e-12


class Layer(nn.Module):
    """One post-norm transformer layer; query, key and value share one matrix."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Attention over the pieces that ``mask`` lets through, then the feed-forward part."""
        size, length, _ = hidden.shape
        qkv = self.qkv(hidden).view(size, length, 3, HEADS, HIDDEN // HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(size, length, HIDDEN)
        hidden = self.norm1(hidden + self.dropout(self.out(mixed)))
        return self.norm2(hidden + self.dropout(self.down(functional.gelu(self.up(hidden)))))


class Recogniser(nn.Module):
    """Embeddings (words frozen), the bottom layers and the label head."""

    def __init__(self, vocabulary: int, layers: int, labels: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, HIDDEN)
        self.words.weight.requires_grad_(False)
        self.positions = nn.Parameter(torch.zeros(POSITIONS, HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.head = nn.Linear(HIDDEN, labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, attend: Tensor) -> Tensor:
        """Logits per piece; ``attend`` is true where there is a piece, false at padding."""
        hidden = self.words(ids) + self.positions[: ids.shape[1]]
        hidden = self.dropout(self.norm(hidden))
        mask = attend[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        logits: Tensor = self.head(self.dropout(hidden))
        return logits


def _layer_state(source: dict[str, Tensor], index: int) -> dict[str, Tensor]:
    """One layer's weights under this module's names."""
    prefix = f"encoder.layer.{index}."
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    state: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        parts = [source[f"{prefix}attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
        state[f"layers.{index}.qkv.{kind}"] = torch.cat(parts)
        for ours, theirs in names.items():
            state[f"layers.{index}.{ours}.{kind}"] = source[f"{prefix}{theirs}.{kind}"]
    return state


def load_encoder(path: Path, layers: int, labels: int) -> Recogniser:
    """Builds the model from the shared encoder; only the head starts from random numbers."""
    source = {name: tensor.float() for name, tensor in load_file(path).items()}
    words = source["embeddings.word_embeddings.weight"]
    model = Recogniser(words.shape[0], layers, labels)
    state = {
        "words.weight": words,
        "positions": source["embeddings.position_embeddings.weight"]
        + source["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    for index in range(layers):
        state |= _layer_state(source, index)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or set(missing) != {"head.weight", "head.bias"}:
        raise ValueError(f"the encoder does not fit: {missing}, {unexpected}")
    nn.init.normal_(model.head.weight, std=0.02)
    nn.init.zeros_(model.head.bias)
    return model
