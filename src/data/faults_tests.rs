//! What a person is told about files that are not as they should be, format by format.

use std::fs::File;

use polars_arrow::array::NullArray;
use polars_arrow::datatypes::ArrowDataType;
use polars_arrow::io::ipc::write::Compression;
use polars_parquet::write::CompressionOptions;

use super::dataset::load_within;
use super::samples::{
    TempFile, columns, ipc_bytes, ipc_stream_bytes, loaded, parquet_bytes, refused, sample_data,
    told,
};
use super::{Dataset, Error, Format, guess_roles, load, rows};
use crate::domain::{Labels, Progress, Values};

fn shown(dataset: &Dataset, column: &str) -> Vec<String> {
    let column = dataset.table.column(column).unwrap();
    (0..dataset.table.rows).map(|row| column.values.show(row)).collect()
}

#[test]
fn csv_dialects_are_found_without_being_told() {
    for text in [
        "a,b\n1.5,x\n2,\"y, z\"\n",
        "\u{feff}a;b\r\n1,5;x\r\n2;\"y, z\"\r\n",
        "a\tb\n1.5\tx\n2\ty, z\n",
        "a|b\n1.5|x\n2|y, z\n",
    ] {
        let data = loaded("data.csv", text);
        assert_eq!(shown(&data, "a"), ["1.5", "2"], "{text:?}");
        assert_eq!(shown(&data, "b"), ["x", "y, z"], "{text:?}");
    }
}

#[test]
fn ragged_rows_are_read_and_told() {
    let data = loaded("data.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n");
    assert_eq!(shown(&data, "c"), ["3", "", "8"]);
    let told = told(&data);
    assert!(told[0].starts_with("Row 2: 2 values where there should be 3"), "{told:?}");
    assert!(told[1].starts_with("Row 3: 4 values where there should be 3"), "{told:?}");
}

#[test]
fn a_thousand_faults_alike_are_told_in_a_few_lines() {
    let text = format!("a,b\n{}", "1\n".repeat(1_000));
    let told = told(&loaded("data.csv", text));
    assert_eq!(told.len(), 11);
    assert_eq!(told[10], "990 more short rows");
}

#[test]
fn other_encodings_are_read_as_latin_1_and_told_with_their_row() {
    let data = loaded("data.csv", b"name,city\nAnna,Ulm\nJos\xE9,K\xF6ln\n");
    assert_eq!(shown(&data, "city"), ["Ulm", "Köln"]);
    let told = told(&data);
    assert!(told[0].starts_with("Row 2, column `name`: This is not UTF-8"), "{told:?}");
}

#[test]
fn columns_without_a_name_of_their_own_get_one() {
    let data = loaded("data.csv", "a,,a\n1,2,3\n");
    let names: Vec<&str> = data.table.names().collect();
    assert_eq!(names, ["a", "column_2", "a_2"]);
    let told = told(&data);
    assert!(
        told.iter().any(|t| t == "Column `a_2`: `a` names two columns; this one is called `a_2`")
    );
}

#[test]
fn files_without_a_table_are_refused_with_the_reason() {
    assert_eq!(refused("data.csv", ""), "The file is empty");
    assert_eq!(refused("data.csv", "\n\n"), "The file is empty");
    assert_eq!(refused("data.csv", "a,b\n"), "The file names 2 columns but has no rows below them");
    assert!(refused("data.csv", b"PK\x03\x04rest").contains("zip file or a spreadsheet"));
    assert!(refused("data.csv", "a,b\n1,\0\n").contains("zero bytes"));
    assert!(refused("data.json", "[{\"a\": 1}]").contains("one object a line"));
    assert!(refused("data.parquet", "a,b\n1,2\n").contains("the content is text"));
    let folder = tempfile::tempdir().unwrap();
    let fault = load(folder.path(), &Progress::default()).unwrap_err().to_string();
    assert!(fault.starts_with("This is a folder"), "{fault}");
}

#[test]
fn a_quote_that_is_never_closed_is_suspected() {
    let text = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(2_000));
    let told = told(&loaded("data.csv", text));
    assert!(told[0].starts_with("Row 1: This row covers 2001 lines"), "{told:?}");
}

#[test]
fn ndjson_takes_columns_as_they_come_and_tells_of_nested_and_broken_lines() {
    let mut text = String::new();
    for row in 0..20 {
        text += &format!("{{\"n\": {row}, \"who\": \"u{row}\"}}\n");
    }
    text += "{\"n\": 1.5, \"late\": true, \"list\": [1]}\n{oops\n";
    let data = loaded("data.ndjson", text);
    assert_eq!((data.format, data.table.rows), (Format::NdJson, 22));
    assert_eq!(shown(&data, "n")[19..], ["19", "1.5", ""]);
    assert_eq!(shown(&data, "late")[19..], ["", "true", ""]);
    let told = told(&data);
    assert!(told.iter().any(|t| t.starts_with("Row 22: This line is no JSON object")), "{told:?}");
    assert!(told.iter().any(|t| t.starts_with("Row 21, column `list`")), "{told:?}");
    assert!(refused("data.ndjson", "1\n2\n{\"a\": 1}\n").contains("damaged at row 1"));
}

#[test]
fn typed_files_become_the_same_table_in_every_format() {
    let zstd = Some(Compression::ZSTD(Default::default()));
    for (name, bytes) in [
        ("plain.parquet", parquet_bytes(columns(), CompressionOptions::Uncompressed)),
        ("packed.parquet", parquet_bytes(columns(), CompressionOptions::Snappy)),
        ("plain.arrow", ipc_bytes(columns(), None)),
        ("packed.arrow", ipc_bytes(columns(), zstd)),
        ("stream.arrows", ipc_stream_bytes(columns())),
    ] {
        let data = loaded(name, bytes);
        let first = |column: &str| shown(&data, column)[..3].to_vec();
        assert_eq!(first("income"), ["1500.5", "", "-2"], "{name}");
        assert_eq!(first("small"), ["1", "255", ""], "{name}");
        assert_eq!(first("account"), ["9007199254740993", "5", ""], "{name}");
        assert_eq!(first("home"), ["rent", "", "owner"], "{name}");
        assert_eq!(first("day"), ["2024-03-01 00:00:00", "", "2024-03-02 00:00:00"], "{name}");
        assert_eq!(first("is_new"), ["true", "false", ""], "{name}");
        assert_eq!(first("at")[0], "2024-03-01 12:00:00", "{name}");
        assert_eq!(first("price"), ["12.5", "-0.01", ""], "{name}");
        assert_eq!(first("photo"), ["4 bytes", "", "1 byte"], "{name}");
        assert_eq!(first("image"), ["4 bytes", "", ""], "{name}");
        assert_eq!(first("pixels"), ["1 byte", "", ""], "{name}");
        let told = told(&data);
        assert!(told.iter().any(|t| t.starts_with("Row 3, column `pixels`")), "{name}: {told:?}");
        assert!(data.table.column("items").is_none(), "{name}");
        assert!(told.iter().any(|t| t.starts_with("Column `items`: Lists")), "{name}: {told:?}");
    }
}

#[test]
fn a_sparse_file_of_10_gb_is_refused_at_once() {
    let file = TempFile::new("data.csv", "a,b\n1,2\n");
    File::options().write(true).open(&file.path).unwrap().set_len(10_000_000_000).unwrap();
    let progress = Progress::default();
    let fault = load(&file.path, &progress).unwrap_err();
    assert_eq!(progress.done(), 0, "its size is enough to tell");
    assert!(fault.to_string().contains("10.0 GB"), "{fault}");
}

#[test]
fn a_table_that_outgrows_its_memory_is_refused_early_or_on_the_way() {
    let lines: String = (0..50_000).map(|row| format!("{row},name{row}\n")).collect();
    let file = TempFile::new("data.csv", format!("a,b\n{lines}"));
    let progress = Progress::default();
    let fault = load_within(&file.path, &progress, 1_000_000).unwrap_err();
    assert!(matches!(fault, Error::TooLarge { .. }), "{fault}");
    assert_eq!(progress.done(), 0, "the first rows are enough to tell");
    // Short rows first, so the need shows late.
    let late = format!("a,b\n{}{lines}", "1,x\n".repeat(2_000));
    let file = TempFile::new("data.csv", late);
    let fault = load_within(&file.path, &progress, 3_000_000).unwrap_err();
    assert!(matches!(fault, Error::TooLarge { .. }), "{fault}");
    assert!(progress.done() > 2_000);
}

#[test]
fn a_cancelled_load_stops() {
    let file = TempFile::new("data.csv", format!("a\n{}", "1\n".repeat(100_000)));
    let progress = Progress::default();
    progress.cancel();
    assert!(matches!(load(&file.path, &progress), Err(Error::Cancelled)));
}

#[test]
fn the_sample_data_loads_clean_with_the_roles_that_its_plans_name() {
    let progress = Progress::default();
    let loans = load(&sample_data("loans/loans.csv"), &progress).unwrap();
    assert_eq!((loans.table.rows, progress.done()), (2_454, 2_454));
    assert!(loans.problems.is_empty(), "{:?}", told(&loans));
    let source = guess_roles(&loans.table).source;
    assert_eq!(source.label.as_deref(), Some("status"));
    assert_eq!(source.time.as_deref(), Some("applied_at"));
    assert_eq!(source.user.as_deref(), Some("applicant"));
    assert_eq!(source.value.as_deref(), Some("margin"));
    let (read, _) = rows(&loans.table, &source, None).unwrap();
    let Labels::Classes { names, codes } = read.labels else { panic!("no classes") };
    assert_eq!(names, ["good", "bad"]);
    assert_eq!(codes.len(), 2_454);

    let churn = load(&sample_data("churn/churn.csv"), &progress).unwrap();
    let source = guess_roles(&churn.table).source;
    assert_eq!(source.label.as_deref(), Some("churn"));
    assert_eq!(source.user.as_deref(), Some("customer"));
    let area = churn.table.column("area_code").unwrap();
    assert!(matches!(area.values, Values::Text { .. }));
}

#[test]
fn an_arrow_file_of_a_few_bytes_cannot_claim_millions_of_rows() {
    let rows = 100_000_000;
    let nothing = NullArray::new(ArrowDataType::Null, rows).boxed();
    let bytes = ipc_bytes(vec![("nothing", nothing)], None);
    assert!(bytes.len() < 2_000);
    let told = refused("a.arrow", bytes);
    assert!(told.contains("more rows than it has values"), "{told}");
}
