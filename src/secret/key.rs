//! Where the key lies: in the environment (`ANSWERWELL_SECRET_KEY`), or else in the file `secret.key` of the data folder,
//! made when it is first needed. Never in the database: whoever gets a copy of that gets no secrets with it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Key;

const FILE: &str = "secret.key";

/// Where the key of this installation lies. Clones look at the same place.
#[derive(Clone, Debug)]
pub struct KeyPlace {
    file: PathBuf,
    given: Option<Key>,
}

/// Why there is no key. The text is for the administrator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {} is missing. Put it back from where you keep it, or set ANSWERWELL_SECRET_KEY", .0.display())]
    Missing(PathBuf),
    #[error("the key file {} holds no key: it must be the 44 characters that were in it", .0.display())]
    NoKey(PathBuf),
    #[error("the key file {} cannot be used: {error}", file.display())]
    Io { file: PathBuf, error: String },
}

impl KeyPlace {
    /// `given`: the key of the environment, which goes before the file in `data`.
    pub fn new(data: &Path, given: Option<Key>) -> Self {
        Self { file: data.join(FILE), given }
    }

    /// The file in which the key lies; `None`: it comes from the environment.
    pub fn file(&self) -> Option<&Path> {
        self.given.is_none().then_some(self.file.as_path())
    }

    /// Reads the key that is there.
    pub fn find(&self) -> Result<Key, KeyError> {
        if let Some(key) = &self.given {
            return Ok(key.clone());
        }
        match fs::read_to_string(&self.file) {
            Ok(text) => Key::parse(&text).ok_or_else(|| KeyError::NoKey(self.file.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::Missing(self.file.clone())),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Reads the key, or makes one: for the first secret of an installation. Where two make it at the same moment, both
    /// get the same.
    pub fn find_or_make(&self) -> Result<Key, KeyError> {
        match self.find() {
            Err(KeyError::Missing(_)) => self.make(),
            other => other,
        }
    }

    fn make(&self) -> Result<Key, KeyError> {
        let key = Key::random().map_err(|error| KeyError::Io { file: self.file.clone(), error: error.to_string() })?;
        // Whole under another name first: nobody ever reads half a key.
        let fresh = self.file.with_extension(format!("new-{}", key.fingerprint()));
        let written = write_private(&fresh, key.to_text().expose()).and_then(|()| fs::hard_link(&fresh, &self.file));
        let removed = fs::remove_file(&fresh);
        match written {
            Ok(()) => removed.map_err(|error| self.failed(&error)).map(|()| key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.find(),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &io::Error) -> KeyError {
        KeyError::Io { file: self.file.clone(), error: error.to_string() }
    }
}

fn write_private(place: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(place)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let place = KeyPlace::new(&folder.path().join("data"), None);
        assert!(matches!(place.find(), Err(KeyError::Missing(_))));
        let keys: Vec<Key> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| place.find_or_make().unwrap())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        let key = place.find().unwrap();
        assert!(keys.iter().all(|one| *one == key));
        let file = place.file().unwrap();
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing half made is left");
        fs::write(file, "no key").unwrap();
        assert!(matches!(place.find_or_make(), Err(KeyError::NoKey(_))), "a broken key file is never written over");
        let given = KeyPlace::new(folder.path(), Some(key.clone()));
        assert_eq!((given.find().unwrap(), given.file()), (key, None));
    }
}
