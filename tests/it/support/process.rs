//! What the tests may rely on in their surroundings, and how they start the product's own program.

use std::io::Write;
use std::process::Command;

/// Whether a missing database or browser is a failure (under `tests/run`) or only told.
pub fn must_run() -> bool {
    std::env::var_os("ANSWERWELL_TESTS_MUST_RUN").is_some_and(|value| value == "1")
}

/// Tells on the real standard error that something was not tested; under `tests/run` fails instead.
#[track_caller]
pub fn left_out(what: &str, why: &str) {
    assert!(!must_run(), "{what} must run here, but {why}");
    // Not `eprintln!`: the harness would keep that for failed tests.
    writeln!(std::io::stderr(), "left out: {what} ({why})").expect("standard error");
}

/// The built program, without the settings of this test run in its environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_answerwell"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ANSWERWELL_")) {
        command.env_remove(name);
    }
    command
}
