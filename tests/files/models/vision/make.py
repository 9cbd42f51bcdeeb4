"""Writes small image classifiers with random weights, and what transformers and timm answer.

Run with torch, transformers, timm, torchvision, pillow and safetensors at hand:
    python make.py
Each folder gets the files of a model, a card, and `expected.safetensors` with `images` (rows of
8-bit pixels, height x width x channels) and `logits` for them.
"""

import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.mobilenetv3 import MobileNetV3
from transformers import (
    ConvNextConfig,
    ConvNextForImageClassification,
    ConvNextImageProcessor,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
)

HERE = Path(__file__).parent
CLASSES = ["ant", "bee", "cat", "dog"]
ROWS = 3

CARD = """name = "{name}"
kind = "vision"
task = "multiclass"
classes = ["ant", "bee", "cat", "dog"]
origin = "random weights, written by make.py"

[[inputs]]
kind = "image"
column = "p*"
"""


def spread(model):
    """Random weights and statistics that make the logits differ clearly."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2.0)
            elif name.endswith("running_mean"):
                tensor.normal_(0, 0.2)
            elif name.endswith(("layer_scale_parameter", "gamma")):
                tensor.uniform_(0.3, 1.0)
            elif tensor.dim() == 1 and name.endswith("weight"):
                tensor.uniform_(0.7, 1.3)
            elif tensor.dtype == torch.float32 and tensor.dim() > 1:
                fan_in = tensor[0].numel()
                tensor.normal_(0, (1.6 / fan_in) ** 0.5)
            elif tensor.dtype == torch.float32:
                tensor.normal_(0, 0.1)
    return model.eval()


def pixels(height, width):
    """Smooth images with some noise, so that resizing matters."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    rows = []
    for row in range(ROWS):
        planes = [
            np.sin(x / (3 + row) + channel) + np.cos(y / (4 + channel) - row)
            for channel in range(3)
        ]
        image = np.stack(planes, -1) * 60 + 128 + np.random.normal(0, 12, (height, width, 3))
        rows.append(np.clip(image, 0, 255).astype(np.uint8))
    return np.stack(rows)


def write(name, model, images, inputs):
    folder = HERE / name
    (folder / "card.toml").write_text(CARD.format(name=name))
    with torch.no_grad():
        logits = model(inputs)
        logits = getattr(logits, "logits", logits)
    save_file(
        {
            "images": torch.from_numpy(images),
            "inputs": inputs.permute(0, 2, 3, 1).contiguous(),
            "logits": logits.contiguous(),
        },
        folder / "expected.safetensors",
    )
    sizes = sum(path.stat().st_size for path in folder.iterdir())
    print(name, f"{sizes / 1000:.0f} kB", logits[0].tolist())


def labels(config):
    config.id2label = dict(enumerate(CLASSES))
    config.label2id = {name: index for index, name in enumerate(CLASSES)}
    return config


def hugging_face(name, model, processor, images):
    spread(model).save_pretrained(HERE / name)
    processor.save_pretrained(HERE / name)
    inputs = processor(images=[Image.fromarray(image) for image in images], return_tensors="pt")
    write(name, model, images, inputs["pixel_values"])


def resnet(kind):
    config = labels(
        ResNetConfig(embedding_size=8, hidden_sizes=[16, 32], depths=[1, 2], layer_type=kind)
    )
    processor = ConvNextImageProcessor(
        size={"shortest_edge": 28}, crop_pct=0.875, resample=3, do_resize=False,
        do_center_crop=True, crop_size={"height": 28, "width": 28},
    )
    hugging_face(f"resnet_{kind}", ResNetForImageClassification(config), processor, pixels(28, 28))


def vit():
    config = labels(
        ViTConfig(
            hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
            image_size=24, patch_size=8,
        )
    )
    processor = ViTImageProcessor(size={"height": 24, "width": 24})
    hugging_face("vit", ViTForImageClassification(config), processor, pixels(24, 24))


def convnext():
    config = labels(ConvNextConfig(hidden_sizes=[8, 12, 16, 24], depths=[1, 1, 2, 1]))
    processor = ConvNextImageProcessor(size={"shortest_edge": 384}, do_resize=False,
                                       do_center_crop=True, crop_size={"height": 32, "width": 32})
    hugging_face("convnext", ConvNextForImageClassification(config), processor, pixels(32, 32))


def mobilenet():
    blocks = decode_arch_def([
        ["cn_r1_k3_s2_e1_c8", "cn_r1_k1_s1_e1_c8"],
        ["er_r1_k3_s2_e2_c12"],
        ["uir_r1_a5_k5_s2_e2_c16", "uir_r1_a0_k3_s1_e2_c16", "uir_r1_a3_k0_s1_e2_c16"],
        ["uir_r1_a3_k0_s2_e2_c20", "uir_r1_a0_k0_s1_e2_c20"],
        ["cn_r1_k1_s1_c32"],
    ])
    model = MobileNetV3(
        block_args=blocks, num_classes=len(CLASSES), num_features=40, stem_size=8,
        head_bias=False, head_norm=True, act_layer=torch.nn.ReLU, layer_scale_init_value=1e-5,
    )
    spread(model)
    folder = HERE / "mobilenetv4"
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / "model.safetensors")
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    config = {
        "architecture": "mobilenetv4_conv_small",
        "num_classes": len(CLASSES),
        "label_names": CLASSES,
        "pretrained_cfg": {
            "input_size": [3, 32, 32], "interpolation": "bicubic", "crop_pct": 1.0,
            "crop_mode": "center", "mean": mean, "std": std,
        },
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    images = pixels(32, 32)
    inputs = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    inputs = (inputs - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    write("mobilenetv4", model, images, inputs)


def resizing():
    """What Pillow makes of one image with each filter and in both directions."""
    image = pixels(37, 53)[0]
    tensors = {"image": torch.from_numpy(image)}
    for number, name in enumerate(["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]):
        for height, width in [(16, 21), (64, 40)]:
            resized = Image.fromarray(image).resize((width, height), number)
            tensors[f"{name}_{height}"] = torch.from_numpy(np.array(resized))
    save_file(tensors, HERE / "resized.safetensors")


def encoded():
    """One image as PNG and JPEG, and what transformers' processors make of both."""
    image = Image.fromarray(pixels(61, 47)[0])
    tensors = {}
    for kind, options in [("png", {}), ("jpeg", {"quality": 90})]:
        file = io.BytesIO()
        image.save(file, kind, **options)
        tensors[kind] = torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)
        decoded = Image.open(io.BytesIO(file.getvalue())).convert("RGB")
        for name, processor in [
            ("vit", ViTImageProcessor(size={"height": 24, "width": 24})),
            ("convnext", ConvNextImageProcessor(size={"shortest_edge": 32}, crop_pct=0.7)),
        ]:
            if kind == "png":
                processor.save_pretrained(HERE / "processors" / name)
            values = processor(images=decoded, return_tensors="pt")["pixel_values"][0]
            tensors[f"{name}_{kind}"] = values.permute(1, 2, 0).contiguous()
    save_file(tensors, HERE / "encoded.safetensors")


if __name__ == "__main__":
    torch.manual_seed(7)
    np.random.seed(7)
    resnet("basic")
    resnet("bottleneck")
    vit()
    convnext()
    mobilenet()
    resizing()
    encoded()
