//! Ed25519 keys of a person, and signatures over sign-offs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey, VerifyingKey};

use super::error::{Error, Problem};
use crate::domain::{Seal, SignOff, Signature};

/// The first line of a key's file.
const HEAD: &str = "rehearsal signing key 1";

/// A person's secret key.
pub struct Key(SigningKey);

impl Key {
    /// Where a person's key lies: beside the program's settings.
    pub fn default_path() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "rehearsal")?;
        Some(folders.config_dir().join("signing.key"))
    }

    /// Makes a new key and writes it to a file that only its owner may read.
    ///
    /// # Errors
    /// If there is a file already: a key that is lost cannot be had back.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let at = |problem| Error { problem, path: path.to_owned() };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| at(Problem::NoRandomness))?;
        let key = Self(SigningKey::from_bytes(&secret));
        write_secret(path, &format!("{HEAD}\n{}\n", hex(&secret)))
            .map_err(Problem::io("Writing the key"))
            .map_err(at)?;
        Ok(key)
    }

    /// # Errors
    /// If the file cannot be read, or is no key.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let at = |problem| Error { problem, path: path.to_owned() };
        let text = fs::read_to_string(path).map_err(Problem::io("Reading the key")).map_err(at)?;
        let secret = text.strip_prefix(HEAD).and_then(|rest| bytes::<32>(rest.trim()));
        let secret = secret.ok_or_else(|| at(Problem::NotAKey))?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// The half that others know it by, in hexadecimal.
    pub fn public(&self) -> String {
        hex(self.0.verifying_key().as_bytes())
    }

    pub(super) fn sign(&self, sign_off: &SignOff) -> Signature {
        let signature = self.0.sign(&sign_off.message());
        Signature { public_key: self.public(), signature: hex(&signature.to_bytes()) }
    }
}

/// Holds a sign-off against its signature.
pub(super) fn seal_of(sign_off: &SignOff) -> Seal {
    let Some(signature) = &sign_off.signature else { return Seal::None };
    let parts = bytes::<32>(&signature.public_key).zip(bytes::<64>(&signature.signature));
    let is_valid = parts.is_some_and(|(key, signature)| {
        // Strict: no second signature can be made from the first one.
        VerifyingKey::from_bytes(&key).is_ok_and(|key| {
            key.verify_strict(&sign_off.message(), &Ed25519::from_bytes(&signature)).is_ok()
        })
    });
    if is_valid { Seal::Valid } else { Seal::Broken }
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if hex.len() != 2 * N || !hex.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Decision, Review};

    fn sign_off(key: &Key) -> SignOff {
        let mut sign_off = SignOff {
            decision: Decision::Approve,
            name: "Ada".to_owned(),
            reason: "fine".to_owned(),
            signed: Timestamp::UNIX_EPOCH,
            seen: Review::default().seen("digest"),
            signature: None,
        };
        sign_off.signature = Some(key.sign(&sign_off));
        sign_off
    }

    #[test]
    fn a_signature_holds_for_exactly_what_was_signed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/signing.key");
        let key = Key::create(&path).unwrap();
        assert_eq!(Key::load(&path).unwrap().public(), key.public());
        assert!(Key::create(&path).is_err(), "a key is never overwritten");
        let signed = sign_off(&key);
        assert_eq!(seal_of(&signed), Seal::Valid);
        let another = SignOff { decision: Decision::Reject, ..signed.clone() };
        assert_eq!(seal_of(&another), Seal::Broken);
        let mut stolen = signed.clone();
        stolen.signature.as_mut().unwrap().public_key = "zz".repeat(32);
        assert_eq!(seal_of(&stolen), Seal::Broken);
        assert_eq!(seal_of(&SignOff { signature: None, ..signed }), Seal::None);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        fs::write(&path, format!("{HEAD}\nabc")).unwrap();
        assert!(Key::load(&path).is_err());
    }
}
