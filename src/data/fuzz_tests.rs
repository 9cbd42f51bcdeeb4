//! Damaged files of every format: an error or a table, never a panic.

use polars_arrow::io::ipc::write::Compression;
use polars_parquet::write::CompressionOptions;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::samples::{TempFile, columns, ipc_bytes, ipc_stream_bytes, parquet_bytes};

fn originals() -> Vec<(&'static str, Vec<u8>)> {
    let csv = "id,when,amount,label\n1,2024-03-01,2.5,good\n2,\"2024-03-02\",x,bad\n".repeat(20);
    let json =
        "{\"id\": 1, \"when\": \"2024-03-01\", \"ok\": true, \"deep\": {\"a\": [1]}}\n".repeat(20);
    let zstd = Some(Compression::ZSTD(Default::default()));
    vec![
        ("a.csv", csv.into_bytes()),
        ("b.ndjson", json.into_bytes()),
        ("c.parquet", parquet_bytes(columns(), CompressionOptions::Uncompressed)),
        ("d.parquet", parquet_bytes(columns(), CompressionOptions::Snappy)),
        ("e.arrow", ipc_bytes(columns(), None)),
        ("f.arrow", ipc_bytes(columns(), zstd)),
        ("g.arrows", ipc_stream_bytes(columns())),
    ]
}

/// One damage: bytes at a place are overwritten, cut out or doubled.
#[derive(Clone, Debug)]
enum Damage {
    Set(Vec<u8>),
    Cut(usize),
    Double(usize),
}

fn damage() -> impl Strategy<Value = (f64, Damage)> {
    let extreme = prop_oneof![
        Just(vec![0xFF; 4]),
        Just(vec![0xFF, 0xFF, 0xFF, 0x7F]),
        Just(vec![0; 8]),
        Just(vec![0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
    ];
    let change = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 1..5).prop_map(Damage::Set),
        3 => extreme.prop_map(Damage::Set),
        1 => (1_usize..200).prop_map(Damage::Cut),
        1 => (1_usize..200).prop_map(Damage::Double),
    ];
    (0.0..1.0, change)
}

fn damaged(bytes: &[u8], damages: &[(f64, Damage)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, damage) in damages {
        let at = (place * bytes.len() as f64) as usize;
        match damage {
            Damage::Set(new) => {
                for (to, from) in bytes.iter_mut().skip(at).zip(new) {
                    *to = *from;
                }
            }
            Damage::Cut(length) => {
                bytes.drain(at..bytes.len().min(at + length));
            }
            Damage::Double(length) => {
                let part: Vec<u8> = bytes.iter().skip(at).take(*length).copied().collect();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

fn survives(name: &str, bytes: &[u8]) {
    match TempFile::new(name, bytes).load() {
        Ok(data) => {
            for column in &data.table.columns {
                // Reads every value, so that a column of another length shows.
                let values = (0..data.table.rows).filter(|row| column.values.is_missing(*row));
                assert!(values.count() <= data.table.rows);
            }
            assert_eq!(data.profiles.len(), data.table.columns.len());
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}

proptest! {
    // The same files in every run.
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(20_261_125),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn damaged_files_end_in_a_message_or_a_table(
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        for (name, bytes) in originals() {
            survives(name, &damaged(&bytes, &damages));
        }
    }

    #[test]
    fn any_bytes_end_in_a_message_or_a_table(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for name in ["a.csv", "b.ndjson", "c.parquet", "d.arrow", "e"] {
            survives(name, &bytes);
        }
        survives("f.parquet", &[b"PAR1", bytes.as_slice(), b"PAR1"].concat());
        survives("g.arrow", &[b"ARROW1\0\0", bytes.as_slice(), b"ARROW1"].concat());
    }
}

#[test]
fn files_that_end_too_early_end_in_a_message_or_a_table() {
    for (name, bytes) in originals() {
        for length in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
            survives(name, &bytes[..length]);
        }
    }
}
