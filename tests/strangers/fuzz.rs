//! Files damaged at random, and what is asked of whoever reads them: no panic, little time, little
//! memory.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// No file of this size may take longer: they have some hundred kilobytes at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nor more memory, in bytes.
const MOST_MEMORY: u64 = 256 << 20;

/// Tables may be packed closely; they are held to the free memory before they are read, so that here
/// a growth is only to stay within reason.
const MOST_OF_TABLES: u64 = 2 << 30;

/// Random numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What parsers stumble over.
const ODD: [&[u8]; 16] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"1e999",
    b"-0",
    b"nan",
    b"99999999999999999999",
    b"\"\"\"",
    b"[[[[[[[[",
    b"{{{{{{{{",
    b"\r\n",
    b",,,,,,,,",
    b"../../../../etc/passwd",
    b"\xef\xbb\xbf",
    b"'; DROP TABLE experiments; --",
    "\u{202e}".as_bytes(),
];

/// One file with a few damages, perhaps continued by another file.
fn damaged(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(1 + bytes.len() / 8).min(bytes.len() - at);
        match random.below(6) {
            0 => {
                for byte in bytes.iter_mut().skip(at).take(1 + length.min(8)) {
                    *byte = random.next() as u8;
                }
            }
            1 => _ = bytes.drain(at..at + length),
            2 => {
                let part = bytes[at..at + length].to_vec();
                bytes.splice(at..at, part);
            }
            3 => _ = bytes.splice(at..at, ODD[random.below(ODD.len())].iter().copied()),
            4 => {
                let odd = ODD[random.below(ODD.len())];
                for (to, from) in bytes.iter_mut().skip(at).zip(odd) {
                    *to = *from;
                }
            }
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
        }
    }
    bytes
}

fn seconds() -> f64 {
    std::env::var("REHEARSAL_FUZZ_SECS").map_or(1.0, |text| text.parse().unwrap())
}

/// Kinds are tried one after another, so that the memory that is measured belongs to one of them.
static ONE_KIND: Mutex<()> = Mutex::new(());

/// Tries files of one kind until the time is over. What panics, takes too long or takes too much
/// memory is written down.
pub fn fuzz(kind: &str, corpus: &[Vec<u8>], attempt: impl Fn(&[u8])) {
    fuzz_within(kind, corpus, MOST_MEMORY, attempt);
}

/// The same for tables.
pub fn fuzz_tables(kind: &str, corpus: &[Vec<u8>], attempt: impl Fn(&[u8])) {
    fuzz_within(kind, corpus, MOST_OF_TABLES, attempt);
}

fn fuzz_within(kind: &str, corpus: &[Vec<u8>], most_memory: u64, attempt: impl Fn(&[u8])) {
    assert!(!corpus.is_empty(), "nothing to begin with");
    let _one = ONE_KIND.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/strangers").join(kind);
    let watch = Watch::over(kind);
    let found = files(&root, |_| true).into_iter().map(|found| fs::read(found).unwrap());
    for bytes in found.chain(corpus.iter().cloned()) {
        watch.begin(&bytes);
        attempt(&bytes);
    }
    let (begun, mut random) = (Instant::now(), Random(20_261_125));
    let (mut count, mut longest, mut most) = (0_u64, Duration::ZERO, 0);
    while begun.elapsed().as_secs_f64() < seconds() {
        let bytes = damaged(corpus, &mut random);
        watch.begin(&bytes);
        let before = memory::forget_peak();
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| attempt(&bytes)));
        let took = started.elapsed();
        watch.end();
        let grown = memory::peak().saturating_sub(before);
        if outcome.is_err() || took > PATIENCE || grown > most_memory {
            let case = std::env::temp_dir().join(format!("rehearsal-{kind}-{count}"));
            fs::write(&case, &bytes).unwrap();
            assert!(outcome.is_ok(), "a panic: {}", case.display());
            assert!(took <= PATIENCE, "it takes {took:?}: {}", case.display());
            assert!(grown <= most_memory, "it takes {grown} bytes: {}", case.display());
        }
        count += 1;
        longest = longest.max(took);
        most = most.max(grown);
    }
    println!(
        "{kind}: {count} files in {:.0} s, the longest {:.0} ms, the largest {:.0} MiB",
        begun.elapsed().as_secs_f64(),
        longest.as_secs_f64() * 1e3,
        most as f64 / f64::from(1 << 20)
    );
}

/// Ends the whole test with a word about the file at which a reader does not come back.
struct Watch {
    read: Arc<Mutex<Option<Read>>>,
}

/// A file that is being read.
struct Read {
    since: Instant,
    bytes: Vec<u8>,
}

impl Watch {
    fn over(kind: &str) -> Self {
        let read = Arc::new(Mutex::new(None));
        let (watched, kind) = (Arc::downgrade(&read), kind.to_owned());
        let look = move || {
            while let Some(read) = watched.upgrade() {
                if let Some(read) = &*read.lock().unwrap_or_else(PoisonError::into_inner) {
                    Self::judge(&kind, read);
                }
                std::thread::sleep(Duration::from_secs(1));
            }
        };
        std::thread::Builder::new().name("watch".to_owned()).spawn(look).unwrap();
        Self { read }
    }

    fn judge(kind: &str, read: &Read) {
        if read.since.elapsed() > 2 * PATIENCE {
            let case = std::env::temp_dir().join(format!("rehearsal-{kind}-endless"));
            fs::write(&case, &read.bytes).unwrap();
            println!("{kind}: no end of it: {}", case.display());
            std::process::abort();
        }
    }

    fn begin(&self, bytes: &[u8]) {
        let read = Read { since: Instant::now(), bytes: bytes.to_vec() };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
    }

    fn end(&self) {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The memory of this process, where the system tells of it (Linux); else nothing.
mod memory {
    use std::fs;

    /// Bytes in use now, from which the peak is counted anew.
    pub fn forget_peak() -> u64 {
        fs::write("/proc/self/clear_refs", "5").ok();
        of("VmRSS:")
    }

    /// The most bytes in use since.
    pub fn peak() -> u64 {
        of("VmHWM:")
    }

    fn of(line: &str) -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kib = status.lines().find_map(|text| text.strip_prefix(line)).unwrap_or_default();
        kib.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
    }
}

/// Files below `folder` that `is` wants, in order.
pub fn files(folder: &Path, is: fn(&Path) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() { files(&path, is) } else { vec![path] }
    };
    paths.into_iter().flat_map(below).filter(|path| is(path)).collect()
}

/// Files of the sample data.
pub fn samples(is: fn(&Path) -> bool) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
    files(&root, is).iter().map(|path| fs::read(path).unwrap()).collect()
}
