//! The program: the command line, and the window where no command is given.

use std::process::ExitCode;

use rehearsal::cli::{self, Next};
use rehearsal::ui;

// Loading and replaying allocate from many threads at once, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Next::Exit(code) => code,
        Next::Window { library, open } => match ui::run(ui::Start { library, open }) {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => cli::failed(&anyhow::anyhow!(ui::explain(&fault))),
        },
    }
}
