"""Makes the messages and trains the three models; prints their held-out scores.

    pip install numpy pandas torch transformers tokenizers safetensors
    python train.py

The messages follow from the seeds below. The models nearly do: training a tokenizer breaks ties as it
likes, so another run prints slightly other figures.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from grammar import Grammar
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification

HERE = Path(__file__).resolve().parent
REPLAY_SEED, TRAINING_SEED, TORCH_SEED = 41, 42, 43
REPLAYED, TRAINED, VALIDATED = 1500, 12000, 2000
CUSTOMERS = 900
LONGEST = 64
CARD = """\
name = "{name}"
description = "{description}"
licence = "MIT OR Apache-2.0"
origin = "Trained by sample_data/messages/train.py on made-up messages"
kind = "text"
task = "binary"
classes = ["no", "yes"]
threshold = {threshold}

[[inputs]]
kind = "text"
column = "message"
"""


def messages(seed, count):
    grammar = Grammar(seed)
    rows = [grammar.message() for _ in range(count)]
    return pd.DataFrame(rows, columns=["channel", "message", "urgent"])


def write_replay():
    table = messages(REPLAY_SEED, REPLAYED)
    random = np.random.default_rng(REPLAY_SEED)
    table.insert(0, "customer", [f"K{n:03d}" for n in random.integers(CUSTOMERS, size=REPLAYED)])
    table["urgent"] = table["urgent"].map({True: "yes", False: "no"})
    table.to_csv(HERE / "messages.csv", index=False)
    return table


def tokenizer_for(texts, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(LONGEST)
    return tokenizer


def batch_of(tokenizer, texts):
    ids = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    longest = max(map(len, ids))
    padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    return padded, mask


def scores_of(model, tokenizer, texts):
    scores = []
    with torch.no_grad():
        for first in range(0, len(texts), 256):
            ids, mask = batch_of(tokenizer, texts[first:first + 256])
            scores.append(model(ids, attention_mask=mask).logits.softmax(1)[:, 1])
    return torch.cat(scores).numpy()


def train(table, width, layers, epochs, size):
    torch.manual_seed(TORCH_SEED)
    random = np.random.default_rng(TORCH_SEED)
    tokenizer = tokenizer_for(table["message"], size)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=width, num_hidden_layers=layers,
        num_attention_heads=4, intermediate_size=2 * width, max_position_embeddings=LONGEST,
        type_vocab_size=1, id2label={0: "no", 1: "yes"}, label2id={"no": 0, "yes": 1},
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )
    model = BertForSequenceClassification(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    texts, labels = table["message"].to_numpy(), torch.tensor(table["urgent"].to_numpy().astype(int))
    steps = epochs * (len(table) // 64)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps)
    for _ in range(epochs):
        order = random.permutation(len(table))
        for first in range(0, len(table) - 63, 64):
            rows = order[first:first + 64]
            ids, mask = batch_of(tokenizer, texts[rows])
            loss = model(ids, attention_mask=mask, labels=labels[rows]).loss
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
            rate.step()
    return model.eval(), tokenizer


def best_threshold(scores, urgent):
    """The best F1 on rows that trained nothing."""
    def f1(threshold):
        yes = scores >= threshold
        return 2 * (yes & urgent).sum() / max(yes.sum() + urgent.sum(), 1)
    return max(np.arange(0.1, 0.91, 0.05).round(2), key=f1)


def write_model(name, description, model, tokenizer, threshold):
    folder = HERE / "models" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "model.safetensors"
    save_file({key: value.half().contiguous() for key, value in model.state_dict().items()
               if "position_ids" not in key}, path)
    path.chmod(0o644)
    config = model.config.to_dict()
    keep = ["model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
            "intermediate_size", "max_position_embeddings", "type_vocab_size", "hidden_act",
            "layer_norm_eps", "pad_token_id", "id2label", "label2id"]
    (folder / "config.json").write_text(json.dumps({key: config[key] for key in keep}, indent=1) + "\n")
    tokenizer.no_truncation()
    (folder / "tokenizer.json").write_text(tokenizer.to_str())
    tokenizer.enable_truncation(LONGEST)
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": LONGEST}) + "\n")
    title = f"Urgent {name.split('_')[0]}"
    (folder / "card.toml").write_text(CARD.format(name=title, description=description, threshold=threshold))


def figures(scores, urgent, threshold):
    yes = scores >= threshold
    hits = (yes & urgent).sum()
    order = scores.argsort(kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positive = urgent.sum()
    auc = (ranks[urgent].sum() - positive * (positive + 1) / 2) / (positive * (~urgent).sum())
    return [(yes == urgent).mean(), hits / positive, hits / max(yes.sum(), 1), auc]


def main():
    replay = write_replay()
    training = messages(TRAINING_SEED, TRAINED + VALIDATED)
    training, validation = training[:TRAINED], training[TRAINED:]
    mails = training[training["channel"] == "mail"]
    plans = {
        "v1": ("One layer of 16, trained on few messages", training[:1200],
               dict(width=16, layers=1, epochs=8, size=300)),
        "v2_good": ("Two layers of 32, trained on ten times as many", training, dict(width=32, layers=2, epochs=6, size=400)),
        "v2_bad": ("The same, trained on mails alone: nobody had kept the chats", mails,
                   dict(width=32, layers=2, epochs=9, size=400)),
    }
    urgent = (replay["urgent"] == "yes").to_numpy()
    chat = (replay["channel"] == "chat").to_numpy()
    for name, (description, rows, settings) in plans.items():
        model, tokenizer = train(rows, **settings)
        checked = validation if name != "v2_bad" else validation[validation["channel"] == "mail"]
        checked_scores = scores_of(model, tokenizer, checked["message"].to_list())
        threshold = best_threshold(checked_scores, checked["urgent"].to_numpy())
        write_model(name, description, model, tokenizer, threshold)
        scores = scores_of(model.half().float(), tokenizer, replay["message"].to_list())
        own = figures(checked_scores, checked["urgent"].to_numpy(), threshold)
        print(f"| `{name}` | {threshold} | own validation {own[0]:.3f} | "
              + " | ".join(f"{x:.3f}" for x in figures(scores, urgent, threshold)), end=" | ")
        for part, of in (("mail", ~chat), ("chat", chat)):
            accuracy, recall, *_ = figures(scores[of], urgent[of], threshold)
            print(f"{part} {accuracy:.3f} {recall:.3f}", end=" | ")
        print()


if __name__ == "__main__":
    main()
