//! The whole URL table. A reader finds any page here in one step.

use actix_web::web::{ServiceConfig, get, post};

use crate::answers::{accept, answer, edit, history};
use crate::bridge::access::{choice, consent, keys, page};
use crate::bridge::inbound::{pictures, post_pictures, remove, webhook};
use crate::bridge::meter::spending;
use crate::bridge::outbound;
use crate::comments::comment;
use crate::desk;
use crate::members::{sign_in, sign_out, sign_up};
use crate::profiles;
use crate::questions::{ask, lists, retitle};
use crate::search::results;
use crate::threads::show;
use crate::upkeep::ready;
use crate::votes::vote;
use crate::web::{assets, theme};

pub fn routes(config: &mut ServiceConfig) {
    config
        // Finding.
        .route("/", get().to(lists::active))
        .route("/newest", get().to(lists::newest))
        .route("/unanswered", get().to(lists::unanswered))
        .route("/topics/{slug}", get().to(lists::of_topic))
        .route("/search", get().to(results::show))
        // Asking, answering, judging.
        .route("/ask", get().to(ask::show))
        .route("/ask", post().to(ask::ask))
        .route("/questions/{id}/title", post().to(retitle::retitle))
        .route("/questions/{id}/answers", post().to(answer::answer))
        .route("/questions/{id}/comments", post().to(comment::comment))
        .route("/questions/{id}/remove", get().to(remove::show))
        .route("/questions/{id}/remove", post().to(remove::ask))
        .route("/questions/{id}/remove/deleted", post().to(remove::deleted))
        .route("/removal-asked", get().to(remove::asked))
        .route("/answers/{id}/accept", post().to(accept::accept))
        .route("/answers/{id}/edit", get().to(edit::show))
        .route("/answers/{id}/edit", post().to(edit::edit))
        .route("/answers/{id}/history", get().to(history::show))
        .route("/votes", post().to(vote::vote))
        .route("/questions/{id}", get().to(show::show_short))
        .route("/questions/{id}/{slug}", get().to(show::show))
        // People.
        .route("/members/{handle}", get().to(profiles::show))
        .route("/sign-up", get().to(sign_up::show))
        .route("/sign-up", post().to(sign_up::sign_up))
        .route("/sign-up/keep", post().to(sign_up::keep))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::sign_in))
        .route("/sign-out", post().to(sign_out::sign_out))
        // The desk.
        .route("/desk", get().to(desk::lists::waiting))
        .route("/desk/private", get().to(desk::private::list::show))
        .route("/desk/private/{id}", get().to(desk::private::thread::show))
        .route("/desk/private/{id}/messages", post().to(desk::private::reply::send))
        .route("/desk/private/{id}/settle", post().to(desk::private::reply::settle))
        .route("/desk/private/count", post().to(desk::private::reply::count))
        .route("/desk/private/pictures/{id}", get().to(desk::private::thread::picture))
        .route("/desk/held", get().to(desk::lists::held))
        .route("/desk/held/{id}", post().to(desk::review::decide))
        .route("/desk/deliveries", get().to(desk::lists::deliveries))
        .route("/desk/deliveries/{id}", post().to(desk::decide::about_delivery))
        .route("/desk/unreadable", post().to(desk::review::try_again))
        .route("/desk/gaps/{id}", post().to(desk::review::dismiss_gap))
        .route("/desk/removals", get().to(desk::lists::removals))
        .route("/desk/removals/{id}", post().to(desk::decide::about_removal))
        .route("/desk/questions/{id}", get().to(desk::thread::show))
        .route("/desk/questions/{id}/messages", post().to(desk::talk::send))
        .route("/desk/questions/{id}/take", post().to(desk::suggest::take_here))
        .route("/desk/questions/{id}/settle", post().to(desk::talk::settle))
        .route("/desk/posts/{id}/hide", post().to(desk::hide::choose))
        .route("/desk/posts/{id}/private", get().to(desk::private::begin::show))
        .route("/desk/posts/{id}/private", post().to(desk::private::begin::send))
        .route("/desk/answers/{id}/verify", get().to(desk::verify::show))
        .route("/desk/answers/{id}/verify", post().to(desk::verify::verify))
        .route("/desk/answers/{id}/refuse", post().to(desk::verify::refuse::refuse))
        .route("/desk/verifications/{id}/withdraw", post().to(desk::verify::withdraw))
        .route("/desk/verifications/{id}/confirm", post().to(desk::verify::second::confirm))
        .route("/desk/verifications/{id}/refuse", post().to(desk::verify::second::refuse))
        .route("/desk/results/{id}", post().to(desk::results::decide))
        .route("/desk/suggestions", get().to(desk::suggest::show))
        .route("/desk/releases", get().to(desk::releases::show))
        .route("/desk/releases", post().to(desk::releases::enter))
        .route("/desk/searches", get().to(desk::searches::show))
        .route("/desk/searches", post().to(desk::searches::create))
        .route("/desk/searches/new", get().to(desk::searches::begin))
        .route("/desk/searches/{id}", get().to(desk::searches::edit))
        .route("/desk/searches/{id}", post().to(desk::searches::change))
        .route("/desk/searches/{id}/state", post().to(desk::searches::decide))
        .route("/desk/count", post().to(desk::count))
        .route("/desk/pictures/{hash}", get().to(outbound::pictures::show))
        // Running the site.
        .route("/admin/channels", get().to(page::show))
        .route("/admin/channels/check", post().to(page::check))
        .route("/admin/channels/{network}/keys", post().to(keys::set))
        .route("/admin/channels/{network}/rotated", post().to(keys::end_rotation))
        .route("/admin/channels/{network}/connect", get().to(consent::begin))
        .route("/admin/channels/{network}/callback", get().to(consent::end))
        .route("/admin/channels/{network}/choose", post().to(choice::choose))
        .route("/admin/channels/{id}", post().to(page::handle))
        .route("/admin/channels/{id}/disconnect", post().to(page::disconnect))
        .route("/admin/channels/{id}/spending", get().to(spending::show))
        .route("/admin/channels/{id}/spending", post().to(spending::set))
        // The networks.
        .route("/webhooks/{network}", get().to(webhook::challenge))
        .route("/webhooks/{network}", post().to(webhook::receive))
        .route("/pictures/{hash}.png", get().to(pictures::show))
        .route("/pictures/{hash}.jpg", get().to(post_pictures::show))
        // Whoever looks after the process.
        .route("/health", get().to(ready::health))
        .route("/ready", get().to(ready::ready))
        // The frame.
        .route("/theme.css", get().to(theme::show))
        .route("/theme", post().to(theme::choose))
        .route("/assets/{hash}/{name:.*}", get().to(assets::show));
}
