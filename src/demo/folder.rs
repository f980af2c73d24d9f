//! The demo's folder: a file `demo` says that it is one, how far it has come, and where its links lead.
//!
//! A folder belongs to the demo from the moment of the mark, and only an empty one gets it. So whatever lies beside a
//! mark that is not complete is half a company, and may be thrown away.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::posts::Origin;

const MARK: &str = "demo";
const LOCK: &str = "demo.lock";
const NOTE: &str = "This folder belongs to `answerwell demo`: made-up people with known passwords. `serve` refuses it. \
                    Delete it to begin anew.";

/// A demo's folder, held by this process as long as it lives.
pub struct Folder {
    pub path: PathBuf,
    mark: Option<Mark>,
    _lock: File,
}

/// What the file `demo` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    note: String,
    complete: bool,
    #[serde(flatten)]
    x: Twin,
    /// `None`: it was begun when there was X alone.
    facebook: Option<Twin>,
}

/// A twin of the demo, as its folder keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// Its address, to which the links lead.
    #[serde(rename = "twin")]
    pub address: String,
    /// It runs elsewhere; no company was played.
    pub elsewhere: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error(
        "the folder {0} is not empty and is no demo's folder: the demo leaves it alone. Choose another with --data."
    )]
    Foreign(PathBuf),
    #[error("another demo runs in the folder {0}. Stop it, or choose another folder with --data.")]
    Taken(PathBuf),
    #[error("the demo's folder {folder} cannot be used: {error}. Mend that, or choose another with --data.")]
    Io { folder: PathBuf, error: io::Error },
}

/// Whether this is the data folder of a demo.
pub fn is_demo(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

impl Folder {
    /// Takes the folder, which is there, for this process.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let failed = |error: io::Error| FolderError::Io { folder: path.to_owned(), error };
        let mark = match fs::read(path.join(MARK)) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if mark.is_none() && holds_more_than(path, LOCK).map_err(failed)? {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), mark, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Taken(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Whether a first start came to its end here.
    pub fn is_complete(&self) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.complete)
    }

    /// The twin of a network to which the links of a complete demo lead; `None`, too, if it was begun without one.
    pub fn twin(&self, network: Origin) -> Option<&Twin> {
        let mark = self.mark.as_ref().filter(|mark| mark.complete)?;
        match network {
            Origin::X => Some(&mark.x),
            Origin::Facebook => mark.facebook.as_ref(),
        }
    }

    /// Marks the folder as begun, and throws away what an earlier start left unfinished.
    pub fn begin(&mut self, x: Twin, facebook: Twin) -> Result<(), FolderError> {
        self.write(Mark { note: NOTE.to_owned(), complete: false, x, facebook: Some(facebook) })?;
        self.clear().map_err(|error| FolderError::Io { folder: self.path.clone(), error })
    }

    /// Notes the twin of Facebook in a complete demo that was begun when there was X alone.
    pub fn add_facebook(&mut self, twin: Twin) -> Result<(), FolderError> {
        let Some(mark) = self.mark.clone() else { return Ok(()) };
        self.write(Mark { facebook: Some(twin), ..mark })
    }

    /// Marks the folder as complete: the next start goes on from here.
    pub fn complete(&mut self) -> Result<(), FolderError> {
        let Some(mark) = self.mark.clone() else { return Ok(()) };
        self.write(Mark { complete: true, ..mark })
    }

    fn write(&mut self, mark: Mark) -> Result<(), FolderError> {
        let (fresh, place) = (self.path.join("demo.new"), self.path.join(MARK));
        let written = serde_json::to_vec_pretty(&mark)
            .map_err(io::Error::from)
            .and_then(|bytes| fs::write(&fresh, bytes))
            .and_then(|()| File::open(&fresh)?.sync_all())
            .and_then(|()| fs::rename(&fresh, &place));
        written.map_err(|error| FolderError::Io { folder: self.path.clone(), error })?;
        self.mark = Some(mark);
        Ok(())
    }

    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_name() == MARK || entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn holds_more_than(folder: &Path, known: &str) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if entry?.file_name() != known {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(port: u16) -> Twin {
        Twin { address: format!("http://127.0.0.1:{port}"), elsewhere: false }
    }

    #[test]
    fn half_a_company_is_thrown_away_and_a_whole_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let half = dir.path().join("answerwell.db");
        let mut folder = Folder::take(dir.path()).unwrap();
        assert!(!folder.is_complete() && !is_demo(dir.path()));
        folder.begin(twin(1), twin(2)).unwrap();
        fs::write(&half, "half").unwrap();
        drop(folder);
        let mut folder = Folder::take(dir.path()).unwrap();
        assert!(!folder.is_complete() && folder.twin(Origin::X).is_none() && is_demo(dir.path()));
        folder.begin(twin(3), twin(4)).unwrap();
        assert!(!half.exists());
        fs::write(&half, "whole").unwrap();
        folder.complete().unwrap();
        drop(folder);
        let folder = Folder::take(dir.path()).unwrap();
        assert!(folder.is_complete() && half.exists());
        assert_eq!((folder.twin(Origin::X), folder.twin(Origin::Facebook)), (Some(&twin(3)), Some(&twin(4))));
    }

    #[test]
    fn a_demo_of_x_alone_is_read_and_gets_its_second_twin() {
        let dir = tempfile::tempdir().unwrap();
        let earlier = r#"{"note": "", "complete": true, "twin": "http://127.0.0.1:1", "elsewhere": false}"#;
        fs::write(dir.path().join(MARK), earlier).unwrap();
        let mut folder = Folder::take(dir.path()).unwrap();
        assert_eq!((folder.twin(Origin::X), folder.twin(Origin::Facebook)), (Some(&twin(1)), None));
        folder.add_facebook(twin(2)).unwrap();
        drop(folder);
        let folder = Folder::take(dir.path()).unwrap();
        assert_eq!((folder.twin(Origin::X), folder.twin(Origin::Facebook)), (Some(&twin(1)), Some(&twin(2))));
    }

    #[test]
    fn a_folder_of_somebody_else_and_one_in_use_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Folder::take(dir.path()).unwrap();
        assert!(matches!(Folder::take(dir.path()), Err(FolderError::Taken(_))));
        let foreign = tempfile::tempdir().unwrap();
        fs::write(foreign.path().join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(Folder::take(foreign.path()), Err(FolderError::Foreign(_))));
        assert!(foreign.path().join("thesis.txt").exists());
    }
}
