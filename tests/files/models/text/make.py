"""Writes the small random models of this folder and, beside each, what transformers answers.

    pip install torch transformers tokenizers safetensors
    python make.py

Nothing is trained: the weights are random numbers from one seed, so the answers mean nothing and
only their equality counts (training a tokenizer breaks ties as it likes, so another run writes
others). Each folder holds what a Hugging Face folder holds, and `expected.json`
with texts and the model's outputs for them, each computed alone (so nothing is padded).
"""

import json
import pathlib

import safetensors.torch
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
SEED = 20261125
WORDS = (
    "the a this your my our last first parcel card ticket invoice meeting refund account order is was "
    "has arrived late early lost paid today tomorrow please call send claim win free prize now thanks"
).split()
TEXTS = [
    "The parcel has arrived.",
    "WIN a FREE prize now! Call today",
    "please send the invoice tomorrow, thanks",
    "",
    "Ünïcode and 12345 unknown wörds…",
    "lost " * 100,
    "refund",
]


def sentences(count=400):
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(count):
        picks = torch.randint(len(WORDS), (8,), generator=generator).tolist()
        yield " ".join(WORDS[pick] for pick in picks) + "."


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        sentences(), trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def byte_pairs(first="<s>", last="</s>"):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        sentences(),
        trainers.BpeTrainer(
            vocab_size=320,
            special_tokens=[first, "<pad>", last, "<unk>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, 0), (last, 2)]
    )
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(
        sentences(),
        trainers.UnigramTrainer(
            vocab_size=120,
            special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
            unk_token="<unk>",
            show_progress=False,
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def write(name, tokenizer, config, model_class, outputs=lambda model, ids: model(ids).logits[0]):
    torch.manual_seed(SEED)
    model = model_class(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Fresh biases are zero and fresh norms are one: as if they were not there.
            parameter.add_(torch.randn_like(parameter) * 0.15)
    folder = HERE / name
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    longest = config.max_position_embeddings
    if config.model_type in ("roberta", "xlm-roberta"):
        longest -= config.pad_token_id + 1
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": longest}) + "\n")
    answers = []
    tokenizer.enable_truncation(longest)
    with torch.no_grad():
        for text in TEXTS:
            ids = torch.tensor([tokenizer.encode(text).ids])
            answers.append([round(x, 7) for x in outputs(model, ids).tolist()])
    (folder / "expected.json").write_text(json.dumps({"texts": TEXTS, "outputs": answers}, indent=1) + "\n")


SMALL = dict(
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=48,
    max_position_embeddings=40,
)
THREE = dict(id2label={0: "bill", 1: "offer", 2: "other"}, label2id={"bill": 0, "offer": 1, "other": 2})


def classifiers():
    tokenizer = word_piece()
    size = tokenizer.get_vocab_size()
    write(
        "bert",
        tokenizer,
        transformers.BertConfig(vocab_size=size, **SMALL, **THREE),
        transformers.BertForSequenceClassification,
    )
    write(
        "bert_regression",
        word_piece(),
        transformers.BertConfig(vocab_size=size, **SMALL, num_labels=1, problem_type="regression"),
        transformers.BertForSequenceClassification,
    )
    write(
        "distilbert",
        word_piece(),
        transformers.DistilBertConfig(
            vocab_size=size, dim=32, n_layers=2, n_heads=4, hidden_dim=48, max_position_embeddings=40, **THREE
        ),
        transformers.DistilBertForSequenceClassification,
    )
    tokenizer = byte_pairs()
    write(
        "roberta",
        tokenizer,
        transformers.RobertaConfig(
            vocab_size=tokenizer.get_vocab_size(), type_vocab_size=1, pad_token_id=1, **SMALL, **THREE
        ),
        transformers.RobertaForSequenceClassification,
    )
    tokenizer = unigram()
    write(
        "xlm_roberta",
        tokenizer,
        transformers.XLMRobertaConfig(
            vocab_size=tokenizer.get_vocab_size(), type_vocab_size=1, pad_token_id=1, **SMALL, **THREE
        ),
        transformers.XLMRobertaForSequenceClassification,
    )
    tokenizer = unigram()
    write(
        "deberta_v2",
        tokenizer,
        transformers.DebertaV2Config(
            vocab_size=tokenizer.get_vocab_size(),
            **SMALL,
            **THREE,
            pad_token_id=1,
            relative_attention=True,
            position_buckets=8,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
            type_vocab_size=0,
            pooler_hidden_size=32,
        ),
        transformers.DebertaV2ForSequenceClassification,
    )
    tokenizer = byte_pairs()
    write(
        "modernbert",
        tokenizer,
        transformers.ModernBertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            **{**SMALL, "num_hidden_layers": 3},
            **THREE,
            pad_token_id=1,
            bos_token_id=0,
            cls_token_id=0,
            eos_token_id=2,
            sep_token_id=2,
            local_attention=8,
            classifier_pooling="mean",
        ),
        transformers.ModernBertForSequenceClassification,
    )


def encoder():
    """A sentence encoder in the layout of sentence-transformers, and a linear head for it."""
    tokenizer = word_piece()
    torch.manual_seed(SEED)
    head = torch.nn.Linear(SMALL["hidden_size"], 3)

    def outputs(model, ids):
        mean = model(ids).last_hidden_state[0].mean(0)
        return head(mean / mean.norm())

    config = transformers.BertConfig(vocab_size=tokenizer.get_vocab_size(), **SMALL)
    write("encoder", tokenizer, config, transformers.BertModel, outputs)
    folder = HERE / "encoder"
    safetensors.torch.save_file(
        {"weight": head.weight.detach(), "bias": head.bias.detach()}, folder / "head.safetensors"
    )
    module = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1) + "\n")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {
        "word_embedding_dimension": SMALL["hidden_size"],
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False,
    }
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling, indent=1) + "\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    classifiers()
    encoder()
