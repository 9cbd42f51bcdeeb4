"""Writes the small random networks of this folder as ONNX, and what onnxruntime answers.

    pip install torch transformers onnx onnxscript onnxruntime
    python make.py

Nothing is trained: the weights are random numbers from one seed, so the answers mean nothing and
only their equality counts. `expected.json` holds for each file its inputs, row after row, and the
answers to them. `bert.onnx` reads the texts of `../text/bert`, with that folder's tokenizer.
"""

import json
import pathlib

import numpy
import onnx
import onnxruntime
import torch
import transformers
from tokenizers import Tokenizer
from torch import nn

HERE = pathlib.Path(__file__).parent
TEXT = HERE.parent / "text" / "bert"
SEED = 20261125
ROWS = 5


def perceptron():
    return nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 3))


def convolutions():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.Hardswish(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, stride=2, groups=4),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    )


class TwoInputs(nn.Module):
    """Numbers and the place of a category, and a probability at the end."""

    def __init__(self):
        super().__init__()
        self.places = nn.Embedding(3, 4)
        self.last = nn.Linear(7, 1)

    def forward(self, numbers, place):
        joined = torch.cat([numbers, self.places(place).flatten(1)], dim=1)
        return torch.sigmoid(self.last(joined))


class Recurrent(nn.Module):
    """Six numbers as a series."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 5, batch_first=True)
        self.last = nn.Linear(5, 1)

    def forward(self, x):
        return self.last(self.lstm(x.unsqueeze(2))[0][:, -1])


class OneRow(nn.Module):
    """Its reshape is written for one row alone."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.last = nn.Linear(6, 2)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)).reshape(1, 2, 3).transpose(1, 2).reshape(1, 6))


def random(*shape):
    return torch.randn(*shape).mul(100).round() / 100


def export(name, model, inputs, names, dynamo, is_open=True):
    model.eval()
    path = HERE / f"{name}.onnx"
    rows = {key: {0: "rows"} for key in (*names, "output")} if is_open else None
    torch.onnx.export(
        model,
        tuple(inputs),
        path,
        input_names=names,
        output_names=["output"],
        dynamo=dynamo,
        external_data=False,
        opset_version=18 if dynamo else 17,
        **(
            dict(dynamic_shapes=[{0: torch.export.Dim("rows")} for _ in names] if is_open else None)
            if dynamo
            else dict(dynamic_axes=rows)
        ),
    )
    graph = onnx.load(path)
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.save(graph, path)
    return onnxruntime.InferenceSession(path)


def answers(session, feeds):
    return numpy.asarray(session.run(None, feeds)[0], dtype=float).ravel().round(7).tolist()


def tables():
    cases = {}

    def write(name, model, inputs, names, dynamo):
        session = export(name, model, inputs, names, dynamo)
        feeds = {key: value.numpy() for key, value in zip(names, inputs)}
        # Images with the channels of a pixel side by side, as tables hold them.
        flat = [numpy.moveaxis(value, 1, -1).reshape(len(value), -1) for value in feeds.values()]
        wide = numpy.concatenate(flat, axis=1).astype(float).round(2)
        cases[name] = {"rows": wide.tolist(), "answers": answers(session, feeds)}

    write("perceptron", perceptron(), [random(ROWS, 4)], ["input"], True)
    write("perceptron_older", perceptron(), [random(ROWS, 4)], ["input"], False)
    write("images", convolutions(), [random(ROWS, 3, 10, 8)], ["input"], True)
    write("images_older", convolutions(), [random(ROWS, 3, 10, 8)], ["input"], False)
    write("recurrent", Recurrent(), [random(ROWS, 6)], ["input"], False)
    place = torch.arange(ROWS).remainder(3).reshape(-1, 1)
    write("two_inputs", TwoInputs(), [random(ROWS, 3), place], ["numbers", "place"], False)

    rows = random(ROWS, 4)
    session = export("one_row", OneRow(), [rows[:1]], ["input"], False, is_open=False)
    each = [answers(session, {"input": row.reshape(1, -1).numpy()}) for row in rows]
    cases["one_row"] = {"rows": rows.numpy().astype(float).round(2).tolist(), "answers": sum(each, [])}
    return cases


def texts():
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(TEXT / "tokenizer.json"))
    longest = json.loads((TEXT / "tokenizer_config.json").read_text())["model_max_length"]
    tokenizer.enable_truncation(longest)
    asked = json.loads((TEXT / "expected.json").read_text())["texts"]

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            config = transformers.BertConfig(
                vocab_size=tokenizer.get_vocab_size(),
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=24,
                max_position_embeddings=longest,
                num_labels=3,
                attn_implementation="eager",
            )
            self.model = transformers.BertForSequenceClassification(config)

        def forward(self, input_ids, attention_mask):
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    ids = torch.tensor([tokenizer.encode(asked[0]).ids])
    names = ["input_ids", "attention_mask"]
    model = Classifier().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.15)
    path = HERE / "bert.onnx"
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        path,
        input_names=names,
        output_names=["output"],
        dynamo=False,
        opset_version=17,
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in names} | {"output": {0: "rows"}},
    )
    session = onnxruntime.InferenceSession(path)

    def outputs(text):
        ids = numpy.array([tokenizer.encode(text).ids])
        return answers(session, {"input_ids": ids, "attention_mask": numpy.ones_like(ids)})

    return {"texts": asked, "answers": sum([outputs(text) for text in asked], [])}


if __name__ == "__main__":
    torch.manual_seed(SEED)
    cases = tables()
    cases["bert"] = texts()
    (HERE / "expected.json").write_text(json.dumps(cases) + "\n")
