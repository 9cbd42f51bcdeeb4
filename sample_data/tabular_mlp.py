"""A small multi-layer perceptron in numpy, and the writer of model folders for Rehearsal.

Shared by `loans/train.py` and `churn/train.py`. Only numpy draws numbers, from seeds, and every
sum runs in a fixed order, so that a second run on the same machine writes the same bytes.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import save_file


@dataclass
class Number:
    """A numeric input: imputed, perhaps log1p, then standardised."""

    column: str
    log1p: bool = False
    impute: float = 0.0
    mean: float = 0.0
    std: float = 1.0

    def fit(self, table: pd.DataFrame) -> "Number":
        values = table[self.column].astype(float)
        self.impute = float(values.median())
        values = values.fillna(self.impute)
        if self.log1p:
            values = np.log1p(values.clip(lower=0))
        # Rounded, so that a person can read the card; the model is trained on the rounded values.
        self.mean = float(f"{values.mean():.6g}")
        self.std = float(f"{values.std():.6g}") or 1.0
        return self

    def encode(self, table: pd.DataFrame) -> np.ndarray:
        values = table[self.column].astype(float).fillna(self.impute).to_numpy()
        if self.log1p:
            values = np.log1p(np.maximum(values, 0))
        return ((values - self.mean) / self.std)[:, None]

    def toml(self) -> str:
        return (
            "[[inputs]]\n"
            f'column = "{self.column}"\n'
            'kind = "number"\n'
            f"impute = {self.impute!r}\n"
            f"log1p = {str(self.log1p).lower()}\n"
            f"mean = {self.mean!r}\n"
            f"std = {self.std!r}\n"
        )


@dataclass
class Category:
    """A categorical input: one-hot; unknown and missing values are all zeros."""

    column: str
    categories: list[str] = field(default_factory=list)

    def fit(self, table: pd.DataFrame) -> "Category":
        self.categories = sorted(table[self.column].dropna().astype(str).unique())
        return self

    def encode(self, table: pd.DataFrame) -> np.ndarray:
        values = table[self.column].to_numpy()
        return np.array([[float(value == name) for name in self.categories] for value in values])

    def toml(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.categories)
        return (
            f'[[inputs]]\ncolumn = "{self.column}"\nkind = "category"\ncategories = [{names}]\n'
        )


def encode(inputs: list, table: pd.DataFrame) -> np.ndarray:
    return np.hstack([one.encode(table) for one in inputs])


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


def log_loss(p: np.ndarray, y: np.ndarray) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


class Mlp:
    """ReLU layers and one sigmoid output, trained with Adam and early stopping."""

    def __init__(self, sizes: list[int], seed: int):
        rng = np.random.default_rng(seed)
        self.weights, self.biases = [], []
        for fan_in, fan_out in zip([*sizes[:-1]], sizes[1:]):
            if fan_in == fan_out:
                # Deep stacks of equal layers start as the identity with a little noise:
                # ReLU passes what is already positive, so that gradients reach the first layer.
                weight = np.eye(fan_in) + rng.normal(0, 0.02 / np.sqrt(fan_in), (fan_out, fan_in))
            else:
                weight = rng.normal(0, np.sqrt(1.5 / fan_in), (fan_out, fan_in))
            self.weights.append(weight)
            self.biases.append(np.zeros(fan_out))

    def forward(self, x: np.ndarray) -> list[np.ndarray]:
        states = [x]
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            x = x @ weight.T + bias
            if index + 1 < len(self.weights):
                x = np.maximum(x, 0)
            states.append(x)
        return states

    def predict(self, x: np.ndarray) -> np.ndarray:
        return sigmoid(self.forward(x)[-1][:, 0])

    def gradients(self, x: np.ndarray, y: np.ndarray, decay: float) -> list[np.ndarray]:
        states = self.forward(x)
        delta = (sigmoid(states[-1]) - y[:, None]) / len(y)
        grads = []
        for index in reversed(range(len(self.weights))):
            grads += [delta.sum(axis=0), delta.T @ states[index] + decay * self.weights[index]]
            if index:
                delta = (delta @ self.weights[index]) * (states[index] > 0)
        return grads[::-1]

    def train(
        self, x, y, x_val, y_val, seed, rate=2e-3, decay=1e-3, epochs=300, patience=30, batch=64
    ) -> "Mlp":
        rng = np.random.default_rng(seed)
        params = [p for pair in zip(self.weights, self.biases) for p in pair]
        first = [np.zeros_like(p) for p in params]
        second = [np.zeros_like(p) for p in params]
        best, best_params, waited, step = np.inf, None, 0, 0
        for _ in range(epochs):
            order = rng.permutation(len(y))
            for start in range(0, len(y), batch):
                rows = order[start : start + batch]
                step += 1
                for p, g, m, v in zip(params, self.gradients(x[rows], y[rows], decay), first, second):
                    m += 0.1 * (g - m)
                    v += 0.001 * (g * g - v)
                    p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            loss = log_loss(self.predict(x_val), y_val)
            if loss < best - 1e-5:
                best, best_params, waited = loss, [p.copy() for p in params], 0
            else:
                waited += 1
                if waited > patience:
                    break
        for p, kept in zip(params, best_params):
            p[...] = kept
        return self

    def rounded(self, dtype) -> "Mlp":
        """The model as its file will hold it, so that the scores we print are the file's."""
        self.weights = [w.astype(dtype).astype(np.float64) for w in self.weights]
        self.biases = [b.astype(dtype).astype(np.float64) for b in self.biases]
        return self


def best_threshold(p: np.ndarray, y: np.ndarray, false_positive: float, false_negative: float) -> float:
    """The cheapest threshold on validation rows, on a grid of hundredths; the middle one of ties."""
    grid = np.arange(0.02, 0.99, 0.01)
    cost = [
        false_positive * np.sum((p >= t) & (y == 0)) + false_negative * np.sum((p < t) & (y == 1))
        for t in grid
    ]
    cheapest = np.flatnonzero(np.isclose(cost, np.min(cost)))
    return round(float(grid[cheapest[len(cheapest) // 2]]), 2)


def write_model(folder: Path, model: Mlp, inputs: list, dtype, threshold: float, **about) -> None:
    """Writes `card.toml` and `model.safetensors`."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors, layers = {}, []
    for index, (weight, bias) in enumerate(zip(model.weights, model.biases)):
        name = f"layers.{index}"
        tensors[f"{name}.weight"] = np.ascontiguousarray(weight.astype(dtype))
        tensors[f"{name}.bias"] = np.ascontiguousarray(bias.astype(dtype))
        last = index + 1 == len(model.weights)
        layers.append(
            f'[[layers]]\nweight = "{name}.weight"\nbias = "{name}.bias"\n'
            f'activation = "{"none" if last else "relu"}"\n'
        )
    weights = folder / "model.safetensors"
    save_file(tensors, str(weights))
    weights.chmod(0o644)
    head = [
        f'name = "{about["name"]}"',
        'kind = "mlp"',
        'task = "binary"',
        f"threshold = {threshold!r}",
        "classes = [" + ", ".join(f'"{name}"' for name in about["classes"]) + "]",
        'weights = "model.safetensors"',
        f'description = "{about["description"]}"',
        f'licence = "{about["licence"]}"',
        f'origin = "{about["origin"]}"',
    ]
    parts = ["\n".join(head) + "\n", *[one.toml() for one in inputs], *layers]
    parts.append('[output]\nactivation = "sigmoid"\n')
    (folder / "card.toml").write_text("\n".join(parts), encoding="utf-8")


def roc_auc(p: np.ndarray, y: np.ndarray) -> float:
    """Mann-Whitney by mid-ranks."""
    ranks = pd.Series(p).rank().to_numpy()
    n = int(y.sum())
    return float((ranks[y == 1].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def scores(p: np.ndarray, y: np.ndarray, threshold: float) -> dict[str, float]:
    """Held-out figures; `p` as f32, as the workbench keeps it."""
    p = p.astype(np.float32).astype(float)
    yes = p >= threshold
    tp = float(np.sum(yes & (y == 1)))
    return {
        "accuracy": float(np.mean(yes == (y == 1))),
        "recall": tp / float(y.sum()),
        "precision": tp / max(float(yes.sum()), 1.0),
        "roc_auc": roc_auc(p, y),
        "log_loss": log_loss(p, y),
        "brier": float(np.mean((p - y) ** 2)),
        "yes": float(np.mean(yes)),
    }


def bootstrap_difference(a: np.ndarray, b: np.ndarray, seed: int = 1) -> tuple[float, float]:
    """A 95 % interval of mean(b - a) over paired rows, by 2,000 resamplings."""
    rng = np.random.default_rng(seed)
    d = np.asarray(b, float) - np.asarray(a, float)
    means = [d[rng.integers(0, len(d), len(d))].mean() for _ in range(2000)]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
