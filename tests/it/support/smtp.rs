//! A mail server that keeps what it takes, and can be as rude as real ones are.

use std::sync::{Arc, Mutex};

use answerwell::mail::{Relay, Security, Way};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How it treats the next mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// It is busy: later, perhaps.
    NotNow,
    /// Nobody of that name lives here.
    NoSuchReader,
    /// It takes the mail and hangs up before it says so.
    HangsUp,
    /// It takes the mail, and says so only when it is told to behave otherwise.
    Slow,
    /// It falls silent before it has the mail.
    Mute,
}

/// Runs until the test ends.
#[derive(Clone)]
pub struct MailServer {
    port: u16,
    manner: Arc<watch::Sender<Manner>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let manner = Arc::new(watch::Sender::new(Manner::Takes));
        let server = Self { port, manner, mails: Arc::default() };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = shared.clone();
                // A client that hangs up ends its own conversation only.
                tokio::spawn(async move { server.talk(stream).await.ok() });
            }
        });
        server
    }

    /// The settings of an app that mails through it.
    pub fn way(&self) -> Way {
        let relay = Relay {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::None,
            account: None,
            us: "help.acme.test".to_owned(),
        };
        Way::Server { relay, from: "Acme Help <help@acme.test>".parse().expect("a sender") }
    }

    pub fn behave(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Everything it took, as it came over the wire.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("no panic while held").clone()
    }

    /// What it took for this reader.
    pub fn mails_to(&self, address: &str) -> Vec<String> {
        let to = format!("To: {address}\r\n");
        self.mails().into_iter().filter(|mail| mail.contains(&to)).collect()
    }

    fn manner(&self) -> Manner {
        *self.manner.borrow()
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 mail.test ESMTP\r\n").await?;
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let word = line.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            let said = match (word.as_str(), self.manner()) {
                ("EHLO", _) => "250-mail.test\r\n250 8BITMIME",
                ("MAIL", Manner::Mute) => {
                    let mut manner = self.manner.subscribe();
                    let _other = manner.wait_for(|manner| *manner != Manner::Mute).await;
                    return Ok(());
                }
                ("MAIL", Manner::NotNow) => "451 4.3.0 come back later",
                ("RCPT", Manner::NoSuchReader) => "550 5.1.1 nobody of that name lives here",
                ("MAIL" | "RCPT" | "RSET", _) => "250 fine",
                ("DATA", _) => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mail = read_mail(&mut stream).await?;
                    self.mails.lock().expect("no panic while held").push(mail);
                    let mut manner = self.manner.subscribe();
                    let now = manner.wait_for(|manner| *manner != Manner::Slow).await;
                    if now.is_ok_and(|manner| *manner == Manner::HangsUp) {
                        return Ok(());
                    }
                    "250 taken"
                }
                ("QUIT", _) => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "502 what?",
            };
            stream.write_all(format!("{said}\r\n").as_bytes()).await?;
        }
    }
}

/// Up to the line with a single dot; dots that were doubled on the way are single again.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
