//! Archives that PyTorch and NumPy wrote; `tests/files/models/archives/make.py` made them.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::super::weights::{self, Weights};
use super::*;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/archives").join(name)
}

#[test]
fn tensors_are_those_that_were_saved() {
    for name in ["state.pt", "checkpoint.pt", "arrays.npz"] {
        let bytes = weights::read(&file(name)).unwrap();
        let weights = Weights::parse(&bytes, &file(name)).unwrap();
        let expected: [(&str, &[usize], &[f32]); 5] = [
            ("first.weight", &[2, 3], &[0.0, 0.25, 0.5, 0.75, 1.0, 1.25]),
            ("turned.weight", &[3, 2], &[0.0, 0.75, 0.25, 1.0, 0.5, 1.25]),
            ("second_row", &[3], &[0.75, 1.0, 1.25]),
            ("half", &[2], &[0.5, -2.0]),
            ("parameter", &[2], &[1.0, 2.0]),
        ];
        for (tensor, shape, values) in expected {
            let found = weights.tensor(tensor).unwrap();
            assert_eq!(
                (found.shape.as_slice(), found.values.as_slice()),
                (shape, values),
                "{name}"
            );
        }
        assert_eq!(weights.shape("count"), Some(Vec::new()), "{name}");
    }
}

#[test]
fn what_would_have_to_be_executed_is_refused_with_a_way_out() {
    let cases = [
        ("old.pt", "old format of PyTorch"),
        ("whole.pt", "model.state_dict()"),
        ("script.pt", "TorchScript"),
        ("compressed.npz", "save NumPy's arrays with `numpy.savez`"),
    ];
    for (name, expected) in cases {
        let fault = weights::read(&file(name)).unwrap_err().to_string();
        assert!(fault.contains(expected), "{name}: {fault}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged archive says, it is refused or read.
    #[test]
    fn damaged_archives_never_bring_the_program_down(
        name in prop::sample::select(vec!["state.pt", "arrays.npz"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = std::fs::read(file(name)).unwrap();
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        let _ = to_safetensors(&bytes);
        // The checksums of a zip file find most damage; the pickle alone must do without.
        let _ = pickle::tensors(&bytes);
    }

    #[test]
    fn damaged_pickles_never_bring_the_program_down(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let bytes = std::fs::read(file("state.pt")).unwrap();
        let mut zip = ZipArchive::new(Cursor::new(bytes.as_slice())).unwrap();
        let mut pickled = entry(&mut zip, "state/data.pkl", MOST_PICKLE).unwrap();
        for (at, byte) in damage {
            *at.get_mut(&mut pickled) = byte;
        }
        for (_, listed) in pickle::tensors(&pickled).unwrap_or_default() {
            let _ = listed.place.plain(&[0; 64]);
        }
    }
}
