//! The whole URL table. A reader finds any page here in one step.

use actix_web::web::{ServiceConfig, get, post};

use crate::admin;
use crate::answers::{accept, answer, edit, history};
use crate::audit;
use crate::bridge::access::{choice, consent, keys, page};
use crate::bridge::inbound::{pictures, post_pictures, remove, webhook};
use crate::bridge::meter::spending;
use crate::bridge::outbound;
use crate::comments::comment;
use crate::desk;
use crate::holds::told;
use crate::members::{sign_in, sign_out, sign_up};
use crate::moderation;
use crate::notices;
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
        .route("/report/{post}", get().to(moderation::report::show))
        .route("/report/{post}", post().to(moderation::report::report))
        .route("/held/{id}", get().to(told::show))
        // People.
        .route("/members/{handle}", get().to(profiles::show))
        .route("/sign-up", get().to(sign_up::show))
        .route("/sign-up", post().to(sign_up::sign_up))
        .route("/sign-up/keep", post().to(sign_up::keep))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::sign_in))
        .route("/sign-out", post().to(sign_out::sign_out))
        .route("/notices", get().to(notices::page::show))
        .route("/notices/read", post().to(notices::page::read_all))
        .route("/notices/{id}", post().to(notices::page::open))
        // The desk.
        .route("/desk", get().to(desk::queue::show))
        .route("/desk/rows", get().to(desk::queue::show_rows))
        .route("/desk/next", get().to(desk::queue::next::show))
        .route("/desk/live", get().to(desk::live::listen))
        .route("/desk/work", post().to(desk::queue::act::act))
        .route("/desk/views", post().to(desk::queue::views::save))
        .route("/desk/views/{id}/delete", post().to(desk::queue::views::delete))
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
        .route("/desk/flags", get().to(moderation::flags::show))
        .route("/desk/flags/{id}", post().to(moderation::flags::decide))
        .route("/desk/posts-held", get().to(moderation::held::show))
        .route("/desk/posts-held/{id}", post().to(moderation::held::decide))
        .route("/desk/moderate/{post}", get().to(moderation::act::show))
        .route("/desk/moderate/{post}", post().to(moderation::act::act))
        .route("/desk/questions/{id}/lock", post().to(moderation::thread::lock))
        .route("/desk/questions/{id}/move", post().to(moderation::thread::move_to))
        .route("/desk/members/{handle}", get().to(moderation::people::show_member))
        .route("/desk/members/{handle}/warn", post().to(moderation::sanctions::warn))
        .route("/desk/members/{handle}/ban", post().to(moderation::sanctions::ban))
        .route("/desk/members/{handle}/lift", post().to(moderation::sanctions::lift))
        .route("/desk/members/{handle}/hide-all", post().to(moderation::bulk::hide_member))
        .route("/desk/remote-authors/{id}", get().to(moderation::people::show_remote))
        .route("/desk/remote-authors/{id}/hide-all", post().to(moderation::bulk::hide_remote))
        .route("/desk/bulk-hides/{id}/restore", post().to(moderation::bulk::restore))
        .route("/desk/searches", get().to(desk::searches::show))
        .route("/desk/searches", post().to(desk::searches::create))
        .route("/desk/searches/new", get().to(desk::searches::begin))
        .route("/desk/searches/{id}", get().to(desk::searches::edit))
        .route("/desk/searches/{id}", post().to(desk::searches::change))
        .route("/desk/searches/{id}/state", post().to(desk::searches::decide))
        .route("/desk/count", post().to(desk::count))
        .route("/desk/pictures/{hash}", get().to(outbound::pictures::show))
        // Coming in by a one-time link.
        .route("/first-run/{token}", get().to(admin::first_run::show))
        .route("/first-run/{token}", post().to(admin::first_run::begin))
        .route("/invitations/{token}", get().to(admin::join::show))
        .route("/invitations/{token}", post().to(admin::join::join))
        // Running the site.
        .route("/admin", get().to(admin::overview::show))
        .route("/admin/topics", get().to(admin::topics::list))
        .route("/admin/topics/new", get().to(admin::topics::begin))
        .route("/admin/topics/new", post().to(admin::topics::create))
        .route("/admin/topics/{id}", get().to(admin::topics::edit))
        .route("/admin/topics/{id}", post().to(admin::topics::change))
        .route("/admin/topics/{id}/order", post().to(admin::topics::order))
        .route("/admin/topics/{id}/delete", get().to(admin::topic_end::show))
        .route("/admin/topics/{id}/delete", post().to(admin::topic_end::delete))
        .route("/admin/people", get().to(admin::people::show))
        .route("/admin/people/invitations", post().to(admin::invitations::invite))
        .route("/admin/people/invitations/{id}/revoke", post().to(admin::invitations::revoke))
        .route("/admin/people/{id}", post().to(admin::people::change))
        .route("/admin/people/{id}/remove", post().to(admin::people::remove))
        .route("/admin/teams", get().to(admin::teams::list))
        .route("/admin/teams/new", get().to(admin::teams::begin))
        .route("/admin/teams/new", post().to(admin::teams::create))
        .route("/admin/teams/{id}", get().to(admin::teams::edit))
        .route("/admin/teams/{id}", post().to(admin::teams::change))
        .route("/admin/teams/{id}/delete", post().to(admin::teams::delete))
        .route("/admin/hours", get().to(admin::hours::list))
        .route("/admin/hours/new", get().to(admin::hours::begin))
        .route("/admin/hours/new", post().to(admin::hours::create))
        .route("/admin/hours/{id}", get().to(admin::hours::edit))
        .route("/admin/hours/{id}", post().to(admin::hours::change))
        .route("/admin/hours/{id}/delete", post().to(admin::hours::delete))
        .route("/admin/targets", get().to(admin::targets::show))
        .route("/admin/targets", post().to(admin::targets::set))
        .route("/admin/targets/{id}/delete", post().to(admin::targets::remove))
        .route("/admin/site", get().to(admin::site::show))
        .route("/admin/site", post().to(admin::site::change))
        .route("/admin/audit", get().to(audit::page::show))
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
