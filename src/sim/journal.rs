//! The memory of a twin: an append-only file with one JSON object a line, one line per accepted change.
//!
//! A change is on the disk before it is answered, as it would be at the network. What the lines mean is the business of
//! the twin; here they are only kept. A last line that was torn by a crash was never answered, so it is dropped.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The open file, with changes of type `C`. `length` is the end of the last whole line.
pub(super) struct Journal<C> {
    file: File,
    length: u64,
    kind: PhantomData<fn(C)>,
}

impl<C: Serialize + DeserializeOwned> Journal<C> {
    /// Opens or creates the file and gives what it holds.
    ///
    /// # Errors
    /// The file cannot be read or written, or a line other than the last is not one of ours.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<C>)> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (changes, length) = read_lines(path, &bytes)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok((Self { file, length, kind: PhantomData }, changes))
    }

    /// Writes one change and waits until the disk has it. After an error the file is as before.
    pub fn append(&mut self, change: &C) -> io::Result<()> {
        self.write(change, true)
    }

    /// Writes one change without waiting for the disk. After an error the file is as before.
    pub fn append_lazily(&mut self, change: &C) -> io::Result<()> {
        self.write(change, false)
    }

    fn write(&mut self, change: &C, awaited: bool) -> io::Result<()> {
        let mut line = serde_json::to_vec(change)?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        if let Err(error) = written.and_then(|()| if awaited { self.file.sync_data() } else { Ok(()) }) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// The changes in `bytes`, and how many of the bytes are whole lines.
fn read_lines<C: DeserializeOwned>(path: &Path, bytes: &[u8]) -> io::Result<(Vec<C>, u64)> {
    let mut changes = Vec::new();
    let mut good = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = good + line.len();
        let Some(text) = line.strip_suffix(b"\n") else { break };
        match serde_json::from_slice(text) {
            Ok(change) => changes.push(change),
            Err(_) if end == bytes.len() => break,
            Err(error) => {
                let said = format!("{} line {}: not a change of this twin: {error}", path.display(), number + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, said));
            }
        }
        good = end;
    }
    Ok((changes, good as u64))
}
