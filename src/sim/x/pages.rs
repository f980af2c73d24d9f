//! The pages of the twin: where a person can be any customer.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{XTwin, picture};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/profile_images/{user}/photo_{size}.png", web::get().to(show_picture));
}

pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", to)).finish()
}

/// Forms come from the twin's own pages. Programs, which send no `Sec-Fetch-Site`, may do what they like.
pub(super) fn own_origin(request: &HttpRequest) -> Result<(), HttpResponse> {
    match request.headers().get("sec-fetch-site").map(|value| value.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(HttpResponse::Forbidden().body("This form belongs to another site. Use the twin's own pages.")),
    }
}

async fn show_picture(path: web::Path<(u64, String)>, twin: web::Data<XTwin>) -> HttpResponse {
    let (user, size) = path.into_inner();
    let size = match size.as_str() {
        "normal" => 48,
        "bigger" => 73,
        "400x400" => 400,
        _ => return HttpResponse::NotFound().finish(),
    };
    if !twin.state().world.users.contains_key(&user) {
        return HttpResponse::NotFound().finish();
    }
    match picture::draw(user, size) {
        Ok(png) => {
            HttpResponse::Ok().content_type("image/png").insert_header(("cache-control", "max-age=86400")).body(png)
        }
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
