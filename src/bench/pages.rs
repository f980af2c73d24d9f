//! `answerwell bench pages`: what each public page costs the server when it is made, and at which rate kept pages are shown,
//! beside nginx and a file of the same size.
//!
//! The server is a process of its own, so that its processor time is not mixed with that of whoever asks. Rates on a shared
//! machine are noise: windows of both servers alternate, and the ratio of their processor times is told beside.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Wire, request};
use super::{cpu_of, list_sample, millis};
use crate::db::Db;
use crate::posts::question_place;

/// Requests without a guest's name come from the kept pages; nobody has this one.
const UNKEPT: &str = "Cookie: answerwell_guest=nobody";
const GZIP: &str = "Accept-Encoding: gzip";
/// Question pages that are asked for in turn.
const THREADS: i64 = 400;
const CONNECTIONS: usize = 8;
const WINDOW: Duration = Duration::from_secs(2);
const WINDOWS: usize = 4;
/// For the server to open its index.
const START: Duration = Duration::from_secs(120);

/// Measures the pages of the forum in `folder`, which nobody else serves now.
pub async fn run(folder: &Path, db: Db, rounds: usize, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let threads = db.read(|conn| list_sample(conn, THREADS)).await?;
    let threads: Vec<String> = threads.into_iter().map(|(id, title)| question_place(id.0, &title)).collect();
    if threads.is_empty() {
        return Err("there is no public question in this database".into());
    }
    drop(db);
    let scratch = folder.join("bench-pages");
    std::fs::create_dir_all(&scratch)?;
    let server = Server::answerwell(folder, &scratch)?;
    server.wait()?;
    report_pages(&server, &threads, rounds, out)?;
    report_rates(&server, &threads[0], &scratch, out)
}

fn report_pages(
    server: &Server,
    threads: &[String],
    rounds: usize,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let idle = server.idle(Duration::from_secs(3))?;
    writeln!(out, "at rest the server takes {idle:.2} % of a core")?;
    writeln!(
        out,
        "{:<30} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8}",
        "per request", "CPU ms", "median ms", "p99 ms", "kept ms", "bytes", "gzip"
    )?;
    let one = |path: &str| vec![path.to_owned()];
    let tag = server.first_link("/tags", "/tags/")?;
    let topic = server.first_link("/", "/topics/")?;
    let member = server.first_link("/people?period=all", "/members/")?;
    let older = server.first_link("/", "/?after=")?;
    for (name, paths) in [
        ("question page", threads.to_vec()),
        ("home, active", one("/")),
        ("home, its second page", one(&older)),
        ("newest", one("/newest")),
        ("unanswered", one("/unanswered")),
        ("most affected", one("/affected")),
        ("a topic", one(&topic)),
        ("all tags", one("/tags")),
        ("the most used tag", one(&tag)),
        ("the busiest member", one(&member)),
        ("who helped most", one("/people")),
        ("search, two words", one("/search?q=router+update")),
        ("a feed", one("/feeds/newest")),
    ] {
        let made = server.measure(&paths, &[UNKEPT], rounds)?;
        let kept = server.measure(&paths, &[GZIP], rounds)?;
        let plain = server.measure(&paths, &[], 1.max(paths.len()))?;
        writeln!(
            out,
            "{name:<30} {:>10.3} {:>10.3} {:>10.3} {:>10.3} {:>8} {:>8}",
            made.cpu,
            made.at(0.5),
            made.at(0.99),
            kept.cpu,
            plain.bytes,
            kept.bytes
        )?;
    }
    Ok(())
}

fn report_rates(server: &Server, thread: &str, scratch: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let html = server.body(thread, &[])?;
    let zipped = server.body(thread, &[GZIP])?;
    let site = scratch.join("site");
    std::fs::create_dir_all(&site)?;
    std::fs::write(site.join("page.html"), &html)?;
    std::fs::write(site.join("page.gz"), &zipped)?;
    let Some(nginx) = Server::nginx(scratch, &site)? else {
        writeln!(out, "nginx is not installed here: rates are told without it")?;
        for (name, more) in [("kept page", &[][..]), ("kept page, gzip", &[GZIP][..])] {
            let load = server.load(thread, more)?;
            writeln!(out, "{name:<30} {:>8.0} a second, {:.4} ms of CPU each", load.rate(), load.cpu())?;
        }
        return Ok(());
    };
    nginx.wait()?;
    writeln!(out, "one worker each, {CONNECTIONS} connections, {WINDOWS} windows of {} s in turn", WINDOW.as_secs())?;
    writeln!(
        out,
        "{:<30} {:>8} {:>12} {:>12} {:>8} {:>10} {:>10} {:>8}",
        "kept page", "bytes", "here / s", "nginx / s", "ratio", "here CPU", "nginx CPU", "ratio"
    )?;
    for (name, file, more, bytes) in
        [("plain", "/page.html", &[][..], html.len()), ("gzip", "/page.gz", &[GZIP][..], zipped.len())]
    {
        let (mut here, mut there) = (Load::default(), Load::default());
        for _ in 0..WINDOWS {
            here.add(&server.load(thread, more)?);
            there.add(&nginx.load(file, &[])?);
        }
        writeln!(
            out,
            "{name:<30} {bytes:>8} {:>12.0} {:>12.0} {:>8.2} {:>10.4} {:>10.4} {:>8.2}",
            here.rate(),
            there.rate(),
            here.rate() / there.rate().max(1.0),
            here.cpu(),
            there.cpu(),
            there.cpu() / here.cpu().max(1e-9)
        )?;
    }
    Ok(())
}

/// A server under measurement, as a process of its own. Ends when it is dropped.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

impl Server {
    /// This program, over the data in `folder`; its log goes into a file, as a supervisor would write it.
    fn answerwell(folder: &Path, scratch: &Path) -> Result<Self, Box<dyn Error>> {
        let address = free_address()?;
        let process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .env("ANSWERWELL_DATA__FOLDER", folder)
            .env("ANSWERWELL_SITE__NAME", "Bench")
            .env("ANSWERWELL_SITE__ADDRESS", format!("http://{address}"))
            .env("ANSWERWELL_SERVER__BIND", address.to_string())
            .env("ANSWERWELL_SERVER__WORKERS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(scratch.join("serve.log"))?)
            .spawn()?;
        Ok(Self { process, address })
    }

    /// nginx with one worker over the files in `site`, which writes its access log as its packages are set; `None`: it is
    /// not installed.
    fn nginx(scratch: &Path, site: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let address = free_address()?;
        let scratch = scratch.canonicalize()?;
        let (home, site) = (scratch.display(), site.canonicalize()?);
        let settings = format!(
            "user root;\ndaemon off;\nmaster_process off;\nworker_processes 1;\npid {home}/nginx.pid;\nerror_log {home}/nginx.err;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n  access_log {home}/access.log;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 100000000;\n  \
             client_body_temp_path {home}/body;\n  proxy_temp_path {home}/proxy;\n  fastcgi_temp_path {home}/fastcgi;\n  \
             uwsgi_temp_path {home}/uwsgi;\n  scgi_temp_path {home}/scgi;\n  types {{ text/html html; }}\n  server {{\n    \
             listen {address};\n    root {};\n  }}\n}}\n",
            site.display()
        );
        let file = scratch.join("nginx.conf");
        std::fs::write(&file, settings)?;
        for program in ["nginx", "/usr/sbin/nginx"] {
            let mut command = Command::new(program);
            command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            match command.spawn() {
                Ok(process) => return Ok(Some(Self { process, address })),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Waits until it answers at all.
    fn wait(&self) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        while begun.elapsed() < START {
            let answered = Wire::to(self.address).and_then(|mut wire| wire.ask(&request(self.address, "/ready", &[])));
            // nginx has no such page, and says so.
            if answered.is_ok_and(|came| matches!(came.status, 200 | 404)) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err("the server does not answer".into())
    }

    fn body(&self, path: &str, more: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut wire = Wire::to(self.address)?;
        let came = wire.ask(&request(self.address, path, more))?;
        if came.status != 200 {
            return Err(format!("{path} answered {}", came.status).into());
        }
        Ok(wire.body().to_vec())
    }

    /// The first link on a page that begins so.
    fn first_link(&self, page: &str, begin: &str) -> Result<String, Box<dyn Error>> {
        let html = String::from_utf8(self.body(page, &[])?)?;
        let link = html
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .find(|link| link.starts_with(begin));
        link.map(|link| link.replace("&amp;", "&"))
            .ok_or_else(|| format!("{page} has no link that begins with {begin}").into())
    }

    /// How much of a core it takes while nobody asks, in percent.
    fn idle(&self, length: Duration) -> Result<f64, Box<dyn Error>> {
        let before = self.cpu()?;
        thread::sleep(length);
        Ok(100.0 * millis(self.cpu()?.saturating_sub(before)) / millis(length))
    }

    /// One request after the other, the paths in turn.
    fn measure(&self, paths: &[String], more: &[&str], rounds: usize) -> Result<Measured, Box<dyn Error>> {
        let requests: Vec<Vec<u8>> = paths.iter().map(|path| request(self.address, path, more)).collect();
        let mut wire = Wire::to(self.address)?;
        // What is opened, planned and kept with the first request of a kind is not its cost.
        for asked in requests.iter().take(rounds) {
            wire.ask(asked)?;
        }
        let before = self.cpu()?;
        let (mut times, mut bytes) = (Vec::with_capacity(rounds), 0);
        for nth in 0..rounds {
            let begun = Instant::now();
            let came = wire.ask(&requests[nth % requests.len()])?;
            times.push(begun.elapsed());
            if came.status != 200 {
                return Err(format!("{} answered {}", paths[nth % paths.len()], came.status).into());
            }
            bytes += came.bytes;
        }
        let cpu = millis(self.cpu()?.saturating_sub(before)) / rounds.max(1) as f64;
        times.sort_unstable();
        Ok(Measured { cpu, times, bytes: bytes / rounds.max(1) })
    }

    /// As many requests as it takes, for one window.
    fn load(&self, path: &str, more: &[&str]) -> Result<Load, Box<dyn Error>> {
        let asked = request(self.address, path, more);
        let (over, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let before = self.cpu()?;
        let begun = Instant::now();
        thread::scope(|scope| {
            let client = || -> io::Result<()> {
                let mut wire = Wire::to(self.address)?;
                while !over.load(Ordering::Relaxed) {
                    if wire.ask(&asked)?.status != 200 {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            };
            let clients: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(client)).collect();
            thread::sleep(WINDOW);
            over.store(true, Ordering::Relaxed);
            clients.into_iter().try_for_each(|one| one.join().unwrap_or(Ok(())))
        })?;
        let requests = done.load(Ordering::Relaxed);
        Ok(Load { requests, took: begun.elapsed(), cpu: self.cpu()?.saturating_sub(before) })
    }

    fn cpu(&self) -> io::Result<Duration> {
        cpu_of(&PathBuf::from(format!("/proc/{}/stat", self.process.id())))
    }
}

struct Measured {
    /// Milliseconds of the server's processor time for each.
    cpu: f64,
    times: Vec<Duration>,
    bytes: usize,
}

impl Measured {
    fn at(&self, share: f64) -> f64 {
        let index = (self.times.len() as f64 * share) as usize;
        self.times.get(index.min(self.times.len().saturating_sub(1))).copied().map_or(0.0, millis)
    }
}

/// What one server did in windows of load.
#[derive(Default)]
struct Load {
    requests: u64,
    took: Duration,
    cpu: Duration,
}

impl Load {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.took += other.took;
        self.cpu += other.cpu;
    }

    fn rate(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// Milliseconds of the server's processor time for each.
    fn cpu(&self) -> f64 {
        millis(self.cpu) / self.requests.max(1) as f64
    }
}

/// An address of this machine that nobody listens on.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}
