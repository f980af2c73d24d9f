//! The words of the corpus: what people of a company that sells routers and smart-home things might write. Made from lists by
//! a generator that is the same for ever, so that a number always makes the same corpus.

use crate::web::markdown;

/// A generator of numbers that only look like chance (splitmix64): the same on every machine, and in every version.
#[derive(Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// As [`Self::below`], small numbers far more often than great ones: of few everybody talks, of most nobody.
    pub fn skewed(&mut self, end: usize) -> usize {
        let (one, two, three) = (self.below(end), self.below(end), self.below(end));
        one * two / end.max(1) * three / end.max(1)
    }

    /// The number of a word, as often as words are used: the second half as often as the first, by Zipf's law. Below 131,040.
    fn word(&mut self) -> usize {
        let scale = 5 + self.below(12);
        (1 << scale) + self.below(1 << scale) - 32
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

pub(super) const TOPICS: [&str; 12] = [
    "Internet and Wi-Fi",
    "Routers",
    "The app",
    "Smart home",
    "Cameras",
    "Billing",
    "Orders and delivery",
    "Television",
    "Telephony",
    "Moving house",
    "Security",
    "Everything else",
];

const DEVICES: [&str; 16] = [
    "R7 router",
    "R5 router",
    "mesh point",
    "range extender",
    "set-top box",
    "door camera",
    "garden camera",
    "thermostat",
    "light strip",
    "smart plug",
    "motion sensor",
    "hub",
    "phone adapter",
    "fibre box",
    "remote control",
    "alarm siren",
];
const TROUBLES: [&str; 20] = [
    "drops its connection",
    "does not start after the update",
    "blinks orange",
    "forgets its settings",
    "is not found by the app",
    "asks for a password again and again",
    "is slow in the evening",
    "shows the wrong time",
    "makes a humming noise",
    "cannot be reached from outside",
    "loses the guest network",
    "stops recording",
    "shows an error 1042",
    "gets very hot",
    "does not take the new key",
    "answers only by cable",
    "is offline every morning",
    "repeats every message",
    "refuses the second device",
    "was delivered without its power supply",
];
const WHEN: [&str; 12] = [
    "every evening",
    "since the last update",
    "after a power cut",
    "when it rains",
    "since Monday",
    "on the second floor",
    "with an older phone",
    "after moving house",
    "during calls",
    "as soon as two people use it",
    "only on 5 GHz",
    "although support replaced it",
];
const SAID: [&str; 18] = [
    "It worked for two years without any trouble.",
    "I have restarted everything twice, without a difference.",
    "The light on the front stays green the whole time.",
    "My neighbour has the same one and sees the same.",
    "The app says that everything is fine, which it is not.",
    "It takes about ten minutes until it comes back by itself.",
    "A cable instead of Wi-Fi makes no difference.",
    "The update was installed on its own during the night.",
    "I did not change anything, as far as I know.",
    "Support asked me to wait, and that was a week ago.",
    "It stands in the hall, three metres away from the desk.",
    "With the old one in its place all is well.",
    "The log shows nothing at that time, only the restart.",
    "I need it for work, so I would rather not reset it.",
    "There are about twenty devices in the network.",
    "It happens on the tablet and on the television as well.",
    "A factory reset helped for one day.",
    "The serial number begins with 77, if that matters.",
];
const ADVICE: [&str; 20] = [
    "Open the settings and choose a fixed channel instead of the automatic one.",
    "Unplug it, wait for a full minute, and plug it in again before anything else.",
    "The new firmware changed the default; switch the option back under **Advanced**.",
    "Check whether two devices have the same address: that looks exactly like this.",
    "Move it away from the metal shelf; even half a metre made the difference here.",
    "This is a known fault of the batch from spring, and it is replaced without questions.",
    "Write down your settings first, because the reset takes them all.",
    "Turn off the energy saving for this port, then test it for one evening.",
    "The order matters: first the hub, then the sensors, and the app last.",
    "Delete the device from the app, and add it again while standing next to it.",
    "Under `Diagnostics` there is a test that takes two minutes and names the cause.",
    "Use the other socket: the left one is for the telephone only.",
    "Ask for the invoice to be split; they do it within a day.",
    "If the light is still orange after that, the line itself has to be measured.",
    "With version 4.2 it is solved for me and for two friends.",
    "The certificate had run out; setting the clock by hand was enough.",
    "Both bands must have different names, otherwise older phones jump between them.",
    "Take the cable that came with it, the thin ones are too long for this.",
    "It is a setting of the account, not of the device, so look there.",
    "After that it has been quiet for three weeks now.",
];
const STEPS: [&str; 10] = [
    "restarted the router",
    "installed the update",
    "tried another cable",
    "changed the channel",
    "reset the hub",
    "called support",
    "removed the extender",
    "renamed the network",
    "renewed the lease",
    "checked the fuse",
];
const ASIDES: [&str; 12] = [
    "Which version do you have?",
    "Thanks, that was it.",
    "Did not help here, sadly.",
    "Same here since yesterday.",
    "Could you add the serial number?",
    "It works now, after the second try.",
    "Please open a new question for that.",
    "The menu is called *Expert* in the German app.",
    "How long did it take?",
    "I had to do it twice.",
    "That is only in the new app.",
    "See the release notes as well.",
];
const FIRST: [&str; 30] = [
    "Ada", "Ben", "Clara", "Deniz", "Elif", "Finn", "Greta", "Hana", "Ivo", "Jana", "Kofi", "Lena", "Mara", "Nils",
    "Olga", "Pia", "Quinn", "Rosa", "Sven", "Tara", "Uwe", "Vera", "Wim", "Xenia", "Yara", "Zoe", "Amir", "Bea", "Cem",
    "Dora",
];
const LAST: [&str; 24] = [
    "Abel", "Brandt", "Costa", "Demir", "Engel", "Fischer", "Gruber", "Haas", "Ito", "Jensen", "Kaya", "Lang", "Meyer",
    "Novak", "Olsen", "Petit", "Rossi", "Sato", "Thomsen", "Urban", "Vogel", "Weiss", "Yilmaz", "Zander",
];
const TAG_ROOTS: [&str; 20] = [
    "wifi", "update", "app", "login", "camera", "sensor", "invoice", "delivery", "mesh", "cable", "password", "speed",
    "reset", "light", "guest", "fibre", "phone", "tv", "remote", "error",
];
const TAG_ENDS: [&str; 10] = ["", "-r7", "-r5", "-android", "-ios", "-setup", "-slow", "-lost", "-new", "-2024"];

/// Syllables of the words that are made: names of models, places, menus, as every forum has by the ten thousand. Some are in
/// every second thread, most in one or two.
const SYLLABLES: [&str; 64] = [
    "ka", "ro", "mi", "ten", "sol", "va", "lu", "dor", "bel", "ni", "pra", "gor", "est", "uli", "fen", "zar", "tom",
    "hel", "ric", "mon", "pel", "sa", "wen", "tri", "gal", "nor", "bri", "cas", "del", "eno", "fri", "gus", "hal",
    "ine", "jor", "kel", "lim", "mar", "nes", "oro", "pin", "qui", "ras", "sten", "tur", "una", "ver", "win", "xen",
    "yor", "zel", "alt", "bor", "cru", "dan", "erk", "fal", "gri", "hon", "ist", "jas", "kun", "lor", "mel",
];
/// How sentences say such words; `*` is where one stands.
const FRAMES: [&str; 10] = [
    "The * of the * is set to *, and * is not.",
    "It says * when the * is near *.",
    "I have the * from *, with a * for the *.",
    "There is a * in the * that was not there with *.",
    "With * and * it is the same, but the * helps.",
    "Under * you will find *, and behind it the *.",
    "This was * at first, then *, and now it is * all the time.",
    "Before the * you need the *, or * will not do.",
    "Is it * or * that makes the * so *?",
    "My * is older than the *, so it may be the *.",
];

/// A made word, always the same for a number.
fn word(number: usize) -> String {
    let mut word = String::new();
    let mut rest = number + 64;
    while rest > 0 {
        word.push_str(SYLLABLES[rest % 64]);
        rest /= 64;
    }
    word
}

/// Plain sentences of made words.
fn chatter(dice: &mut Dice, sentences: usize) -> String {
    let mut text = String::new();
    for number in 0..sentences {
        if number > 0 {
            text.push(' ');
        }
        for (nth, part) in dice.pick(&FRAMES).split('*').enumerate() {
            if nth > 0 {
                text.push_str(&word(dice.word()));
            }
            text.push_str(part);
        }
    }
    text
}

pub(super) fn title(dice: &mut Dice) -> String {
    let model = word(dice.word());
    let (device, trouble, when) = (dice.pick(&DEVICES), dice.pick(&TROUBLES), dice.pick(&WHEN));
    match dice.below(4) {
        0 => format!("My {model} {device} {trouble} {when}"),
        1 => format!("The {device} {trouble} {when} near {model}"),
        2 => {
            let asked = if dice.chance(50) { "Why it is that the" } else { "What to do when the" };
            format!("{asked} {model} {device} {trouble}")
        }
        _ => format!("New {device} for {model} {trouble} {when}"),
    }
}

/// What a post of a network says: plain text.
pub(super) fn shout(dice: &mut Dice, handle: &str) -> String {
    let (device, trouble, when) = (dice.pick(&DEVICES), dice.pick(&TROUBLES), dice.pick(&WHEN));
    format!("@{handle} my {} {device} {trouble} {when}. {}", word(dice.word()), chatter(dice, 2))
}

pub(super) fn tag(number: usize) -> String {
    format!("{}{}", TAG_ROOTS[number % TAG_ROOTS.len()], TAG_ENDS[number / TAG_ROOTS.len() % TAG_ENDS.len()])
}

pub(super) const TAGS: usize = TAG_ROOTS.len() * TAG_ENDS.len();

pub(super) fn name(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))
}

/// A piece of Markdown, and the HTML that the product makes of it.
pub(super) struct Piece {
    pub source: String,
    pub html: String,
}

/// What texts are put together from. Rendered once: the corpus has hundreds of thousands of posts.
pub(super) struct Pieces {
    asked: Vec<Piece>,
    answered: Vec<Piece>,
    asides: Vec<Piece>,
}

const PARAGRAPHS: usize = 1_500;

impl Pieces {
    pub fn render() -> Self {
        let mut dice = Dice::new(1);
        let pieces = |make: &mut dyn FnMut(&mut Dice) -> String, dice: &mut Dice, many: usize| {
            (0..many).map(|_| Piece::of(make(dice))).collect::<Vec<_>>()
        };
        let asked = pieces(
            &mut |dice| match dice.below(5) {
                0 => format!(
                    "What I tried:\n\n- {}\n- {}\n- {}",
                    dice.pick(&STEPS),
                    dice.pick(&STEPS),
                    dice.pick(&STEPS)
                ),
                1 => format!("```\nstatus: lost\ncode: {}\n```", 1000 + dice.below(90)),
                _ => sentences(dice, &SAID, 3),
            },
            &mut dice,
            PARAGRAPHS,
        );
        let answered = pieces(
            &mut |dice| match dice.below(6) {
                0 => format!("1. {}\n2. {}\n3. {}", dice.pick(&ADVICE), dice.pick(&ADVICE), dice.pick(&ADVICE)),
                1 => format!("> {}\n\n{}", dice.pick(&SAID), dice.pick(&ADVICE)),
                _ => sentences(dice, &ADVICE, 3),
            },
            &mut dice,
            PARAGRAPHS,
        );
        let asides = pieces(&mut |dice| dice.pick(&ASIDES).to_owned(), &mut dice, 60);
        Self { asked, answered, asides }
    }

    pub fn question(&self, dice: &mut Dice) -> Piece {
        let (many, sentences) = (1 + dice.below(2), 3 + dice.below(4));
        joined(&self.asked, dice, many, sentences)
    }

    pub fn answer(&self, dice: &mut Dice) -> Piece {
        let sentences = 2 + dice.below(7);
        joined(&self.answered, dice, 1, sentences)
    }

    pub fn comment(&self, dice: &mut Dice) -> Piece {
        joined(&self.asides, dice, 1, 1)
    }
}

impl Piece {
    pub fn of(source: String) -> Self {
        let html = markdown::to_html(&source).as_str().to_owned();
        Self { source, html }
    }
}

fn sentences(dice: &mut Dice, from: &[&str], most: usize) -> String {
    let many = 2 + dice.below(most);
    (0..many).map(|_| dice.pick(from)).collect::<Vec<_>>().join(" ")
}

/// Blocks one under the other, each after plain sentences, which also keep two lists from becoming one.
fn joined(from: &[Piece], dice: &mut Dice, many: usize, sentences: usize) -> Piece {
    let mut text = Piece { source: String::new(), html: String::new() };
    for number in 0..many {
        let piece = &from[dice.below(from.len())];
        let said = chatter(dice, sentences.div_ceil(many));
        if number > 0 {
            text.source.push_str("\n\n");
        }
        text.source.push_str(&format!("{said}\n\n{}", piece.source));
        text.html.push_str(&format!("<p>{said}</p>\n{}", piece.html));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_pieces_reads_as_the_product_renders_it() {
        let pieces = Pieces::render();
        let mut dice = Dice::new(7);
        for _ in 0..200 {
            for text in [pieces.question(&mut dice), pieces.answer(&mut dice), pieces.comment(&mut dice)] {
                assert_eq!(text.html, markdown::to_html(&text.source).as_str(), "{}", text.source);
            }
        }
    }

    #[test]
    fn the_same_seed_throws_the_same() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            (title(&mut dice), name(&mut dice), dice.below(1_000), dice.skewed(1_000))
        };
        assert_eq!(throw(3), throw(3));
        assert_ne!(throw(3), throw(4));
        assert_eq!(Dice::new(0).next(), 0xe220_a839_7b1d_cdaf);
    }
}
