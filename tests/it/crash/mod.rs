//! Never lost, never twice: the built program is killed (SIGKILL) while a twin holds its request, at each step of a
//! delivery and of an arrival, is started again, and then the twin's list is counted against the public pages. Once with
//! X, and once with Facebook.

mod ground;
mod twin;

use std::time::Duration;

use answerwell::posts::Origin;
use answerwell::sim::x::{Fault, FaultKind, Release};

use self::ground::Ground;
use crate::support::{Answer, Visitor, eventually};

const COMPLAINT: &str = "my router drops wifi every evening, is it just me?";
const ADVICE: &str = "Set the wireless channel to 6 and restart the router. That ends the drops.";

/// When the program dies on the way of a reply.
#[derive(Clone, Copy, Debug)]
enum Sending {
    /// As soon as the person at the desk was answered.
    Queued,
    /// While X has the request but has not taken it; X forgets it.
    HeldThenLost,
    /// The same, and X takes it after the program is dead.
    HeldThenTaken,
    /// X has taken it; its answer was not read.
    Taken,
    /// X has taken it, and its answer is on the way.
    Answered,
}

/// One test for each moment in which the program dies, and a few at random, with one network.
macro_rules! killed {
    ($module:ident, $network:expr, $($name:ident: $of:ident $point:expr,)+) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $name() {
                    $of($network, $point).await;
                }
            )+

            #[tokio::test]
            async fn a_seeded_soak_loses_nothing_and_doubles_nothing() {
                soak($network).await;
            }
        }
    };
}

killed! {
    on_x, Origin::X,
    killed_with_a_reply_in_the_queue: killed_while_sending Sending::Queued,
    killed_before_the_network_takes_a_reply: killed_while_sending Sending::HeldThenLost,
    killed_before_the_network_takes_a_reply_which_it_then_does: killed_while_sending Sending::HeldThenTaken,
    killed_after_the_network_took_a_reply: killed_while_sending Sending::Taken,
    killed_while_the_network_answers: killed_while_sending Sending::Answered,
    killed_as_a_post_is_made: killed_while_arriving Arriving::Posted,
    killed_after_a_webhook_was_accepted: killed_while_arriving Arriving::Accepted,
    killed_while_asking_for_the_post_above: killed_while_arriving Arriving::AskingForParent,
    killed_while_fetching_a_photo: killed_while_arriving Arriving::FetchingPhoto,
    killed_while_polling: killed_while_arriving Arriving::Polling,
}

// Facebook shows no photos of those who write.
killed! {
    on_facebook, Origin::Facebook,
    killed_with_a_reply_in_the_queue: killed_while_sending Sending::Queued,
    killed_before_the_network_takes_a_reply: killed_while_sending Sending::HeldThenLost,
    killed_before_the_network_takes_a_reply_which_it_then_does: killed_while_sending Sending::HeldThenTaken,
    killed_after_the_network_took_a_reply: killed_while_sending Sending::Taken,
    killed_while_the_network_answers: killed_while_sending Sending::Answered,
    killed_as_a_post_is_made: killed_while_arriving Arriving::Posted,
    killed_after_a_webhook_was_accepted: killed_while_arriving Arriving::Accepted,
    killed_while_asking_for_the_post_above: killed_while_arriving Arriving::AskingForParent,
    killed_while_polling: killed_while_arriving Arriving::Polling,
}

async fn killed_while_sending(network: Origin, point: Sending) {
    let ground = Ground::lay(network).await;
    let complaint = ground.complain(COMPLAINT);
    let mut program = ground.start().await;
    let thread = program.thread_of("My router drops wifi every evening").await;
    let peer = program.sign_in("peer@example.com").await;
    let page = peer.get(&thread).await;
    peer.submit(&page, &format!("{}/answers", short(&thread)), &[("body", ADVICE)]).await.expect(200);
    ground.hold_sends(point);
    let staff = program.sign_in("staff@example.com").await;
    verify_and_send(&staff, &thread).await;
    match point {
        Sending::Queued => {}
        Sending::HeldThenLost | Sending::HeldThenTaken | Sending::Taken => {
            eventually("the twin holds the reply", async || !ground.twin.held().is_empty()).await;
        }
        Sending::Answered => {
            eventually("the twin has the reply", async || ground.twin.count_replies(&complaint) > 0).await;
        }
    }
    program.kill();
    ground.twin.clear_faults();
    ground.twin.release(if matches!(point, Sending::HeldThenLost) { Release::Drop } else { Release::GoOn });

    let program = ground.start().await;
    let staff = program.sign_in("staff@example.com").await;
    let mut state = "";
    eventually("the delivery is sent or uncertain for a person", async || {
        let desk = staff.get(&short(&thread).replace("/questions/", "/desk/questions/")).await;
        state = delivery_state(&desk);
        let replies = ground.twin.count_replies(&complaint);
        assert!(replies <= 1, "{point:?}: {replies} replies stand on the network");
        match state {
            "sent" => true,
            // Nothing stands there: the program must not know better than to ask a person.
            "uncertain" => replies == 0 && !desk.says("We still look for it"),
            _ => false,
        }
    })
    .await;
    let replies = ground.twin.count_replies(&complaint);
    match point {
        Sending::HeldThenLost => assert_eq!((state, replies), ("uncertain", 0), "{point:?}"),
        // Death may come after it wrote down that it sends and before it sends: then only a person may send again. A
        // window in which nothing leaves has a story of its own, where there is but one end.
        Sending::Queued if replies == 0 => assert_eq!(state, "uncertain", "{point:?}"),
        _ => assert_eq!((state, replies), ("sent", 1), "{point:?}"),
    }
    ground.check_every_post_is_there_once(&program).await;
}

/// What is inside its undo window when the program dies leaves once, when the window is over.
async fn killed_inside_the_window(network: Origin) {
    let mut ground = Ground::lay(network).await;
    // Long enough that the program dies inside of it on a machine that is busy.
    ground.undo_window = 10;
    let complaint = ground.complain(COMPLAINT);
    let mut program = ground.start().await;
    let thread = program.thread_of("My router drops wifi every evening").await;
    let peer = program.sign_in("peer@example.com").await;
    let page = peer.get(&thread).await;
    peer.submit(&page, &format!("{}/answers", short(&thread)), &[("body", ADVICE)]).await.expect(200);
    let staff = program.sign_in("staff@example.com").await;
    verify_and_send(&staff, &thread).await;
    program.kill();
    assert_eq!(ground.twin.count_replies(&complaint), 0, "it is still inside its window");
    let program = ground.start().await;
    eventually("it left", async || ground.twin.count_replies(&complaint) > 0).await;
    ground.check_every_post_is_there_once(&program).await;
    assert_eq!(ground.twin.count_replies(&complaint), 1);
}

#[tokio::test]
async fn what_is_inside_its_undo_window_leaves_once_after_a_restart() {
    killed_inside_the_window(Origin::X).await;
}

/// When the program dies on the way of a post that arrives.
#[derive(Clone, Copy, Debug)]
enum Arriving {
    /// As soon as the customer has posted.
    Posted,
    /// The webhook was accepted, and nothing was done with it.
    Accepted,
    /// While it asks for the post above.
    AskingForParent,
    /// While it fetches the photo.
    FetchingPhoto,
    /// While it polls.
    Polling,
}

async fn killed_while_arriving(network: Origin, point: Arriving) {
    let ground = Ground::lay(network).await;
    let mut program = ground.start().await;
    // The program is not told of the root, and has to ask for it.
    let root = ground.twin.post_unheard("Wifi gone again tonight. Anybody else on this street?");
    ground.comes_to_rest().await;
    let reads = ground.twin.reads();
    let held = match point {
        Arriving::AskingForParent => Some(reads.a_post),
        Arriving::FetchingPhoto => Some("/profile_images".to_owned()),
        Arriving::Polling => Some(reads.the_timeline),
        Arriving::Posted | Arriving::Accepted => None,
    };
    if let Some(path) = held {
        ground.twin.set_fault(Fault::new(FaultKind::HoldBefore, 1).on("GET", &path));
    }
    if matches!(point, Arriving::Polling) {
        ground.twin.set_fault(Fault::new(FaultKind::WebhookOff, 10));
    }
    let delivered = ground.webhooks_delivered().await;
    ground.twin.reply("same here, can you look into it?", &root);
    match point {
        Arriving::Posted => {}
        Arriving::Accepted => {
            eventually("the webhook was accepted", async || ground.webhooks_delivered().await > delivered).await;
        }
        Arriving::AskingForParent | Arriving::FetchingPhoto | Arriving::Polling => {
            eventually("the twin holds the request", async || !ground.twin.held().is_empty()).await;
        }
    }
    program.kill();
    ground.twin.clear_faults();
    ground.twin.release(Release::GoOn);
    let program = ground.start().await;
    ground.complain("and my bill is wrong as well, who can help with that?");
    program.thread_of("Wifi gone again tonight").await;
    program.thread_of("And my bill is wrong as well").await;
    ground.check_every_post_is_there_once(&program).await;
}

/// Rounds of the soak in an ordinary run; `tests/soak` asks for two hundred.
const USUAL_ROUNDS: u32 = 3;
const USUAL_SEED: u64 = 20_261_122;

/// Kills at random moments, with random faults of the network, and counts at the end. The seed tells the whole story.
async fn soak(network: Origin) {
    let setting = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let rounds = setting("ANSWERWELL_SOAK_ROUNDS").map_or(USUAL_ROUNDS, |rounds| u32::try_from(rounds).unwrap());
    let mut dice = Dice(setting("ANSWERWELL_SOAK_SEED").unwrap_or(USUAL_SEED));
    let ground = Ground::lay(network).await;
    ground.twin.raise_limits(10_000);
    let mut complaints = Vec::new();
    for round in 1..=rounds {
        let mut program = ground.start().await;
        let title = format!("My router number {round} drops wifi every evening");
        let complaint = ground.complain(&format!("{title}, what can I do about it?"));
        if dice.roll(3) == 0 {
            ground.twin.reply(&format!("Same here, number {round}!"), &complaint);
        }
        if dice.roll(2) == 0 {
            let thread = program.thread_of(&title).await;
            let peer = program.sign_in("peer@example.com").await;
            let page = peer.get(&thread).await;
            let advice = format!("Set channel {round} and restart it.");
            peer.submit(&page, &format!("{}/answers", short(&thread)), &[("body", &advice)]).await.expect(200);
            let faults = [
                None,
                Some(FaultKind::DropBefore),
                Some(FaultKind::DropAfter),
                Some(FaultKind::ServerError),
                Some(FaultKind::HoldBefore),
                Some(FaultKind::HoldAfter),
            ];
            if let Some(kind) = faults[dice.roll(faults.len() as u64) as usize] {
                ground.twin.set_fault(Fault::new(kind, 1).on("POST", ground.twin.sends()));
            }
            verify_and_send(&program.sign_in("staff@example.com").await, &thread).await;
        }
        complaints.push((complaint, title));
        tokio::time::sleep(Duration::from_millis(dice.roll(1_200))).await;
        program.kill();
        ground.twin.clear_faults();
        ground.twin.release(if dice.roll(2) == 0 { Release::Drop } else { Release::GoOn });
    }
    let program = ground.start().await;
    let staff = program.sign_in("staff@example.com").await;
    let (mut sent, mut uncertain) = (0, 0);
    for (complaint, title) in &complaints {
        let desk = short(&program.thread_of(title).await).replace("/questions/", "/desk/questions/");
        let mut state = "";
        eventually(&format!("{title} is settled"), async || {
            let page = staff.get(&desk).await;
            state = delivery_state(&page);
            state != "on its way"
                || !page.says("Where it went") && !page.says("Being sent") && !page.says("Something is on its way")
        })
        .await;
        let replies = ground.twin.count_replies(complaint);
        assert!(replies <= 1, "{title}: {replies} replies stand on the network");
        match state {
            "sent" => {
                sent += 1;
                assert_eq!(replies, 1, "{title} says sent, and nothing stands there");
            }
            "uncertain" => uncertain += 1,
            _ => assert_eq!(replies, 0, "{title} is {state}, and a reply stands there"),
        }
    }
    ground.check_every_post_is_there_once(&program).await;
    eprintln!("{rounds} rounds: {sent} sent once, {uncertain} left to a person");
}

/// The same numbers for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

async fn verify_and_send(staff: &Visitor, thread: &str) {
    let page = staff.get(thread).await;
    let verify = page.links().into_iter().find(|link| link.ends_with("/verify")).expect("staff see a link to verify");
    let mut form = staff.get(&verify).await.expect(200);
    eventually("nobody wrote while staff did", async || {
        let sent = staff.submit(&form, &verify, &[("evidence", "Tried on three routers in the lab")]).await;
        let overtaken = sent.status == 422 && sent.says("in this thread since you opened it. Read it, then send.");
        form = if overtaken { sent } else { sent.expect(200) };
        !overtaken
    })
    .await;
}

/// What the desk says of the only delivery of a thread.
fn delivery_state(desk: &Answer) -> &'static str {
    let said = [("Not sure it arrived", "uncertain"), ("View reply on", "sent"), ("Not sent", "failed")];
    said.into_iter().find(|(words, _)| desk.says(words)).map_or("on its way", |(_, state)| state)
}

/// `/questions/7` of `/questions/7/its-title`.
fn short(thread: &str) -> String {
    thread.split('/').take(3).collect::<Vec<_>>().join("/")
}
