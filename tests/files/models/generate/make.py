"""Writes the small random language models of this folder as GGUF, and what transformers answers.

    pip install torch transformers tokenizers gguf
    python make.py

Nothing is trained: the weights are random numbers from one seed, so the answers mean nothing and
only their equality counts. `expected.json` holds prompts with, for each file, the scores of the next
token, the tokens that are written greedily, and the log-likelihood of each choice; torch computes
with the numbers that the file's quantisation leaves.
"""

import json
import pathlib

import gguf
import numpy
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
SEED = 20261125
WORDS = (
    "the a this your my our last first parcel card ticket invoice meeting refund account order is was "
    "has arrived late early lost paid today tomorrow please call send claim win free prize now thanks"
).split()
PROMPTS = ["The parcel has arrived.", "WIN a FREE prize now! Call 12345", "<|im_start|>ünïcode<|im_end|>\n", "a " * 30]
CHOICES = [" no", " yes", " perhaps"]


def vocabulary():
    generator = torch.Generator().manual_seed(SEED)
    picks = (torch.randint(len(WORDS), (8,), generator=generator).tolist() for _ in range(400))
    tokenizer = Tokenizer(models.BPE())
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.train_from_iterator(
        (" ".join(WORDS[pick] for pick in line) + "." for line in picks),
        trainers.BpeTrainer(
            vocab_size=320,
            special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def network(size):
    torch.manual_seed(SEED)
    config = transformers.LlamaConfig(
        vocab_size=size,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        rope_theta=10000.0,
        tie_word_embeddings=True,
        attn_implementation="eager",
    )
    model = transformers.LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def interleaved(weight, heads):
    """GGUF rotates neighbours, transformers halves: the rows of each head lie otherwise."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def halves(weight, heads):
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def gguf_name(name):
    name = name.removesuffix(".weight").removeprefix("model.")
    if name.startswith("layers."):
        _, number, part = name.split(".", 2)
        return f"blk.{number}.{NAMES[part]}.weight"
    return {"embed_tokens": "token_embd.weight", "norm": "output_norm.weight"}[name]


def write(name, tokenizer, model, kind):
    """Writes the file, and puts into the model the numbers that are left."""
    config = model.config
    writer = gguf.GGUFWriter(HERE / f"{name}.gguf", "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    described = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(described["vocab"], key=described["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    special = gguf.TokenType.CONTROL
    writer.add_token_types([special if token.startswith("<|") else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in described["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            target = gguf_name(key)
            part = target.split(".")[-2]
            weight = parameter.numpy()
            if part in heads:
                weight = interleaved(weight, heads[part])
            if weight.ndim == 1:
                writer.add_tensor(target, weight)
                continue
            quantised = gguf.quants.quantize(weight, kind)
            writer.add_tensor(target, quantised, raw_dtype=kind)
            left = gguf.quants.dequantize(quantised, kind)
            if part in heads:
                left = halves(left, heads[part])
            parameter.copy_(torch.from_numpy(numpy.ascontiguousarray(left)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def answers(tokenizer, model):
    choices = [tokenizer.encode(choice, add_special_tokens=False).ids for choice in CHOICES]
    cases = []
    with torch.no_grad():
        for prompt in PROMPTS:
            ids = tokenizer.encode(prompt, add_special_tokens=False).ids
            written = list(ids)
            for _ in range(6):
                written.append(int(model(torch.tensor([written])).logits[0, -1].argmax()))
            likelihoods = []
            for choice in choices:
                scores = model(torch.tensor([ids + choice])).logits[0].double().log_softmax(-1)
                places = range(len(ids) - 1, len(ids) + len(choice) - 1)
                likelihoods.append(round(sum(float(scores[p, t]) for p, t in zip(places, choice)), 6))
            cases.append({"prompt": prompt, "ids": ids, "written": written[len(ids) :], "likelihoods": likelihoods})
    return cases


if __name__ == "__main__":
    tokenizer = vocabulary()
    kinds = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_1": gguf.GGMLQuantizationType.Q4_1}
    expected = {}
    for name, kind in kinds.items():
        model = network(tokenizer.get_vocab_size())
        write(name, tokenizer, model, kind)
        expected[name] = answers(tokenizer, model)
    (HERE / "expected.json").write_text(json.dumps({"choices": CHOICES, "files": expected}) + "\n")
