"""Writes the models of the benchmark and times them in onnxruntime and torch, one thread each.

    models.py prepare FOLDER [MINILM]   writes models, cards and rows; MINILM is the folder of all-MiniLM-L6-v2
    models.py serve FOLDER              answers lines `engine model batch seconds` with microseconds

Needs numpy, torch, onnxruntime, onnx, xgboost, lightgbm, onnxmltools and skl2onnx; for MINILM also
transformers. Random numbers come from one seed.
"""

import sys
import time
import warnings
from pathlib import Path

# A neighbour of this script is called `statistics.py`, which is not the one that others import.
sys.path.pop(0)

import numpy as np  # noqa: E402

SEED = 11
COLUMNS = 30
ROWS = 4096
TREES = 100
TOKENS = 64
warnings.filterwarnings("ignore")


def card(kind, weights, columns, rest=""):
    inputs = "".join(f'\n[[inputs]]\nkind = "number"\ncolumn = "{name}"\n' for name in columns)
    return (
        f'name = "{kind}"\nkind = "{kind}"\ntask = "binary"\nclasses = ["no", "yes"]\n'
        f'weights = "{weights}"\n{inputs}{rest}'
    )


def folder_of(root, name):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_perceptron(root):
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(SEED)
    model = torch.nn.Sequential(
        torch.nn.Linear(COLUMNS, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(),
        torch.nn.Linear(32, 1), torch.nn.Sigmoid(),
    )
    folder = folder_of(root, "perceptron")
    save_file(model.state_dict(), folder / "model.safetensors")
    layers = [("0", "relu"), ("2", "relu"), ("4", "none")]
    rest = "".join(
        f'\n[[layers]]\nweight = "{name}.weight"\nbias = "{name}.bias"\nactivation = "{act}"\n'
        for name, act in layers
    )
    columns = [f"f{k}" for k in range(COLUMNS)]
    (folder / "card.toml").write_text(card("mlp", "model.safetensors", columns, rest))
    torch.save(model, folder / "whole.pt")
    torch.onnx.export(
        model, (torch.zeros(2, COLUMNS),), folder / "rival.onnx", dynamo=False,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "rows"}, "y": {0: "rows"}},
    )


def write_trees(root, rows, label):
    import lightgbm as lgb
    import onnxmltools
    import xgboost as xgb
    from onnxmltools.convert.common.data_types import FloatTensorType

    columns = [f"f{k}" for k in range(COLUMNS)]
    shape = [("x", FloatTensorType([None, COLUMNS]))]

    model = xgb.XGBClassifier(n_estimators=TREES, max_depth=6, random_state=SEED).fit(rows, label)
    folder = folder_of(root, "xgboost")
    model.save_model(folder / "model.json")
    (folder / "card.toml").write_text(card("xgboost", "model.json", columns))
    graph = onnxmltools.convert_xgboost(model, initial_types=shape, target_opset=15)
    (folder / "rival.onnx").write_bytes(graph.SerializeToString())

    model = lgb.LGBMClassifier(n_estimators=TREES, random_state=SEED, verbose=-1).fit(rows, label)
    folder = folder_of(root, "lightgbm")
    model.booster_.save_model(folder / "model.txt")
    (folder / "card.toml").write_text(card("lightgbm", "model.txt", columns))
    graph = onnxmltools.convert_lightgbm(
        model, initial_types=shape, target_opset=15, zipmap=False
    )
    (folder / "rival.onnx").write_bytes(graph.SerializeToString())


def write_encoder(root, source):
    import shutil

    import torch
    from safetensors.torch import save_file
    from transformers import AutoModel, AutoTokenizer

    folder = folder_of(root, "encoder")
    for file in Path(source).rglob("*"):
        if file.is_file() and file.suffix in {".json", ".safetensors", ".txt"}:
            to = folder / file.relative_to(source)
            to.parent.mkdir(exist_ok=True)
            shutil.copy(file, to)
    model = AutoModel.from_pretrained(source, attn_implementation="eager").float().eval()
    width = model.config.hidden_size
    save_file({"weight": torch.randn(1, width, generator=torch.manual_seed(SEED)) * 0.1,
               "bias": torch.zeros(1)}, folder / "head.safetensors")
    (folder / "card.toml").write_text(
        'name = "encoder"\nkind = "encoder"\ntask = "binary"\nclasses = ["no", "yes"]\n'
        'head = "head.safetensors"\n\n[[inputs]]\nkind = "text"\ncolumn = "text"\n\n'
        '[[layers]]\nweight = "weight"\nbias = "bias"\n'
    )
    tokenizer = AutoTokenizer.from_pretrained(source)
    # Two marks frame a text, so that each has TOKENS tokens: words that are one token each.
    words = [w for w in tokenizer.get_vocab() if w.isalpha() and w.isascii() and len(w) > 3]
    words = np.random.default_rng(SEED).choice(sorted(words), (64, TOKENS - 2))
    texts = [" ".join(row) for row in words]
    ids = tokenizer(texts)["input_ids"]
    assert all(len(row) == TOKENS for row in ids), {len(row) for row in ids}
    (root / "texts.csv").write_text("text\n" + "\n".join(texts) + "\n")
    np.save(root / "tokens.npy", np.array(ids, dtype=np.int64))

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask):
            out = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = mask.unsqueeze(-1).float()
            mean = (out * weight).sum(1) / weight.sum(1)
            return torch.nn.functional.normalize(mean)

    pooled = Pooled().eval()
    torch.save(pooled.model, folder / "whole.pt")
    ones = torch.ones(2, TOKENS, dtype=torch.int64)
    torch.onnx.export(
        pooled, (ones, ones), folder / "rival.onnx", dynamo=False, opset_version=17,
        input_names=["ids", "mask"], output_names=["y"],
        dynamic_axes={"ids": {0: "rows"}, "mask": {0: "rows"}, "y": {0: "rows"}},
    )


def prepare(root, minilm):
    random = np.random.default_rng(SEED)
    rows = random.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    label = (rows[:, :8].sum(1) + rows[:, 8] * rows[:, 9] + random.normal(size=ROWS) > 0).astype(int)
    root.mkdir(parents=True, exist_ok=True)
    np.save(root / "rows.npy", rows)
    head = ",".join(f"f{k}" for k in range(COLUMNS))
    np.savetxt(root / "rows.csv", rows, delimiter=",", header=head, comments="", fmt="%.9g")
    write_perceptron(root)
    write_trees(root, rows, label)
    if minilm:
        write_encoder(root, minilm)


def engines(root):
    """What each rival does for one batch of a model: (engine, model) to a function of the batch."""
    import onnxruntime as ort
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    options = ort.SessionOptions()
    # Errors alone: writing warnings would be in its time.
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    rows = np.load(root / "rows.npy")

    def of_rows(name):
        session = ort.InferenceSession(root / name / "rival.onnx", options)
        first = session.get_inputs()[0].name
        return lambda batch: (lambda x: lambda: session.run(None, {first: x}))(rows[:batch].copy())

    calls = {("onnxruntime", name): of_rows(name) for name in ("perceptron", "xgboost", "lightgbm")}
    perceptron = torch.load(root / "perceptron/whole.pt", weights_only=False).eval()

    def torch_perceptron(batch):
        x = torch.from_numpy(rows[:batch].copy())
        return lambda: perceptron(x)

    calls["torch", "perceptron"] = torch_perceptron
    if (root / "encoder").exists():
        ids = np.load(root / "tokens.npy")
        session = ort.InferenceSession(root / "encoder/rival.onnx", options)
        model = torch.load(root / "encoder/whole.pt", weights_only=False).eval()

        def ort_encoder(batch):
            x = ids[:batch].copy()
            return lambda: session.run(None, {"ids": x, "mask": np.ones_like(x)})

        def torch_encoder(batch):
            x = torch.from_numpy(ids[:batch].copy())
            mask = torch.ones_like(x)
            return lambda: model(input_ids=x, attention_mask=mask).last_hidden_state.mean(1)

        calls["onnxruntime", "encoder"] = ort_encoder
        calls["torch", "encoder"] = torch_encoder
    return calls


def timed(call, seconds):
    """The median of single calls within so many seconds, in microseconds."""
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1e6


def serve(root):
    calls = engines(root)
    ready = {}
    print("ready", flush=True)
    for line in sys.stdin:
        engine, model, batch, seconds = line.split()
        key = (engine, model, int(batch))
        if key not in ready:
            make = calls.get((engine, model))
            ready[key] = make and make(int(batch))
        call = ready[key]
        print(timed(call, float(seconds)) if call else "none", flush=True)


if __name__ == "__main__":
    action, folder, *rest = sys.argv[1:]
    if action == "prepare":
        prepare(Path(folder), rest[0] if rest else None)
    else:
        serve(Path(folder))
