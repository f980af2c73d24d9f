//! `member`: accounts from the command line. Passwords come from standard input only.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use super::args::{CreateStaff, Recount, ResetPassword};
use super::{Ended, say, upkeep};
use crate::clock::Clock;
use crate::config::Config;
use crate::members::create::{self, NewAccount};
use crate::members::{Hasher, Role};
use crate::people::recount::{self, Recounted};
use crate::settings;
use crate::web::{Error, Problems};

pub(super) async fn create_staff(args: CreateStaff) -> Result<(), Ended> {
    let config = Config::read(args.settings.config.as_deref())?;
    let db = upkeep::open(&config).await?;
    let password = read_password(args.password_stdin).await?;
    let (name, email) = (args.name.clone(), args.email.clone());
    let site = db.read(move |conn| settings::lay_over(conn, config.site)).await?;
    let role = if args.admin { Role::Admin } else { Role::Staff };
    let account = NewAccount { name: args.name, email: args.email, password, title: args.title, role };
    match create::create_in(&db, &Hasher::default(), &Clock::Real, account).await.map_err(told)? {
        Ok(_) => {}
        Err(problems) => return Err(listed(&problems)),
    }
    say(format_args!(
        "{name} is {} now. Next: sign in as {email} at {}/sign-in (or where `--bind` puts it). If the server does not run \
         yet, start it with `answerwell serve`.",
        if role == Role::Admin { "staff and admin" } else { "staff" },
        site.address
    ));
    Ok(())
}

pub(super) async fn reset_password(args: ResetPassword) -> Result<(), Ended> {
    let config = Config::read(args.settings.config.as_deref())?;
    let db = upkeep::open(&config).await?;
    let password = read_password(args.password_stdin).await?;
    match create::reset_password(&db, &args.email, &password, args.without_second_step).await.map_err(told)? {
        Ok(true) => {
            say(format_args!("{} has a new password, and all sessions with the old one are over.", args.email));
            if args.without_second_step {
                say(format_args!("The password alone signs them in; they can set the second step up again."));
            }
            Ok(())
        }
        Ok(false) => Err(Ended::Usage(format!(
            "nobody has the e-mail address {}. Look at the spelling, and whether these are the right settings.",
            args.email
        ))),
        Err(problems) => Err(listed(&problems)),
    }
}

pub(super) async fn recount(args: &Recount) -> Result<(), Ended> {
    let config = Config::read(args.settings.config.as_deref())?;
    let db = upkeep::open(&config).await?;
    let counted = recount::recount(&db, Clock::Real.now()).await.map_err(|error| told(error.into()))?;
    let Recounted { members, mended } = counted;
    say(format_args!("The reputation of {members} members was counted anew; {mended} had another one before."));
    Ok(())
}

fn told(error: Error) -> Ended {
    match error {
        Error::Busy { .. } => Ended::Trouble("the database is busy; try again in a moment".to_owned()),
        other => Ended::Trouble(other.to_string()),
    }
}

fn listed(problems: &Problems) -> Ended {
    let all: Vec<&str> = problems.all().iter().map(|(_, message)| message.as_str()).collect();
    Ended::Usage(all.join(" "))
}

/// Asks at the terminal, twice and unseen; or takes the first line of standard input where that was said.
async fn read_password(from_stdin: bool) -> Result<String, Ended> {
    if from_stdin {
        return read_line().await;
    }
    if !io::stdin().is_terminal() {
        return Err(Ended::Usage(
            "there is no terminal to ask for the password. Pass it on standard input, with --password-stdin."
                .to_owned(),
        ));
    }
    let hidden = echo(false);
    let asked = tokio::select! {
        asked = ask_twice(hidden) => asked,
        _ = tokio::signal::ctrl_c() => Err(Ended::Trouble("nothing was changed".to_owned())),
    };
    if hidden {
        echo(true);
    }
    asked
}

async fn ask_twice(hidden: bool) -> Result<String, Ended> {
    ask(if hidden { "Password: " } else { "Password (it will be seen as you type): " })?;
    let password = read_line().await?;
    ask(if hidden { "\nOnce more: " } else { "Once more: " })?;
    let again = read_line().await?;
    if hidden {
        ask("\n")?;
    }
    if password == again {
        Ok(password)
    } else {
        Err(Ended::Usage("the two passwords are not the same. Nothing was changed; try again.".to_owned()))
    }
}

fn ask(words: &str) -> Result<(), Ended> {
    let mut err = io::stderr().lock();
    err.write_all(words.as_bytes())
        .and_then(|()| err.flush())
        .map_err(|error| Ended::Trouble(format!("the terminal cannot be written: {error}")))
}

/// Lets the terminal show what is typed, or not. `false`: it does as before.
fn echo(on: bool) -> bool {
    let how = if on { "echo" } else { "-echo" };
    Command::new("stty").arg(how).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

async fn read_line() -> Result<String, Ended> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    });
    match read.await {
        Ok(Ok(line)) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        Ok(Err(error)) => Err(Ended::Trouble(format!("the password could not be read: {error}"))),
        Err(panic) => Err(Ended::Trouble(format!("reading the password ended early: {panic}"))),
    }
}
