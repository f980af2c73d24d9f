//! `answerwell bench desk`: what the queue costs over a large forum, and what open pages cost while nothing happens.
//!
//! Told beside the same process at rest, since a server of its own always does something.

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use tokio::time::sleep;

use super::{Ground, Settings, cpu_time, fill_by, measure, millis, resident_mb};
use crate::members::Role;
use crate::members::create::{NewAccount, create};
use crate::web::assets::Assets;

/// How much is open, and who looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    /// Of the questions, those that nobody of us has looked at.
    pub open: usize,
    /// Pages that are open at once.
    pub staff: usize,
    /// For so many seconds nothing happens.
    pub seconds: u64,
}

const EMAIL: &str = "desk@example.com";
const PASSWORD: &str = "a password for the desk";

/// Fills a database, serves it with one worker, and reports to `out`.
pub async fn run(settings: &Settings, desk: Desk, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let ground = Ground::lay(settings, 1).await?;
    let begun = Instant::now();
    let open = desk.open.min(settings.questions);
    fill_by(&ground.app, settings.questions - open, Role::Staff).await?;
    let first = fill_by(&ground.app, open, Role::Member).await?;
    writeln!(
        out,
        "{} posts, {open} open items written in {:.1} s, {} MB resident",
        settings.questions * 4,
        begun.elapsed().as_secs_f64(),
        resident_mb()?
    )?;
    let newest = ground.app.db.read(crate::db::newest_change).await?;
    ground.app.search.wait_for(newest).await;

    let client = signed_in(&ground).await?;
    let address = &ground.address;
    let asset = Assets::load().path("favicon.svg");
    let base = measure(&client, settings.rounds, |_| format!("{address}{asset}")).await?;
    writeln!(out, "{:<34} {:>9} {:>9} {:>9} {:>7}", "per request", "median ms", "p99 ms", "CPU ms", "ratio")?;
    base.report(out, "a static file", &base)?;
    for (name, path) in [
        ("the queue", "/desk".to_owned()),
        ("its rows alone", "/desk/rows".to_owned()),
        ("one sort of it", "/desk?what=reply".to_owned()),
        ("what is mine", "/desk?whose=mine".to_owned()),
        ("what is nobody's", "/desk?whose=nobody".to_owned()),
        ("asked here", "/desk?network=here".to_owned()),
        ("of a network, where nothing waits", "/desk?network=facebook".to_owned()),
        ("a thread with the queue beside it", format!("/desk/questions/{first}")),
    ] {
        measure(&client, settings.rounds, |_| format!("{address}{path}")).await?.report(out, name, &base)?;
    }

    let rest = idle(desk.seconds).await?;
    let mut streams = Vec::new();
    for number in 0..desk.staff {
        let id = first + i64::try_from(number).unwrap_or(0);
        // A stream has no end: the client's deadline for a whole answer does not hold for it.
        let stream = client.get(format!("{address}/desk/live?on=question-{id}")).timeout(Duration::from_secs(3_600));
        let mut stream = stream.send().await?.error_for_status()?;
        streams.push(tokio::spawn(async move { while let Ok(Some(_)) = stream.chunk().await {} }));
    }
    sleep(Duration::from_secs(2)).await;
    let busy = idle(desk.seconds).await?;
    writeln!(out, "at rest {rest:.2} % of a core; with {} open pages {busy:.2} %", desk.staff)?;
    for stream in streams {
        stream.abort();
    }
    ground.clear().await;
    Ok(())
}

/// How much of a core this process uses while nobody asks for anything, in percent.
async fn idle(seconds: u64) -> Result<f64, Box<dyn Error>> {
    let (cpu, begun) = (cpu_time(), Instant::now());
    sleep(Duration::from_secs(seconds)).await;
    Ok(100.0 * millis(cpu_time().saturating_sub(cpu)) / millis(begun.elapsed()))
}

/// A client that is signed in as staff.
async fn signed_in(ground: &Ground) -> Result<reqwest::Client, Box<dyn Error>> {
    let account = NewAccount {
        name: "Desk".to_owned(),
        email: EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        title: String::new(),
        role: Role::Staff,
    };
    create(&ground.app, account).await?.map_err(|problems| format!("{problems:?}"))?;
    let once = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let form = once.post(format!("{}/sign-in", ground.address)).header("sec-fetch-site", "same-origin");
    let answer = form.form(&[("email", EMAIL), ("password", PASSWORD)]).send().await?;
    let cookie = answer.headers().get(SET_COOKIE).and_then(|line| line.to_str().ok());
    let cookie = cookie.and_then(|line| line.split(';').next()).ok_or("the sign-in gave no session")?;
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_str(cookie)?);
    Ok(reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).default_headers(headers).build()?)
}
