//! The program: the command line, and the window where no command is given.

use std::process::ExitCode;

use rehearsal::cli::{self, Next};

// Loading and replaying allocate from many threads at once, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Next::Exit(code) => code,
        Next::Window { .. } => {
            cli::failed(&anyhow::anyhow!("This build has no window yet; see `rehearsal --help`"))
        }
    }
}
