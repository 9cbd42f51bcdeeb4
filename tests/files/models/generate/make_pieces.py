"""Writes pieces.gguf, SentencePiece's kind of tokenizer without a network, and what it makes of texts.

    pip install sentencepiece gguf
    python make_pieces.py

`pieces.json` holds, for each text, the tokens at the start of a prompt (`first`) and after other text
(`then`), where SentencePiece puts no space before it, and what the former are as text again.
"""

import io
import json
import pathlib
import random

import gguf
import sentencepiece
from sentencepiece import sentencepiece_model_pb2

HERE = pathlib.Path(__file__).parent
SEED = 20261125
WORDS = (
    "the a this your my our last first parcel card ticket invoice meeting refund account order is was "
    "has arrived late early lost paid today tomorrow please call send claim win free prize now thanks"
).split()
TEXTS = [
    "The parcel has arrived.",
    " no",
    "no",
    "  two  spaces and a tab\tand a line\nend ",
    "WIN a FREE prize now! Call 12345",
    "ünïcode, 日本 and 🙂",
    "tttttthethethe",
    "refundrefund account's",
    "▁ is a letter too",
    "please<|im_end|>",
    "",
    "a " * 30,
]


def trained():
    picks = random.Random(SEED)
    lines = (" ".join(picks.choice(WORDS) for _ in range(8)) + "." for _ in range(400))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_writer=model,
        model_type="bpe",
        vocab_size=420,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        user_defined_symbols=["<|im_end|>"],
        minloglevel=2,
    )
    return model.getvalue()


def without_prefix(model):
    described = sentencepiece_model_pb2.ModelProto.FromString(model)
    described.normalizer_spec.add_dummy_prefix = False
    return sentencepiece.SentencePieceProcessor(model_proto=described.SerializeToString())


def main():
    model = trained()
    pieces = sentencepiece_model_pb2.ModelProto.FromString(model).pieces
    writer = gguf.GGUFWriter(HERE / "pieces.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece.piece for piece in pieces])
    writer.add_token_scores([piece.score for piece in pieces])
    writer.add_token_types([piece.type for piece in pieces])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    first = sentencepiece.SentencePieceProcessor(model_proto=model)
    then = without_prefix(model)
    known = [
        {"text": text, "first": first.encode(text), "then": then.encode(text), "back": first.decode(first.encode(text))}
        for text in TEXTS
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in known)
    (HERE / "pieces.json").write_text(f"[\n{lines}\n]\n")


main()
