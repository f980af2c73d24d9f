//! The administrator's evening, through the built program: what it logs, whether it is well, copies of its database.

mod copies;
mod doctor;
mod health;
mod logs;
mod periodic;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Url;

/// A role that serves, its log in a file. Dropping it kills it.
struct Run {
    child: Child,
    /// Of the forum, without a trailing slash.
    address: String,
    log: PathBuf,
}

impl Run {
    /// Starts the command and waits until it says its address.
    async fn start(command: &mut Command, log: &Path) -> Self {
        let file = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = tokio::task::spawn_blocking(move || {
            let addresses = lines.map_while(Result::ok).find_map(|line| {
                let mut words = line.split_whitespace().map(str::to_owned);
                words.find(|word| word.starts_with("http://127.0.0.1:"))
            });
            addresses.map(|address| address.trim_end_matches(['/', '.', ',', ';']).to_owned())
        });
        let address = address.await.unwrap();
        let told = || std::fs::read_to_string(log).unwrap();
        let address = address.unwrap_or_else(|| panic!("it did not start: {}", told()));
        assert!(Url::parse(&address).is_ok(), "{address}");
        Self { child, address, log: log.to_owned() }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Tells it to stop and waits until it has.
    fn stop(mut self) {
        let sent = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
