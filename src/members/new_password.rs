//! Another password, for whoever knows the one they have: `GET` and `POST /account/password`. It ends all other sessions.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Account, Own, Posted, create, prove, session_mark, store};
use crate::app::App;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PasswordForm {
    current_password: String,
    password: String,
    /// Of the second factor, where it is on.
    code: String,
}

#[derive(Template)]
#[template(path = "members/password.html")]
struct PasswordPage {
    frame: Frame,
    problems: Problems,
    /// Its address tells programs that keep passwords whose it is.
    account: Account,
}

/// `GET /account/password`
pub async fn show(app: web::Data<App>, frame: Frame, Own(member): Own) -> Result<Page<impl Template>, Error> {
    let account = app.db.read(move |conn| store::account::load_account(conn, member.id)).await?;
    Ok(Page::ok(PasswordPage { frame, problems: Problems::default(), account }))
}

/// `POST /account/password`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, PasswordForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), form) = (posted.by, posted.form);
    let account = app.db.read(move |conn| store::account::load_account(conn, member.id)).await?;
    let mut problems = Problems::default();
    create::check_password(&mut problems, &form.password, &[&account.email, &account.name]);
    if problems.is_empty() && form.password == form.current_password {
        problems.add("password", words::PASSWORD_AS_BEFORE);
    }
    let typed = (form.current_password.as_str(), form.code.as_str());
    let Some(seen) = prove::owner(&app, member.id, &mut problems, "current_password", typed).await? else {
        return Page::unprocessable(PasswordPage { frame, problems, account }).render(&request);
    };
    let (new, kept) = (app.hasher.hash(form.password).await?, session_mark(&request));
    let changed =
        app.db.write(move |tx| store::account::change_password(tx, member.id, (&seen, &new), kept.as_deref())).await?;
    if !changed {
        problems.add("current_password", words::PASSWORD_CHANGED_MEANWHILE);
        return Page::unprocessable(PasswordPage { frame, problems, account }).render(&request);
    }
    Ok(redirect("/account?told=password-changed"))
}
