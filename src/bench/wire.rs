//! As little of an HTTP client as a load needs: one connection that is kept, one answer after the other. Cheap enough to ask
//! a server for more than it can do from the same machine.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// One connection to a server.
pub(super) struct Wire {
    to: BufReader<TcpStream>,
    body: Vec<u8>,
}

/// What came back; its body is in the wire until the next one.
pub(super) struct Came {
    pub status: u16,
    pub bytes: usize,
}

impl Wire {
    pub fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { to: BufReader::with_capacity(64 * 1024, stream), body: Vec::new() })
    }

    /// Sends a request as [`request`] writes it, and reads the answer to its end.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Came> {
        self.to.get_mut().write_all(request)?;
        let (mut status, mut length, mut chunked) = (0, 0, false);
        let mut line = String::new();
        loop {
            line.clear();
            if self.to.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            } else if let Some((name, value)) = text.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                } else if name.eq_ignore_ascii_case("transfer-encoding") {
                    chunked = true;
                }
            }
        }
        self.body.clear();
        if !chunked {
            self.take(length)?;
        } else {
            loop {
                line.clear();
                self.to.read_line(&mut line)?;
                let size =
                    usize::from_str_radix(line.trim(), 16).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                self.take(size)?;
                self.to.read_line(&mut line)?;
                if size == 0 {
                    break;
                }
            }
        }
        Ok(Came { status, bytes: self.body.len() })
    }

    fn take(&mut self, length: usize) -> io::Result<()> {
        let from = self.body.len();
        self.body.resize(from + length, 0);
        self.to.read_exact(&mut self.body[from..])
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A request as a browser sends one, with more lines as in `Cookie: a=b`.
pub(super) fn request(address: SocketAddr, path: &str, more: &[&str]) -> Vec<u8> {
    let mut text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nUser-Agent: bench\r\n");
    for line in more {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.into_bytes()
}
