//! Every act of staff leaves a line in the audit log: a walk over the routes by which something of the desk or of the site
//! can be changed. What is not walked is named here, with the reason.

use std::collections::BTreeSet;

use answerwell::members::Role;
use answerwell::topics::{self, Rules};

use super::{count, logged, report};
use crate::forum::{insert_topic, set_rules};
use crate::support::{Answer, Person, TestLoop, eventually};

const ROUTES: &str = include_str!("../../../src/routes.rs");

/// They show, keep what one is writing, or arrange one's own page.
const CHANGE_NOTHING_OF_THE_SITE: [&str; 13] = [
    "/desk/count",
    "/desk/private/count",
    "/desk/views",
    "/desk/views/{id}/delete",
    "/desk/questions/{id}/draft",
    "/desk/questions/{id}/hand-in",
    "/desk/questions/{id}/insert",
    "/desk/answers/{id}/verify/draft",
    "/desk/answers/{id}/verify/hand-in",
    "/desk/answers/{id}/verify/insert",
    "/desk/drafts/{id}/take-back",
    "/admin/channels/check",
    "/first-run/{token}",
];

/// Their stories are told where they belong, and write to the log by the same calls: a conversation, an undo window or a
/// network is needed that this walk has not.
const SHOWN_ELSEWHERE: [&str; 12] = [
    "/desk/private/{id}/messages",
    "/desk/private/{id}/settle",
    "/desk/private/{id}/notes",
    "/desk/posts/{id}/private",
    "/desk/posts/{id}/hide",
    "/desk/gaps/{id}",
    "/desk/questions/{id}/take",
    "/desk/results/{id}",
    "/desk/deliveries/{id}/undo",
    "/admin/mail/{id}",
    "/admin/channels/{network}/keys",
    "/admin/channels/{network}/choose",
];

/// The address patterns of all forms of the desk and of the site.
fn list_forms() -> BTreeSet<&'static str> {
    let posts = ROUTES.lines().filter(|line| line.contains("post()"));
    let paths = posts.filter_map(|line| line.split('"').nth(1));
    let of_staff = |path: &&str| {
        ["/desk/", "/admin/", "/first-run"].iter().any(|begin| path.starts_with(begin))
            || *path == "/questions/{id}/title"
    };
    paths.filter(of_staff).collect()
}

/// Who walks, and where they have been.
struct Walk {
    ends: TestLoop,
    seen: BTreeSet<&'static str>,
}

impl Walk {
    /// Posts a form and finds the act in the log.
    async fn step(
        &mut self,
        who: &Person,
        route: &'static str,
        place: &str,
        fields: &[(&str, &str)],
        act: &str,
    ) -> Answer {
        let before = logged(&self.ends, act).await;
        let answer = who.post_form(place, fields).await;
        assert!(answer.status < 400, "{place} answered {}: {}", answer.status, answer.text());
        assert_eq!(logged(&self.ends, act).await, before + 1, "{place} left no line of {act}: {}", answer.text());
        self.seen.insert(route);
        answer
    }
}

impl Walk {
    /// Fills in the form of a page and finds the act in the log.
    async fn fill(
        &mut self,
        who: &Person,
        route: &'static str,
        (page, place): (&str, &str),
        filled: &[(&str, &str)],
        act: &str,
    ) -> Answer {
        let page = who.get(page).await.expect(200);
        let before = logged(&self.ends, act).await;
        let answer = who.submit(&page, place, filled).await;
        assert!(answer.status < 400, "{place} answered {}: {}", answer.status, answer.text());
        assert_eq!(logged(&self.ends, act).await, before + 1, "{place} left no line of {act}: {}", answer.text());
        self.seen.insert(route);
        answer
    }
}

#[tokio::test]
async fn every_act_of_staff_is_in_the_log() {
    let ends = TestLoop::start().await;
    let (staff, peer, customer) = (ends.staff().await, ends.peer().await, ends.customer().await);
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let topic = insert_topic(&ends, "wifi", "Wi-Fi").await;
    let (_, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let mut walk = Walk { ends, seen: BTreeSet::new() };
    walk_moderation(&mut walk, &staff, &peer, question, &topic.to_string()).await;
    let asked = ask_in(&customer, "My television box does not start", &topic.to_string()).await;
    let readers = format!("/desk/questions/{asked}/readers");
    for (who, act) in [("asker", "make_private"), ("everybody", "make_public")] {
        let fields = [("readers", who), ("reason", "It names a customer.")];
        walk.step(&staff, "/desk/questions/{id}/readers", &readers, &fields, act).await;
    }
    peer.post_form(&format!("/questions/{asked}/answers"), &[("body", "Unplug it.")]).await.expect(200);
    walk_verifying(&mut walk, &staff, &admin, topic).await;
    walk_tools(&mut walk, &staff, &customer, (question, asked)).await;
    walk_rooms(&mut walk, &admin).await;
    walk_holds(&mut walk, &staff, &customer, topic).await;
    walk_desk(&mut walk, &staff, question).await;
    walk_channels(&mut walk, &admin, &staff).await;
    let named: BTreeSet<&str> = CHANGE_NOTHING_OF_THE_SITE.into_iter().chain(SHOWN_ELSEWHERE).collect();
    let known: BTreeSet<&str> = walk.seen.union(&named).copied().collect();
    let missing: Vec<_> = list_forms().difference(&known).copied().collect();
    assert!(missing.is_empty(), "nobody knows whether these write to the log: {missing:?}");
    assert_eq!(count(&walk.ends, "audit WHERE member_id IS NULL").await, 0, "each line names who did it");
}

async fn walk_moderation(walk: &mut Walk, staff: &Person, peer: &Person, question: i64, topic: &str) {
    let post = format!("question-{question}");
    let thread = format!("/desk/questions/{question}");
    let title = [("title", "My router drops the Wi-Fi every evening")];
    walk.step(staff, "/questions/{id}/title", &format!("/questions/{question}/title"), &title, "retitle").await;
    for act in ["lock", "unlock"] {
        let fields = [("act", act), ("reason", "Solved.")];
        walk.step(staff, "/desk/questions/{id}/lock", &format!("{thread}/lock"), &fields, act).await;
    }
    let to = [("topic", topic), ("from", "")];
    walk.step(staff, "/desk/questions/{id}/move", &format!("{thread}/move"), &to, "move").await;
    report(peer, &post, "spam").await.expect(200);
    walk.step(staff, "/desk/flags/{id}", "/desk/flags/1", &[("act", "dismiss")], "dismiss").await;
    let moderate = format!("/desk/moderate/{post}");
    for act in ["hide", "restore"] {
        let fields = [("act", act), ("reason", "Off topic.")];
        walk.step(staff, "/desk/moderate/{post}", &moderate, &fields, act).await;
    }
    let person = "/desk/members/parkerpeer";
    let reason = [("reason", "Rude.")];
    walk.step(staff, "/desk/members/{handle}/warn", &format!("{person}/warn"), &reason, "warn").await;
    for level in ["trusted", "new"] {
        let fields = [("level", level)];
        walk.step(staff, "/desk/members/{handle}/trust", &format!("{person}/trust"), &fields, "trust").await;
    }
    let stop = [("until", "2999-12-31"), ("reason", "Rude.")];
    walk.step(staff, "/desk/members/{handle}/ban", &format!("{person}/ban"), &stop, "ban").await;
    walk.step(staff, "/desk/members/{handle}/lift", &format!("{person}/lift"), &[], "lift_ban").await;
    let label = [("seen", ""), ("label", "champion")];
    walk.step(staff, "/desk/members/{handle}/label", &format!("{person}/label"), &label, "label").await;
    walk.step(staff, "/desk/members/{handle}/hide-all", &format!("{person}/hide-all"), &reason, "hide_all").await;
    walk.step(staff, "/desk/bulk-hides/{id}/restore", "/desk/bulk-hides/1/restore", &[], "restore_all").await;
    let page = staff.get(&moderate).await.expect(200);
    let author = page.links().into_iter().find(|link| link.starts_with("/desk/remote-authors/")).expect("its author");
    walk.step(staff, "/desk/remote-authors/{id}/hide-all", &format!("{author}/hide-all"), &reason, "hide_all").await;
    walk.step(staff, "/desk/bulk-hides/{id}/restore", "/desk/bulk-hides/2/restore", &[], "restore_all").await;
}

/// Asks here and returns the id of the question.
async fn ask_in(who: &Person, title: &str, topic: &str) -> i64 {
    let question = [("title", title), ("body", "Dark."), ("topic", topic), ("seen", "yes")];
    let thread = who.post_form("/ask", &question).await.expect(200);
    thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread")
}

/// Of the first answer, in a topic that comes to ask for two.
async fn walk_verifying(walk: &mut Walk, staff: &Person, admin: &Person, topic: topics::TopicId) {
    let verify = "/desk/answers/1/verify";
    let not = [("why", "Which box is it?"), ("revision", "1")];
    walk.step(staff, "/desk/answers/{id}/refuse", "/desk/answers/1/refuse", &not, "refuse").await;
    let evidence = [("evidence", "Tried on two boxes")];
    walk.fill(staff, "/desk/answers/{id}/verify", (verify, verify), &evidence, "verify").await;
    let (withdraw, why) = ("/desk/verifications/1/withdraw", [("why", "It was another box.")]);
    walk.step(staff, "/desk/verifications/{id}/withdraw", withdraw, &why, "withdraw").await;
    set_rules(&walk.ends, topic, Rules { two_person: true, ..Rules::default() }).await;
    walk.fill(staff, "/desk/answers/{id}/verify", (verify, verify), &evidence, "verify").await;
    let (refuse, confirm) = ("/desk/verifications/2/refuse", "/desk/verifications/3/confirm");
    walk.fill(admin, "/desk/verifications/{id}/refuse", (verify, refuse), &why, "refuse").await;
    walk.fill(staff, "/desk/answers/{id}/verify", (verify, verify), &evidence, "verify").await;
    walk.fill(admin, "/desk/verifications/{id}/confirm", (verify, confirm), &[], "confirm").await;
    let release = [("product", "Box"), ("version", "5.0")];
    walk.step(staff, "/desk/releases", "/desk/releases", &release, "enter_release").await;
}

/// `mirrored`, `asked`: a question of a network, and one that was asked here.
async fn walk_tools(walk: &mut Walk, staff: &Person, customer: &Person, (mirrored, asked): (i64, i64)) {
    let thread = format!("/desk/questions/{asked}");
    let note = [("note", "Ask them for the serial number.")];
    walk.step(staff, "/desk/questions/{id}/notes", &format!("{thread}/notes"), &note, "note").await;
    walk.step(staff, "/desk/notes/{id}/remove", "/desk/notes/1/remove", &[], "note").await;
    let text = [("name", "Hello"), ("lang", "en"), ("body", "Hello {{asker}}"), ("revision", "1")];
    walk.step(staff, "/desk/macros", "/desk/macros", &text, "macro").await;
    walk.step(staff, "/desk/macros/{id}", "/desk/macros/1", &text, "macro").await;
    walk.step(staff, "/desk/macros/{id}/delete", "/desk/macros/1/delete", &[("revision", "2")], "macro").await;
    let trainee = walk.ends.person("Tara Trainee", Role::Trainee).await;
    let page = trainee.get(&format!("/desk/questions/{mirrored}")).await.expect(200);
    let hand_in = format!("/desk/questions/{mirrored}/hand-in");
    trainee.submit(&page, &hand_in, &[("text", "Which model is it?")]).await.expect(200);
    let reason = [("reason", "Say hello first.")];
    walk.step(staff, "/desk/drafts/{id}/return", "/desk/drafts/1/return", &reason, "return_draft").await;
    let (merge, into) = (format!("/desk/questions/{mirrored}/merge"), asked.to_string());
    walk.step(staff, "/desk/questions/{id}/merge", &merge, &[("into", &into)], "merge").await;
    let unmerge = format!("/desk/questions/{mirrored}/unmerge");
    walk.step(staff, "/desk/questions/{id}/unmerge", &unmerge, &[], "unmerge").await;
    let other = [("other", into.as_str())];
    walk.step(staff, "/desk/questions/{id}/apart", &format!("/desk/questions/{mirrored}/apart"), &other, "keep_apart")
        .await;
    let words = [("body", "And the remote control is broken, too.")];
    let said = customer.post_form(&format!("/questions/{asked}/comments"), &words).await.expect(200);
    let comment = said.body.split("id=\"comment-").nth(1).and_then(|rest| rest.split('"').next()).expect("the comment");
    let split = format!("/desk/posts/comment-{comment}/split");
    let title = [("title", "The remote control is broken")];
    let apart = walk.step(staff, "/desk/posts/{post}/split", &split, &title, "split").await;
    let unsplit = format!("{}/unsplit", apart.path);
    walk.step(staff, "/desk/questions/{id}/unsplit", &unsplit, &[], "unsplit").await;
}

async fn walk_rooms(walk: &mut Walk, admin: &Person) {
    let (new, one, end) = ("/admin/topics/new", "/admin/topics/2", "/admin/topics/2/delete");
    walk.fill(admin, "/admin/topics/new", (new, new), &[("name", "Television")], "topic").await;
    walk.fill(admin, "/admin/topics/{id}", (one, one), &[("name", "TV")], "topic").await;
    walk.step(admin, "/admin/topics/{id}/order", "/admin/topics/2/order", &[("to", "up")], "topic").await;
    let (fields, asks) = ("/admin/topics/2/fields", [("name", "Device"), ("kind", "text")]);
    walk.fill(admin, "/admin/topics/{id}/fields", (fields, fields), &asks, "topic").await;
    walk.step(admin, "/admin/fields/{id}", "/admin/fields/1", &[("act", "require")], "topic").await;
    let edit = "/admin/fields/1/edit";
    walk.fill(admin, "/admin/fields/{id}/edit", (edit, edit), &[("name", "Model")], "topic").await;
    walk.step(admin, "/admin/topics/{id}/delete", end, &[("to", "none")], "topic").await;
    let (new, one) = ("/admin/teams/new", "/admin/teams/1");
    walk.fill(admin, "/admin/teams/new", (new, new), &[("name", "Network")], "team").await;
    walk.fill(admin, "/admin/teams/{id}", (one, one), &[("name", "Networks")], "team").await;
    walk.step(admin, "/admin/teams/{id}/delete", "/admin/teams/1/delete", &[], "team").await;
    let (new, one) = ("/admin/hours/new", "/admin/hours/1");
    let office = [("name", "Office"), ("zone", "Europe/Berlin")];
    walk.fill(admin, "/admin/hours/new", (new, new), &office, "hours").await;
    walk.fill(admin, "/admin/hours/{id}", (one, one), &[("name", "The office")], "hours").await;
    walk.step(admin, "/admin/hours/{id}/delete", "/admin/hours/1/delete", &[], "hours").await;
    let targets = "/admin/targets";
    walk.fill(admin, targets, (targets, targets), &[("minutes", "30")], "target").await;
    walk.step(admin, "/admin/targets/{id}/delete", "/admin/targets/1/delete", &[], "target").await;
    let site = "/admin/site";
    walk.fill(admin, site, (site, site), &[("site_name", "Acme Help")], "setting").await;
    let invitation = [("role", "staff"), ("title", "")];
    let (invite, revoke) = ("/admin/people/invitations", "/admin/people/invitations/1/revoke");
    walk.step(admin, "/admin/people/invitations", invite, &invitation, "invite").await;
    walk.step(admin, "/admin/people/invitations/{id}/revoke", revoke, &[], "invite").await;
    let colleague = walk.ends.person("Cleo Colleague", Role::Trainee).await.id;
    let raised = [("seen_role", "trainee"), ("seen_title", ""), ("role", "staff"), ("title", "")];
    let person = format!("/admin/people/{colleague}");
    walk.step(admin, "/admin/people/{id}", &person, &raised, "change_role").await;
    let seen = [("seen_role", "staff")];
    walk.step(admin, "/admin/people/{id}/remove", &format!("{person}/remove"), &seen, "change_role").await;
}

async fn walk_holds(walk: &mut Walk, staff: &Person, customer: &Person, topic: topics::TopicId) {
    set_rules(&walk.ends, topic, Rules { hold_first: 9, ..Rules::default() }).await;
    for (hold, act) in [("1", "approve"), ("2", "reject")] {
        let title = format!("My television box does not start {hold}");
        let (title, topic) = (title.as_str(), topic.to_string());
        let question = [("title", title), ("body", "Dark."), ("topic", &topic), ("seen", "yes")];
        customer.post_form("/ask", &question).await.expect(200).expect_text("waits for review");
        let fields = [("act", act), ("reason", "No.")];
        walk.step(staff, "/desk/posts-held/{id}", &format!("/desk/posts-held/{hold}"), &fields, act).await;
    }
}

async fn walk_desk(walk: &mut Walk, staff: &Person, question: i64) {
    let thread = format!("/desk/questions/{question}");
    let item = format!("question-{question}.0");
    let claim = [("act", "claim"), ("item", item.as_str()), ("back", "/desk"), ("words", "")];
    walk.step(staff, "/desk/work", "/desk/work", &claim, "claim").await;
    let settle = format!("{thread}/settle");
    walk.fill(staff, "/desk/questions/{id}/settle", (&thread, &settle), &[], "settle").await;
    let (visitor, remove) = (walk.ends.visitor(), format!("/questions/{question}/remove"));
    visitor.post_form(&remove, &[("message", "Mine."), ("contact", "mara@example.com")]).await.expect(200);
    let keep = [("act", "keep")];
    walk.step(staff, "/desk/removals/{id}", "/desk/removals/1", &keep, "decide_removal").await;
    walk.step(staff, "/desk/unreadable", "/desk/unreadable", &[], "unreadable").await;
    eventually("a search that found nothing is counted", async || {
        visitor.get("/search?q=zeppelin").await.expect(200);
        count(&walk.ends, "unfound").await == 1
    })
    .await;
    walk.step(staff, "/desk/unfound", "/desk/unfound", &[("words", "zeppelin")], "see_to_unfound").await;
    let query = "acme router";
    let search = [("channel", "1"), ("name", "Routers"), ("query", query), ("previewed", query), ("act", "save")];
    walk.step(staff, "/desk/searches", "/desk/searches", &search, "search").await;
    walk.step(staff, "/desk/searches/{id}", "/desk/searches/1", &search, "search").await;
    walk.step(staff, "/desk/searches/{id}/state", "/desk/searches/1/state", &[("act", "pause")], "search").await;
    let ours = walk.ends.says("acme", "Version 4.2 is out", None);
    let post = walk.ends.says("tom_k", "Since then the light is red and nobody helps", Some(&ours));
    let other = format!("/desk/questions/{}", walk.ends.waiting_for(&post).await.question_id);
    let messages = format!("{other}/messages");
    let text = [("text", "Which model is it?")];
    walk.fill(staff, "/desk/questions/{id}/messages", (&other, &messages), &text, "send").await;
    let withdraw = [("act", "withdraw")];
    walk.step(staff, "/desk/deliveries/{id}", "/desk/deliveries/1", &withdraw, "decide_delivery").await;
}

async fn walk_channels(walk: &mut Walk, admin: &Person, staff: &Person) {
    let hold = [("mode", "hold")];
    walk.step(admin, "/admin/channels/{id}", "/admin/channels/1", &hold, "channel").await;
    walk.ends.says("eva_k", "@acme the box is dead since this morning", None);
    crate::support::eventually("the post is held", async || staff.get("/desk/held").await.says("the box is dead"))
        .await;
    let list = staff.get("/desk/held").await;
    let at = list.body.find("action=\"/desk/held/").expect("a held post") + "action=\"".len();
    let place = list.body[at..].split('"').next().unwrap().to_owned();
    walk.fill(staff, "/desk/held/{id}", ("/desk/held", &place), &[("act", "publish")], "decide_held").await;
    let ceiling = [("ceiling", "5")];
    walk.step(admin, "/admin/channels/{id}/spending", "/admin/channels/1/spending", &ceiling, "spending").await;
    walk.step(admin, "/admin/channels/{network}/rotated", "/admin/channels/x/rotated", &[], "channel").await;
    walk.step(admin, "/admin/channels/{id}/disconnect", "/admin/channels/1/disconnect", &[], "channel").await;
}
