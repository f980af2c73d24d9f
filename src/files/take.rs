//! Pictures on their way into a text: `POST /files` brings one while its writer goes on (by button, paste or drop); without
//! script the form itself brings it, by [`into_text`].

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::words;
use crate::app::App;
use crate::members::{Member, PostedWithFiles};
use crate::pictures::{LONGEST_ALT, Shape, described};
use crate::web::form::Kept;
use crate::web::upload::File;
use crate::web::{Error, Problems};

/// Beside the file there is nothing to say.
#[derive(Deserialize)]
pub struct Nothing {}

/// `POST /files`: `{place, shown, width, height}`, or `{problem}` with status 422.
pub async fn take(app: web::Data<App>, posted: PostedWithFiles<Member, Nothing>) -> Result<HttpResponse, Error> {
    let PostedWithFiles { by, files, .. } = posted;
    let Some(file) = files.into_iter().next() else {
        return Err(Error::BadRequest(words::NO_PICTURE.to_owned()));
    };
    let kept = super::keep(&app, &by, file.bytes, Shape::Whole).await?;
    let answer = match kept {
        Ok(name) => {
            let (shown, (width, height)) = name.shown();
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(json!({ "place": name.place(), "shown": shown, "width": width, "height": height }))
        }
        Err(why) => HttpResponse::UnprocessableEntity()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(json!({ "problem": words::the_picture(&why) })),
    };
    Ok(answer)
}

/// Whether the pressed button of a form that takes pictures shows the text as it is by now, without sending it.
pub fn is_a_look(then: &str) -> bool {
    matches!(then, "picture" | "preview")
}

/// Keeps the picture that came in the field `file_1` of a form and puts it, with what it shows, at the end of the text. In
/// `kept` it stands then, too: the same form sent again needs no file. What is typed when the picture is in the text already,
/// and says nothing there, is what that one shows; what is too long for it is not put there, and can be shortened.
pub async fn into_text(
    app: &App,
    by: &Member,
    (body, alt): (&mut String, &mut String),
    (kept, files): (&mut Kept, Vec<File>),
    problems: &mut Problems,
) -> Result<(), Error> {
    let shows = problems.optional_text("alt", words::WHAT_IT_SHOWS, alt, LONGEST_ALT);
    let shows = if problems.of("alt").is_some() { String::new() } else { shows };
    let pressed = kept.fields.iter().any(|(name, value)| name == "then" && value == "picture");
    if files.is_empty() && describe(body, &shows) {
        alt.clear();
        kept.set("body", body);
        kept.set("alt", alt);
    } else if files.is_empty() && pressed && problems.is_empty() {
        problems.add("file_1", words::CHOOSE_ONE);
    }
    for file in files.into_iter().filter(|file| file.field == "file_1") {
        match super::keep(app, by, file.bytes, Shape::Whole).await? {
            Ok(name) => {
                *body = format!("{}\n\n{}\n", body.trim_end(), name.markdown(&shows)).trim_start().to_owned();
                if problems.of("alt").is_none() {
                    alt.clear();
                }
                kept.set("body", body);
                kept.set("alt", alt);
            }
            Err(why) => problems.add("file_1", words::the_picture(&why)),
        }
    }
    Ok(())
}

/// Gives these words to the first picture of ours in the text that has none. `false`: there is no such picture, or no word.
fn describe(body: &mut String, alt: &str) -> bool {
    let Some(begin) = body.find("![](/files/").filter(|_| !alt.is_empty()) else { return false };
    body.replace_range(begin..begin + "![]".len(), &format!("![{}]", described(alt)));
    true
}
