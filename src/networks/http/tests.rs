//! What is sent where, what comes back, and what is refused before it leaves.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};

use super::*;

/// A server on this machine that gives each connection the next of `answers`, and then the last one again. It says that
/// it closes: a caller that takes a closing connection for one it may use again fails.
fn server(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 4096]);
            let _request_read = stream.read(&mut request);
            let answer = answers[turn.min(answers.len() - 1)].replacen("\r\n", "\r\nconnection: close\r\n", 1);
            let _client_gone = stream.write_all(answer.as_bytes());
            let _client_gone = stream.shutdown(Shutdown::Both);
        }
    });
    base
}

fn guarded(allowed: Option<&str>) -> Guarded {
    let timeout = Duration::from_millis(500);
    Guarded::new(GuardSettings { timeout, allowed_origins: allowed.map(str::to_owned).into_iter().collect() }).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn refused_addresses_are_never_sent_to() {
    let http = guarded(Some("http://127.0.0.1:9"));
    let cases = [
        ("https://127.0.0.1/", words::PRIVATE_ADDRESS),
        ("https://0x7f.1/", words::PRIVATE_ADDRESS),
        ("https://2130706433/", words::PRIVATE_ADDRESS),
        ("https://[::1]/", words::PRIVATE_ADDRESS),
        ("https://[::ffff:10.0.0.1]/", words::PRIVATE_ADDRESS),
        ("https://169.254.169.254/latest/meta-data", words::PRIVATE_ADDRESS),
        ("https://localhost/", words::PRIVATE_ADDRESS),
        ("https://ann:secret@93.184.215.14/", "user name"),
        ("http://93.184.215.14/", "only https"),
        ("http://127.0.0.1:10/", "only https"),
        ("http://localhost:9/", "only https"),
        ("ftp://93.184.215.14/", "only https"),
        ("file:///etc/passwd", "only https"),
    ];
    for (address, why) in cases {
        match http.get(&url(address), None, 100).await {
            Err(NoAnswer::NeverLeft(reason)) => assert!(reason.contains(why), "{address}: {reason}"),
            other => panic!("{address}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_allowed_origin_is_exempt_and_answers_of_any_status_come_back() {
    let base = server(&["HTTP/1.1 418 Teapot\r\nx-a: b\r\ncontent-length: 3\r\n\r\ntea"]);
    let answer = guarded(Some(&base)).get(&url(&base), None, 3).await.unwrap();
    assert_eq!((answer.status, answer.header("x-a"), answer.body.as_slice()), (418, Some("b"), &b"tea"[..]));
    assert!(matches!(guarded(None).get(&url(&base), None, 3).await, Err(NoAnswer::NeverLeft(_))));
    assert!(matches!(
        Guarded::new(GuardSettings { allowed_origins: vec!["acme".into()], ..Default::default() }),
        Err(GuardError::Origin(_))
    ));
}

#[tokio::test]
async fn what_may_have_been_sent_is_told_from_what_never_left() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let cases = [
        (nobody, true),
        (format!("http://{}", silent.local_addr().unwrap()), false),
        (server(&[""]), false),
        (server(&["nonsense\r\n\r\n"]), false),
        (server(&["HTTP/1.1 201 Created\r\ncontent-length: 50\r\n\r\n{\"data\":"]), false),
        (server(&["HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n12345678901"]), false),
    ];
    for (base, never_left) in cases {
        let result = guarded(Some(&base)).post(&url(&base), None, &serde_json::json!({}), 10).await;
        match result {
            Err(NoAnswer::NeverLeft(_)) => assert!(never_left, "{base}"),
            Err(NoAnswer::MaybeSent(_)) => assert!(!never_left, "{base}"),
            Ok(answer) => panic!("{base}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn redirects_are_followed_for_pictures_alone_and_each_is_checked() {
    const HERE: &str = "HTTP/1.1 302 Found\r\nlocation: /next\r\ncontent-length: 0\r\n\r\n";
    const FILE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let base = server(&[HERE]);
    assert_eq!(guarded(Some(&base)).get(&url(&base), None, 10).await.unwrap().status, 302);
    let base = server(&[HERE, HERE, HERE, FILE]);
    assert_eq!(guarded(Some(&base)).get_following(&url(&base), 10).await.unwrap().body, b"ok");
    let base = server(&[HERE, HERE, HERE, HERE, FILE]);
    assert!(matches!(guarded(Some(&base)).get_following(&url(&base), 10).await, Err(NoAnswer::MaybeSent(_))));
    for leads in [
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 307 Found\r\nlocation: https://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 301 Found\r\nlocation: https://localhost/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 301 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n",
    ] {
        let base = server(Box::leak(Box::new([leads])));
        let result = guarded(Some(&base)).get_following(&url(&base), 10).await;
        assert!(matches!(result, Err(NoAnswer::NeverLeft(_))), "{leads}: {result:?}");
    }
}
