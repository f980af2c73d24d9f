//! The program: one binary, a role per run. Everything is in the library, so that the tests run the same code.

use std::process::ExitCode;

use answerwell::cli::Cli;
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    answerwell::cli::run(Cli::parse())
}
