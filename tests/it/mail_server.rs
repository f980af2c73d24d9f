//! Mail through a server that others wrote, which takes none but over an encrypted connection: aiosmtpd of Debian's packages.
//! It says what our own server of the tests cannot: that others understand us.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::first_run::Fresh;
use crate::support::{Visitor, eventually, left_out, program};

/// Debian's own, for which its packages are.
const PYTHON: &str = "/usr/bin/python3";

/// Reads a mail as a reader's program would.
const READ: &str = "
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
part = lambda kind: mail.get_body((kind,)).get_content()
print(json.dumps({'from': str(mail['from']), 'to': str(mail['to']), 'subject': str(mail['subject']),
    'defects': [str(defect) for one in mail.walk() for defect in one.defects],
    'text': part('plain'), 'html': part('html')}))
";

const CERTIFICATE: &str = "[req]\ndistinguished_name = name\nx509_extensions = more\nprompt = no\n[name]\nCN = localhost\n\
    [more]\nsubjectAltName = DNS:localhost\nbasicConstraints = critical, CA:FALSE\n";

struct OthersServer {
    server: Child,
    folder: TempDir,
    port: u16,
}

impl Drop for OthersServer {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ended = self.server.kill().and_then(|()| self.server.wait());
    }
}

impl OthersServer {
    /// `None`: it is not installed.
    async fn start() -> Option<Self> {
        let found = Command::new(PYTHON).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            left_out("mail through somebody else's server", "there is no aiosmtpd; tests/run installs it");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("certificate.cnf"), CERTIFICATE).unwrap();
        let made = Command::new("openssl")
            .args(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -config certificate.cnf -keyout key.pem -out cert.pem"
                    .split(' '),
            )
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "openssl makes a certificate");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new(PYTHON)
            .args([
                "-m",
                "aiosmtpd",
                "-n",
                "-c",
                "aiosmtpd.handlers.Mailbox",
                "--tlscert",
                "cert.pem",
                "--tlskey",
                "key.pem",
            ])
            .args(["-l", &format!("localhost:{port}"), "mails"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { server, folder, port };
        eventually("the mail server listens", async || std::net::TcpStream::connect(("localhost", port)).is_ok()).await;
        Some(server)
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// How the product is told of it; whose word it takes for the server's name, too.
    fn settings(&self) -> Vec<(String, String)> {
        [
            ("ANSWERWELL_MAIL__SERVER", "localhost".to_owned()),
            ("ANSWERWELL_MAIL__PORT", self.port.to_string()),
            ("ANSWERWELL_MAIL__FROM", "Müller & Söhne <help@acme.example>".to_owned()),
            ("SSL_CERT_FILE", self.certificate().display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn mails(&self) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(self.folder.path().join("mails/new")) else { return Vec::new() };
        folder.map(|entry| entry.unwrap().path()).collect()
    }
}

fn read(mail: &Path) -> Value {
    let read = Command::new(PYTHON).args(["-c", READ]).arg(mail).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}

#[tokio::test]
async fn others_take_our_mail_encrypted_and_read_what_we_wrote() {
    let Some(server) = OthersServer::start().await else { return };
    let site = Fresh::start_with(server.settings()).await;
    let visitor = Visitor::at(&site.address());
    let page = visitor.get(site.path()).await.expect(200);
    let sam = [
        ("name", "Jürgen Groß"),
        ("email", "juergen@acme.example"),
        ("password", "three odd words"),
        ("site_name", "Grüße"),
        ("address", &site.address()),
    ];
    visitor.submit(&page, site.path(), &sam).await.expect(200).expect_text("Welcome. The site is yours.");

    eventually("the mail is there", async || server.mails().len() == 1).await;
    let mail = read(&server.mails()[0]);
    let said = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(mail["defects"], serde_json::json!([]), "{mail}");
    assert!(said("from").contains("Müller & Söhne") && said("from").contains("<help@acme.example>"), "{mail}");
    assert!(said("to").contains("juergen@acme.example") && !said("subject").is_empty(), "{mail}");
    assert!(said("text").contains("Grüße") && said("html").contains("Grüße"), "{mail}");
    let begins = format!("{}/confirm/", site.address());
    let link = said("text").split_whitespace().find(|word| word.starts_with(&begins)).expect("a link").to_owned();
    assert!(said("html").contains(&link), "{mail}");
    visitor.get(link.strip_prefix(&site.address()).unwrap()).await.expect(200).expect_text("Confirm");
}

#[tokio::test]
async fn a_server_whose_name_nobody_vouches_for_gets_no_mail() {
    let Some(server) = OthersServer::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let settings = server.settings();
    let doctor = |trusted: bool| {
        let settings = settings.iter().filter(|(name, _)| trusted || name != "SSL_CERT_FILE");
        let output = program()
            .arg("doctor")
            .env("ANSWERWELL_DATA__FOLDER", folder.path().join("data"))
            .envs(settings.map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = doctor(true);
    assert!(said.contains("takes our greeting"), "{said}");
    let said = doctor(false);
    assert!(said.contains("cannot be talked to") && !said.contains("takes our greeting"), "{said}");
}
