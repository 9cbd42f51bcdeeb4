"""Makes clothes.parquet and trains the four models; prints their held-out scores.

    apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
    pip install numpy pillow pyarrow torch safetensors
    python train.py fashion/usr/share/datasets/fashion-mnist

The photos follow from the seeds below. The models do on one machine; another may round differently.
"""

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).resolve().parent
REPLAY_SEED, TRAINING_SEED, TORCH_SEED = 51, 52, 53
REPLAYED, SELLERS = 1500, 400
VALIDATED = 5000
# Of the photos, those of the camera that hangs upside down.
SOUTH = 0.2
KINDS = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "boot"]


def read(folder, part):
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images, labels


def photographed(images, seed):
    """What the two cameras make of the images: 16 greys, and some of them upside down."""
    is_south = np.random.default_rng(seed).random(len(images)) < SOUTH
    greys = np.round(images / 17).astype(np.uint8) * 17
    return np.where(is_south[:, None, None], greys[:, ::-1, ::-1], greys), is_south


def png(image):
    file = io.BytesIO()
    palette = Image.fromarray(image // 17, mode="P")
    palette.putpalette([grey * 17 for grey in range(16) for _ in range(3)])
    palette.save(file, "PNG", optimize=True, bits=4)
    return file.getvalue()


def write_replay(images, labels):
    random = np.random.default_rng(REPLAY_SEED)
    rows = random.permutation(len(images))[:REPLAYED]
    photos, is_south = photographed(images[rows], REPLAY_SEED)
    table = pa.table(
        {
            "seller": [f"S{n:03d}" for n in random.integers(SELLERS, size=REPLAYED)],
            "warehouse": np.where(is_south, "south", "north"),
            "photo": pa.array([png(photo) for photo in photos], pa.binary()),
            "kind": [KINDS[label] for label in labels[rows]],
        }
    )
    pq.write_table(table, HERE / "clothes.parquet", compression="zstd", use_dictionary=["seller", "warehouse", "kind"])
    return photos, labels[rows], is_south


def tensor(photos):
    return torch.tensor(np.ascontiguousarray(photos), dtype=torch.float32).unsqueeze(1) / 255


def perceptron():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def convolutions(first, second):
    return nn.Sequential(
        nn.Conv2d(1, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(49 * second, 10),
    )


def train(model, photos, labels, epochs):
    torch.manual_seed(TORCH_SEED)
    for layer in model:
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    inputs, targets = tensor(photos), torch.tensor(labels, dtype=torch.long)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = epochs * (len(inputs) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(epochs):
        order = torch.randperm(len(inputs))
        for start in range(0, len(inputs) - 127, 128):
            rows = order[start : start + 128]
            loss = nn.functional.cross_entropy(model(inputs[rows]), targets[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    # As they are kept: half precision.
    return model.half().float().eval()


STACKS = {
    "perceptron": """\
[[stack]]
op = "flatten"

[[stack]]
op = "dense"
weight = "1.weight"
bias = "1.bias"
activation = "relu"

[[stack]]
op = "dense"
weight = "3.weight"
bias = "3.bias"
""",
    "convolutions": """\
[[stack]]
op = "conv2d"
weight = "0.weight"
bias = "0.bias"
padding = 1
activation = "relu"

[[stack]]
op = "max_pool"
size = 2

[[stack]]
op = "conv2d"
weight = "3.weight"
bias = "3.bias"
padding = 1
activation = "relu"

[[stack]]
op = "max_pool"
size = 2

[[stack]]
op = "flatten"

[[stack]]
op = "dense"
weight = "7.weight"
bias = "7.bias"
""",
}


def write(model, folder, name, description, stack):
    folder = HERE / "models" / folder
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: values.half().contiguous() for name, values in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    classes = ", ".join(f'"{kind}"' for kind in KINDS)
    card = f"""\
name = "{name}"
description = "{description}"
licence = "MIT OR Apache-2.0"
origin = "Trained by sample_data/clothes/train.py on Fashion-MNIST (Zalando, MIT)"
kind = "layers"
task = "multiclass"
classes = [{classes}]
weights = "model.safetensors"

[[inputs]]
kind = "image"
column = "photo"
height = 28
width = 28
channels = 1

"""
    (folder / "card.toml").write_text(card + STACKS[stack])


def accuracy(model, photos, labels):
    with torch.no_grad():
        answers = model(tensor(photos)).argmax(1).numpy()
    return answers == labels


def main():
    torch.set_num_threads(2)
    images, labels = read(Path(sys.argv[1]), "train")
    seen, turned = photographed(images, TRAINING_SEED)
    # What the laboratory of the bad candidate trained on, and no warehouse does.
    upright = np.where(turned[:, None, None], seen[:, ::-1, ::-1], seen)
    replay, truth, is_south = write_replay(*read(Path(sys.argv[1]), "t10k"))
    few, many = slice(0, 3000), slice(0, len(seen) - VALIDATED)
    kept = slice(len(seen) - VALIDATED, None)
    models = [
        ("v1", "clothes v1", "Perceptron of 32 on 3,000 photos", "perceptron", perceptron(), seen, few, 20),
        ("v2_good", "clothes v2", "Two convolutions on 55,000 photos", "convolutions", convolutions(8, 16), seen, many, 6),
        ("v2_bad", "clothes v2 (bad)", "The same, on photos that were turned upright before", "convolutions", convolutions(8, 16), upright, many, 6),
        ("v2_wide", "clothes v2 (wide)", "Convolutions four times as wide", "convolutions", convolutions(32, 64), seen, many, 8),
    ]
    for folder, name, description, stack, model, photos, part, epochs in models:
        model = train(model, photos[part], labels[part], epochs)
        write(model, folder, name, description, stack)
        own = accuracy(model, photos[kept], labels[kept]).mean()
        right = accuracy(model, replay, truth)
        north, south = right[~is_south].mean(), right[is_south].mean()
        print(f"{folder}: {right.mean():.3f}, north {north:.3f}, south {south:.3f}; own validation {own:.3f}")


main()
