//! Each architecture held to the framework that wrote it, and what is refused.

use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use tempfile::TempDir;

use super::image::Image;
use super::preprocess::Preprocess;
use super::resize::{Filter, resized};
use crate::domain::table::Blobs;
use crate::domain::{Column, Progress, Table, Values};
use crate::models::fixture::{folder, numbers, open_on_device, table, tensor, tolerance};
use crate::models::{DeviceChoice, Hints, Model, card_path, open, propose_card};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/vision")
}

fn tensors(path: &Path) -> std::collections::HashMap<String, Tensor> {
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// A table with a column per pixel.
fn pixels(images: &Tensor) -> Table {
    let rows = images.dim(0).unwrap();
    let all = values(images);
    let each = all.len() / rows;
    let column = |pixel: usize| Column {
        name: format!("p{pixel}"),
        values: Values::Number((0..rows).map(|row| f64::from(all[row * each + pixel])).collect()),
    };
    table((0..each).map(column).collect())
}

/// The raw outputs for all rows.
fn ask(model: &Model, table: &Table) -> Vec<f32> {
    let bound = model.bind(table).unwrap();
    model.ask(&*bound, 0, table.rows).unwrap()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn folders_answer_as_their_frameworks_do() {
    for name in ["resnet_basic", "resnet_bottleneck", "vit", "convnext", "mobilenetv4"] {
        let path = fixtures().join(name);
        let expected = tensors(&path.join("expected.safetensors"));
        let model = open_on_device(&path);
        let answers = ask(&model, &pixels(&expected["images"]));
        let difference = largest_difference(&answers, &values(&expected["logits"]));
        assert!(difference < tolerance(2e-5), "{name}: {difference} ({})", model.describe());
    }
}

#[test]
fn resizing_is_pillows_to_the_bit() {
    let all = tensors(&fixtures().join("resized.safetensors"));
    let image = |tensor: &Tensor| {
        let (height, width, channels) = tensor.dims3().unwrap();
        let bytes = tensor.flatten_all().unwrap().to_vec1().unwrap();
        Image { width, height, channels, bytes }
    };
    let whole = image(&all["image"]);
    for name in ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"] {
        let filter = Filter::by_name(name).unwrap();
        for height in [16, 64] {
            let expected = image(&all[&format!("{name}_{height}")]);
            let found = resized(&whole, expected.width, expected.height, filter);
            assert_eq!(found, expected, "{name} to {height}");
        }
    }
}

#[test]
fn encoded_images_become_what_transformers_makes_of_them() {
    let all = tensors(&fixtures().join("encoded.safetensors"));
    for name in ["vit", "convnext"] {
        let path = fixtures().join("processors").join(name).join("preprocessor_config.json");
        let config = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let preprocess = Preprocess::new(&config, 3, None).unwrap();
        // transformers resizes with torchvision, which rounds otherwise than Pillow here and there;
        // JPEG decoders may differ by a few steps of 255 as well. After the division by 0.5 a step
        // is 0.0079.
        for (kind, steps) in [("png", 1.0), ("jpeg", 3.0)] {
            let bytes: Vec<u8> = all[kind].to_vec1().unwrap();
            let mut found = Vec::new();
            preprocess.apply(Image::decode(&bytes, 3).unwrap(), &mut found).unwrap();
            let difference = largest_difference(&found, &values(&all[&format!("{name}_{kind}")]));
            assert!(difference < steps * 0.008, "{name} {kind}: {difference}");
        }
    }
}

#[test]
fn weights_may_lie_in_the_frameworks_other_file() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["config.json", "preprocessor_config.json", "model.safetensors"] {
        std::fs::copy(fixtures().join("vit").join(file), dir.path().join(file)).unwrap();
    }
    let weights = dir.path().join("pytorch_model.bin");
    std::fs::rename(dir.path().join("model.safetensors"), &weights).unwrap();
    for path in [dir.path(), &weights] {
        let card = propose_card(path, &Hints::default()).unwrap();
        assert!(card.contains("weights = \"pytorch_model.bin\""), "{card}");
        std::fs::write(card_path(path), card).unwrap();
        open(path, &DeviceChoice::Cpu).unwrap();
    }
}

#[test]
fn files_in_a_column_are_read_and_faults_name_their_row() {
    let all = tensors(&fixtures().join("encoded.safetensors"));
    let png: Vec<u8> = all["png"].to_vec1().unwrap();
    let mut blobs = Blobs::default();
    blobs.push(&png);
    blobs.push(&png[..png.len() / 2]);
    let card = CARD.replace("p*", "picture").replace("channels = 1", "channels = 3");
    let dir = stack(&card, &[2, 2]);
    let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
    let values = Values::Bytes(blobs);
    let mut table = table(vec![Column { name: "picture".to_owned(), values }]);
    let fault = model.score(&table, &Progress::default()).unwrap_err().to_string();
    assert!(fault.contains("the image of row 2 is damaged or cut short"), "{fault}");
    table.rows = 1;
    assert!(model.score(&table, &Progress::default()).is_ok());
}

const CARD: &str = r#"
name = "Stack"
kind = "layers"
task = "multiclass"
classes = ["a", "b"]
[[inputs]]
kind = "image"
column = "p*"
height = 2
width = 2
rescale = 1.0
[[stack]]
op = "conv2d"
weight = "c.weight"
padding = 1
activation = "relu"
[[stack]]
op = "max_pool"
size = 2
[[stack]]
op = "flatten"
[[stack]]
op = "dense"
weight = "d.weight"
"#;

/// A convolution that keeps each pixel and its negative, and a dense layer that keeps both.
fn stack(card: &str, dense: &[usize]) -> TempDir {
    let mut kernel = [0.0; 18];
    (kernel[4], kernel[13]) = (1.0, -1.0);
    let identity: Vec<f32> =
        (0..dense.iter().product()).map(|i| [1.0, 0.0, 0.0, 1.0][i % 4]).collect();
    folder(
        card,
        &[tensor("c.weight", &[2, 1, 3, 3], &kernel), tensor("d.weight", dense, &identity)],
    )
}

fn two_images() -> Table {
    table((0..4).map(|p| numbers(&format!("p{p}"), &[f64::from(p), -f64::from(p)])).collect())
}

#[test]
fn stacks_are_computed_layer_by_layer() {
    let dir = stack(CARD, &[2, 2]);
    let model = open_on_device(dir.path());
    assert_eq!(ask(&model, &two_images()), vec![3.0, 0.0, 0.0, 3.0]);
}

#[test]
fn stacks_that_do_not_fit_are_told_with_both_sides() {
    let said = |card: &str, dense: &[usize]| {
        open(stack(card, dense).path(), &DeviceChoice::Cpu).unwrap_err().to_string()
    };
    let fault = said(CARD, &[2, 4]);
    assert!(fault.contains("Layer 4: `d.weight` has the shape [2, 4]"), "{fault}");
    assert!(fault.contains("reads 2 numbers, so [2, 2]"), "{fault}");
    let fault = said(&CARD.replace("op = \"flatten\"", "op = \"dropout\""), &[2, 2]);
    assert!(fault.contains("put a flatten step before it"), "{fault}");
    let fault = said(&CARD.replace("size = 2", "size = 9"), &[2, 2]);
    assert!(fault.contains("cannot read images of 2 × 2 with 2 channels"), "{fault}");
    let fault = said(&CARD.replace("height = 2", "height = 900000000"), &[2, 2]);
    assert!(fault.contains("900000000 pixels"), "{fault}");
}

#[test]
fn tables_that_do_not_fit_are_told() {
    let dir = stack(CARD, &[2, 2]);
    let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
    let told =
        |table: &Table| model.mismatches(table).iter().map(ToString::to_string).collect::<String>();
    let mut few = two_images();
    few.columns.truncate(3);
    assert!(told(&few).contains("finds 3 pixels in the dataset, the model reads 4"));
    assert!(told(&table(vec![numbers("q0", &[1.0])])).contains("no column such as `p0`"));
    let mut gap = two_images();
    gap.columns[2] = numbers("p2", &[1.0, f64::NAN]);
    let fault = model.score(&gap, &Progress::default()).unwrap_err().to_string();
    assert!(fault.contains("pixel 2 of row 2 is missing"), "{fault}");
}

/// A copy of a fixture with one file changed.
fn changed(name: &str, file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(fixtures().join(name)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let path = dir.path().join(file);
    match change(std::fs::read(&path).unwrap()) {
        bytes if bytes.is_empty() => std::fs::remove_file(&path).unwrap(),
        bytes => std::fs::write(&path, bytes).unwrap(),
    }
    open(dir.path(), &DeviceChoice::Cpu).unwrap_err().to_string()
}

#[test]
fn broken_folders_end_in_a_sentence() {
    let text = |from: &'static str, to: &'static str| {
        move |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replacen(from, to, 1).into_bytes()
    };
    let fault = changed("vit", "model.safetensors", |bytes| bytes[..bytes.len() / 2].to_vec());
    assert!(fault.contains("do not match their header"), "{fault}");
    let fault = changed("vit", "preprocessor_config.json", |_| Vec::new());
    assert!(fault.contains("has no preprocessor_config.json"), "{fault}");
    let fault = changed("vit", "config.json", text("\"vit\"", "\"swin\""));
    assert!(fault.contains("`model_type` is `swin`"), "{fault}");
    let fault = changed("vit", "config.json", text("\"patch_size\": 8", "\"patch_size\": 0"));
    assert!(fault.contains("patches of 0 pixels"), "{fault}");
    let fault = changed("resnet_basic", "config.json", text("16,", "1600000000000,"));
    assert!(fault.contains("asks for [1600000000000, 8, 3, 3]"), "{fault}");
    let fault = changed(
        "resnet_basic",
        "config.json",
        text("    2\n  ],\n  \"down", "    1\n  ],\n  \"down"),
    );
    assert!(fault.contains("tensors that this architecture does not know"), "{fault}");
    let fault = changed("mobilenetv4", "config.json", text("v4_conv_small", "v4_conv_aa_large"));
    assert!(fault.contains("Export others to ONNX"), "{fault}");
    // The last weight of the file becomes NaN.
    let fault = changed("vit", "model.safetensors", |mut bytes| {
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    });
    assert!(fault.contains("has NaN at index"), "{fault}");
}

#[test]
fn damaged_and_hostile_images_are_refused() {
    let said = |bytes: &[u8]| Image::decode(bytes, 3).unwrap_err();
    assert!(said(b"").contains("no bytes"));
    assert!(said(b"GIF89a").contains("neither a PNG nor a JPEG"));
    assert!(said(b"\x89PNG\r\n\x1a\nshort").contains("damaged or cut short"));
    assert!(said(b"\xff\xd8\xff\xe0").contains("damaged or cut short"));
    // A valid header that claims 60,000 × 60,000 pixels.
    let mut bomb = Vec::new();
    let mut encoder = png::Encoder::new(&mut bomb, 60_000, 60_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_chunk(png::chunk::IDAT, &[]).unwrap();
    assert!(said(&bomb).contains("60000 × 60000 pixels"), "{}", said(&bomb));
}
