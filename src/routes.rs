//! The whole URL table. A reader finds any page here in one step.

use actix_web::web::{ServiceConfig, get, post};

use crate::members::{sign_in, sign_out, sign_up};
use crate::search::results;
use crate::web::assets;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/search", get().to(results::show))
        .route("/sign-up", get().to(sign_up::show))
        .route("/sign-up", post().to(sign_up::sign_up))
        .route("/sign-up/keep", post().to(sign_up::keep))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::sign_in))
        .route("/sign-out", post().to(sign_out::sign_out))
        .route("/assets/{hash}/{name:.*}", get().to(assets::show));
}
