//! A dump as it lies in a folder: files of rows, read one after the other, each once and never as a whole. Knows XML, and
//! nothing of what the rows mean.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::words;

/// The files of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Posts,
    Users,
    Comments,
    Votes,
    Tags,
    PostLinks,
    PostHistory,
    Badges,
}

impl Part {
    pub const ALL: [Self; 8] = [
        Self::Posts,
        Self::Users,
        Self::Comments,
        Self::Votes,
        Self::Tags,
        Self::PostLinks,
        Self::PostHistory,
        Self::Badges,
    ];

    /// The name of its file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Posts => "Posts.xml",
            Self::Users => "Users.xml",
            Self::Comments => "Comments.xml",
            Self::Votes => "Votes.xml",
            Self::Tags => "Tags.xml",
            Self::PostLinks => "PostLinks.xml",
            Self::PostHistory => "PostHistory.xml",
            Self::Badges => "Badges.xml",
        }
    }
}

/// Why a dump cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    #[error("{}", words::no_folder(.0))]
    NoFolder(PathBuf),
    #[error("{}", words::no_posts(.0))]
    NoPosts(PathBuf),
    #[error("{}", words::unreadable(.file, .error))]
    Unreadable { file: PathBuf, error: io::Error },
    #[error("{}", words::broken(.file, *.at, .last.as_deref(), .why))]
    Broken { file: PathBuf, at: u64, last: Option<String>, why: String },
    #[error("{}", words::changed_meanwhile(.0))]
    Changed(PathBuf),
}

/// The folder of a dump.
#[derive(Clone, Debug)]
pub struct Dump {
    files: Vec<(Part, PathBuf, u64)>,
}

impl Dump {
    /// Looks which files there are; all but the posts may be missing.
    pub fn open(folder: &Path) -> Result<Self, DumpError> {
        if !folder.is_dir() {
            return Err(DumpError::NoFolder(folder.to_owned()));
        }
        let unreadable = |error| DumpError::Unreadable { file: folder.to_owned(), error };
        let mut files = Vec::new();
        for entry in folder.read_dir().map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            if let Some(part) = Part::ALL.into_iter().find(|part| part.file().to_lowercase() == name) {
                let bytes = path.metadata().map_err(unreadable)?.len();
                files.push((part, path, bytes));
            }
        }
        let dump = Self { files };
        if dump.has(Part::Posts) { Ok(dump) } else { Err(DumpError::NoPosts(folder.to_owned())) }
    }

    pub fn has(&self, part: Part) -> bool {
        self.find(part).is_some()
    }

    /// The length of a file; 0 for one that is missing.
    pub fn bytes(&self, part: Part) -> u64 {
        self.find(part).map_or(0, |(_, bytes)| bytes)
    }

    /// The rows of a file; none of one that is missing.
    pub fn rows(&self, part: Part) -> Result<Rows, DumpError> {
        let Some((path, _)) = self.find(part) else { return Ok(Rows { file: PathBuf::new(), open: None }) };
        Rows::open(path, 0)
    }

    /// A file in which single rows are looked up by where they stand.
    pub fn rows_by_place(&self, part: Part) -> Option<ByPlace> {
        self.find(part).map(|(path, _)| ByPlace { file: path.to_owned(), open: None })
    }

    fn find(&self, part: Part) -> Option<(&Path, u64)> {
        self.files.iter().find(|(one, ..)| *one == part).map(|(_, path, bytes)| (path.as_path(), *bytes))
    }
}

/// One row: its values by name, and where in the file it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub at: u64,
    values: Vec<(String, String)>,
}

impl Row {
    /// A value; `None`: it has none of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A whole number; `None`: it has none of this name, or it is no number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.trim().parse().ok()
    }

    /// `None`: a value is no text that XML could hold.
    fn read(tag: &BytesStart<'_>, at: u64) -> Option<Self> {
        let mut values = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            values.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Some(Self { at, values })
    }
}

/// What stands next in a file.
#[derive(Debug)]
pub enum Next {
    Row(Row),
    /// A row that cannot be read, though what follows it can.
    Torn,
    End,
}

/// The rows of a file, one after the other.
pub struct Rows {
    file: PathBuf,
    /// `None`: there is no such file.
    open: Option<Open>,
}

struct Open {
    reader: Reader<BufReader<File>>,
    begun_at: u64,
    buffer: Vec<u8>,
    /// How deep in elements the reader is.
    depth: usize,
    /// The id of the last whole row, to say where a file breaks.
    last: Option<String>,
    ended: bool,
}

impl Rows {
    fn open(path: &Path, at: u64) -> Result<Self, DumpError> {
        let opened = File::open(path).and_then(|mut file| file.seek(SeekFrom::Start(at)).map(|_| file));
        let file = opened.map_err(|error| DumpError::Unreadable { file: path.to_owned(), error })?;
        let reader = Reader::from_reader(BufReader::with_capacity(1 << 16, file));
        let open = Open { reader, begun_at: at, buffer: Vec::new(), depth: 0, last: None, ended: false };
        Ok(Self { file: path.to_owned(), open: Some(open) })
    }

    /// How many bytes were read so far.
    pub fn read_so_far(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.reader.buffer_position())
    }

    pub fn next(&mut self) -> Result<Next, DumpError> {
        let Some(open) = &mut self.open else { return Ok(Next::End) };
        loop {
            open.buffer.clear();
            let at = open.begun_at + open.reader.buffer_position();
            let event = match open.reader.read_event_into(&mut open.buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    let error = io::Error::new(error.kind(), error.to_string());
                    return Err(DumpError::Unreadable { file: self.file.clone(), error });
                }
                Err(error) => {
                    let (file, last) = (self.file.clone(), open.last.take());
                    return Err(DumpError::Broken { file, at, last, why: error.to_string() });
                }
            };
            let tag = match event {
                Event::Start(tag) => {
                    open.depth += 1;
                    if open.depth < 2 {
                        continue;
                    }
                    tag
                }
                Event::Empty(tag) => tag,
                Event::End(_) => {
                    open.depth = open.depth.saturating_sub(1);
                    open.ended = open.depth == 0;
                    continue;
                }
                Event::Eof if open.ended => return Ok(Next::End),
                Event::Eof => {
                    let (file, last) = (self.file.clone(), open.last.take());
                    return Err(DumpError::Broken { file, at, last, why: words::ENDS_TOO_EARLY.to_owned() });
                }
                _ => continue,
            };
            if tag.name().as_ref() != "row" {
                continue;
            }
            let Some(row) = Row::read(&tag, at) else { return Ok(Next::Torn) };
            open.last = row.get("Id").map(str::to_owned);
            return Ok(Next::Row(row));
        }
    }
}

/// A file of which single rows are read.
pub struct ByPlace {
    file: PathBuf,
    open: Option<BufReader<File>>,
}

impl ByPlace {
    /// The row about a post that stands there.
    pub fn find(&mut self, at: u64, post: i64) -> Result<Row, DumpError> {
        let unreadable = |error| DumpError::Unreadable { file: self.file.clone(), error };
        let mut file = match self.open.take() {
            Some(file) => file,
            None => BufReader::with_capacity(1 << 13, File::open(&self.file).map_err(unreadable)?),
        };
        file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        let mut reader = Reader::from_reader(file);
        let mut buffer = Vec::new();
        let row = loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(tag) | Event::Empty(tag)) => break Row::read(&tag, at),
                Ok(Event::Text(_)) => {}
                _ => break None,
            }
        };
        self.open = Some(reader.into_inner());
        let row = row.filter(|row| row.number("PostId") == Some(post));
        row.ok_or_else(|| DumpError::Changed(self.file.clone()))
    }
}
