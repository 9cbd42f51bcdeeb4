"""Holds a `cuda` build to its own processor's answers, and times both.

    python packaging/cuda/check.py cuda-build/rehearsal-cuda [--large FOLDER]

Run it in the repository's root on a machine with an NVIDIA GPU. It asks the sample models on both
devices and prints a Markdown table: the largest difference of an answer, rows whose class differs, and
the times that `rehearsal model measure` finds. With `--large` it also writes models of the usual sizes
there (random weights: times and differences mean something, answers do not), holds all but the Llama to
what transformers answers on the processor, and times what torch takes on the same GPU, tokens included;
that needs torch, transformers, pyarrow, pillow and gguf. Exits with 1 if an answer is further off than 1e-4 (2e-2
where weights are quantised) or has another class.
"""

import argparse
import csv
import io
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SAMPLES = [
    ("perceptron (churn)", "sample_data/churn/models/v2_good", "sample_data/churn/churn.csv"),
    ("encoder (messages)", "sample_data/messages/models/v2_good", "sample_data/messages/messages.csv"),
    ("convolutions (clothes)", "sample_data/clothes/models/v2_good", "sample_data/clothes/clothes.parquet"),
]
TEXTS, TOKENS, IMAGES = 256, 64, 64


def ask(binary, *words):
    """What the program prints as JSON; a check that finds differences is an answer as well."""
    done = subprocess.run([binary, *map(str, words), "--json"], capture_output=True, text=True)
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise SystemExit(f"rehearsal {' '.join(map(str, words))}\n{done.stderr}")
    if "on the CPU instead" in done.stderr:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def score(binary, model, data, device, output):
    ask(binary, "--library", output.with_suffix(".library"), "score", "--model", model, "--data", data,
        "--device", device, "--output", output)


def compare(binary, model, data, reference, tolerance, work):
    """Rows, the largest difference (none: only classes are known) and rows of another class on the GPU:
    from the framework's answers where there are some, else from those of the processor."""
    if not reference:
        reference = work / "cpu.csv"
        score(binary, model, data, "cpu", reference)
        answers = list(csv.DictReader(open(reference, newline="")))
        if "probability" not in answers[0] and "score" not in answers[0]:
            score(binary, model, data, "cuda", work / "cuda.csv")
            found = csv.DictReader(open(work / "cuda.csv", newline=""))
            flips = sum(a["answer"] != b["answer"] for a, b in zip(answers, found, strict=True))
            return len(answers), None, flips, flips == 0
    found = ask(binary, "model", "check", "--model", model, "--data", data, "--reference", reference,
                "--tolerance", tolerance, "--device", "cuda")
    return found["rows"], found["largest_difference"], found["flips"], found["passes"]


def measure(binary, model, data, device):
    found = ask(binary, "model", "measure", model, "--data", data, "--device", device, "--seconds", 2)
    median = next(timing["micros"] for timing in found["single_row"] if timing["quantile"] == 0.5)
    batches = {batch["rows"]: batch["median"]["micros"] for batch in found["batches"]}
    return median, batches, found["device"]


def told(micros):
    if micros is None:
        return "–"
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if micros >= size:
            return f"{micros / size:.3g} {unit}"
    return f"{micros:.3g} µs"


class Rival:
    """A model of transformers on the GPU, asked with the rows that the program is asked."""

    def __init__(self, model, prepare):
        import torch

        self.torch, self.model, self.prepare = torch, model.eval().cuda(), prepare

    def once(self, rows):
        with self.torch.inference_mode():
            inputs = {name: tensor.cuda() for name, tensor in self.prepare(rows).items()}
            return self.model(**inputs).logits.float().cpu()

    def answers(self, rows, names, path):
        """Writes what the framework answers on the processor, as probabilities."""
        self.model.cpu()
        inputs = self.prepare(rows)
        with self.torch.inference_mode():
            parts = [self.model(**{name: tensor[at : at + 1] for name, tensor in inputs.items()}).logits
                     for at in range(rows)]
        self.model.cuda()
        shares = self.torch.cat(parts).double().softmax(-1).tolist()
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(share[-len(names):] for share in shares)
        return path

    def micros(self, rows, seconds=1.5):
        for _ in range(5):
            self.once(rows)
        taken, end = [], time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            self.once(rows)
            taken.append((time.perf_counter() - start) * 1e6)
        return statistics.median(taken)


def encoder(work, name, hidden, layers, heads):
    import torch
    import transformers

    source = pathlib.Path("tests/files/models/text/bert")
    folder = work / name
    config = transformers.BertConfig.from_pretrained(source)
    config.update({
        "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": 4 * hidden, "max_position_embeddings": 512,
        "num_labels": 2, "id2label": {0: "no", 1: "yes"}, "label2id": {"no": 0, "yes": 1},
    })
    torch.manual_seed(1)
    model = transformers.BertForSequenceClassification(config)
    model.save_pretrained(folder)
    shutil.copy(source / "tokenizer.json", folder)
    settings = json.loads((source / "tokenizer_config.json").read_text()) | {"model_max_length": TOKENS}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    (folder / "card.toml").write_text(
        f'name = "{name}"\nkind = "text"\ntask = "binary"\nclasses = ["no", "yes"]\n'
        '[[inputs]]\nkind = "text"\ncolumn = "message"\n'
    )
    data = work / "messages.csv"
    with open("sample_data/messages/messages.csv", newline="") as source, open(data, "w", newline="") as target:
        rows = list(csv.DictReader(source))[:TEXTS]
        writer = csv.DictWriter(target, ["message", "urgent"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    texts = [row["message"] for row in rows]

    def prepare(count):
        return tokenizer(texts[:count], padding=True, truncation=True, return_tensors="pt")

    rival = Rival(model, prepare)
    return folder, data, rival, rival.answers(len(rows), ["probability"], work / f"{name}.csv"), 1e-4


def images(work, name, make, size=224):
    import numpy
    import pyarrow
    import pyarrow.parquet
    import torch
    import transformers

    folder, data = work / name, work / "photos.parquet"
    torch.manual_seed(1)
    model = make(transformers)
    model.save_pretrained(folder)
    processor = {
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": size, "width": size},
        "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    (folder / "card.toml").write_text(
        f'name = "{name}"\nkind = "vision"\ntask = "multiclass"\nclasses = ["a", "b", "c", "d", "e"]\n'
        '[[inputs]]\nkind = "image"\ncolumn = "photo"\n'
    )
    random = numpy.random.default_rng(1)
    coarse = random.integers(0, 256, (IMAGES, size // 16, size // 16, 3), numpy.uint8)
    pixels = coarse.repeat(16, 1).repeat(16, 2)
    photos = [png(image) for image in pixels]
    table = {"photo": photos, "kind": ["abcde"[row % 5] for row in range(IMAGES)]}
    pyarrow.parquet.write_table(pyarrow.table(table), data)
    ready = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    rival = Rival(model, lambda count: {"pixel_values": ready[:count]})
    return folder, data, rival, rival.answers(IMAGES, list("abcde"), work / f"{name}.csv"), 1e-4


def png(pixels):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def resnet(transformers):
    return transformers.ResNetForImageClassification(transformers.ResNetConfig(num_labels=5))


def vit(transformers):
    return transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=5))


def convnext(transformers):
    return transformers.ConvNextForImageClassification(transformers.ConvNextConfig(num_labels=5))


def llama(work, name):
    """SmolLM2-135M's sizes in Q8_0, with the vocabulary of the test's small model."""
    import gguf
    import numpy

    folder, source = work / name, gguf.GGUFReader("tests/files/models/generate/q8_0.gguf")
    folder.mkdir(exist_ok=True)
    hidden, inner, blocks, heads, keys, context = 576, 1536, 30, 9, 3, 2048
    writer = gguf.GGUFWriter(folder / "model.gguf", "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(hidden)
    writer.add_block_count(blocks)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(keys)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(hidden // heads)
    for field in source.fields.values():
        if field.name.startswith("tokenizer."):
            kind = field.types[0]
            inside = field.types[1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, inside)
    words = next(t for t in source.tensors if t.name == "token_embd.weight").shape[1]
    random = numpy.random.default_rng(1)

    def add(name, rows, columns):
        values = (random.standard_normal((rows, columns)) * columns**-0.5).astype(numpy.float32)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)

    ones = numpy.ones(hidden, numpy.float32)
    add("token_embd.weight", int(words), hidden)
    writer.add_tensor("output_norm.weight", ones)
    for block in range(blocks):
        part = f"blk.{block}"
        writer.add_tensor(f"{part}.attn_norm.weight", ones)
        writer.add_tensor(f"{part}.ffn_norm.weight", ones)
        narrow = hidden // heads * keys
        for kind, rows, columns in [
            ("attn_q", hidden, hidden), ("attn_k", narrow, hidden), ("attn_v", narrow, hidden),
            ("attn_output", hidden, hidden), ("ffn_gate", inner, hidden), ("ffn_up", inner, hidden),
            ("ffn_down", hidden, inner),
        ]:
            add(f"{part}.{kind}.weight", rows, columns)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "card.toml").write_text(
        f'name = "{name}"\nkind = "generate"\ntask = "binary"\nclasses = ["no", "yes"]\nweights = "model.gguf"\n'
        '[[inputs]]\nkind = "text"\ncolumn = "message"\n'
        '[generate]\nprompt = "{message}"\nchoices = [" no", " yes"]\n'
    )
    return folder, work / "messages.csv", None, None, 2e-2


def large(work):
    work.mkdir(parents=True, exist_ok=True)
    yield "BERT, 6 layers of 384", *encoder(work, "bert-small", 384, 6, 12)
    yield "BERT, 12 layers of 768", *encoder(work, "bert-base", 768, 12, 12)
    yield "ResNet-50, 224 × 224", *images(work, "resnet", resnet)
    yield "ViT-B/16, 224 × 224", *images(work, "vit", vit)
    yield "ConvNeXt-T, 224 × 224", *images(work, "convnext", convnext)
    yield "Llama, 30 layers of 576, Q8_0", *llama(work, "llama")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("--large", metavar="FOLDER", type=pathlib.Path)
    chosen = arguments.parse_args()
    binary = str(pathlib.Path(chosen.binary).resolve())
    models = [(*sample, None, None, 1e-4) for sample in SAMPLES]
    models += large(chosen.large) if chosen.large else []
    print("| model | rows | largest difference | other class | 1 row: CPU | CUDA | torch | "
          "32 rows: CPU | CUDA | torch |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    passes, devices = True, set()
    with tempfile.TemporaryDirectory() as folder:
        for name, model, data, rival, reference, tolerance in models:
            rows, largest, flips, is_within = compare(
                binary, model, data, reference, tolerance, pathlib.Path(folder)
            )
            times = []
            found = {device: measure(binary, model, data, device) for device in ("cpu", "cuda")}
            devices.update(device for _, _, device in found.values())
            for batch in (1, 32):
                for median, batches, _ in found.values():
                    times.append(median if batch == 1 else batches.get(batch))
                times.append(rival.micros(batch) if rival else None)
            difference = "–" if largest is None else f"{largest:.1e}"
            print("|", " | ".join([name, str(rows), difference, str(flips), *map(told, times)]), "|", flush=True)
            passes &= is_within
    print(f"\nOn {' and '.join(sorted(devices))}.")
    sys.exit(0 if passes else 1)


if __name__ == "__main__":
    main()
