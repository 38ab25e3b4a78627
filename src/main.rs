//! The program: see `renkei --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    renkei::cli::main()
}
