//! What nobody but its owner should read in a public post: card, bank account and phone numbers, and e-mail addresses. Pure.

use std::sync::LazyLock;

use iban::Iban;
use regex::Regex;

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.\p{L}{2,}").expect("the pattern is fixed"));
const DIGIT: &str = r"[0-9\x{FF10}-\x{FF19}]";
/// Marks of no width.
const UNSEEN: &str = r"[\x{200B}-\x{200D}\x{2060}\x{FEFF}]*";
/// Digits with the separators that people put between them, and with the marks of no width that hide a number from a
/// plain search; addresses are matched first so that they are left alone.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let between = r"[ .()/\x{A0}\x{2009}\x{202F}\x{2011}\x{2013}-]";
    let number = format!("[+(]?{UNSEEN}{DIGIT}(?:{UNSEEN}(?:{between}{UNSEEN}){{0,2}}{DIGIT}){{7,}}");
    Regex::new(&format!(r"(?P<url>https?://\S+)|(?P<number>{number})")).expect("the pattern is fixed")
});
/// What every IBAN begins with: a country and two digits. Addresses are matched first so that they are left alone.
static IBAN_BEGIN: LazyLock<Regex> = LazyLock::new(|| {
    let letter = r"[A-Za-z\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}]";
    let begin = format!(r"\b{letter}{UNSEEN}{letter}{UNSEEN}[ \x{{A0}}]?{UNSEEN}{DIGIT}{UNSEEN}{DIGIT}");
    Regex::new(&format!(r"(?P<url>https?://\S+)|(?P<begin>{begin})")).expect("the pattern is fixed")
});
/// What the standard allows; no country needs all of it.
const LONGEST_IBAN: usize = 34;

/// What others put in the place of private things, and how we say it.
const FOREIGN_MASKS: [(&str, &str); 4] = [
    ("__email__", "[e-mail address removed]"),
    ("__phone__", "[phone number removed]"),
    ("__phone_number__", "[phone number removed]"),
    ("__credit_card__", "[card number removed]"),
];
/// How many words before a number say what it is.
const NUMBER_CONTEXT: usize = 5;

/// Hides card numbers, bank account numbers, phone numbers and e-mail addresses. What stands in their place says what was there.
pub fn mask(text: &str) -> String {
    let mut text = EMAIL.replace_all(text, "[e-mail address removed]").into_owned();
    for (mask, words) in FOREIGN_MASKS {
        if text.contains(mask) {
            text = text.replace(mask, words);
        }
    }
    let text = mask_ibans(&text);
    NUMBER
        .replace_all(&text, |found: &regex::Captures<'_>| {
            let Some(number) = found.name("number") else { return found[0].to_owned() };
            let seen: String = number.as_str().chars().filter(|c| !is_unseen(*c)).collect();
            let context = context_of(&text[..number.start()]);
            kind_of_number(&seen, context)
                .map_or_else(|| number.as_str().to_owned(), |kind| format!("[{kind} removed]"))
        })
        .into_owned()
}

fn mask_ibans(text: &str) -> String {
    let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
    for found in IBAN_BEGIN.captures_iter(text) {
        let Some(begin) = found.name("begin").map(|begin| begin.start()).filter(|begin| *begin >= done) else {
            continue;
        };
        // "order no 93…" begins as those of Norway do, and one number in a hundred would pass their check.
        let (before, from) = text.split_at(begin);
        let is_number = from.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("no "));
        if is_number && (from.starts_with("no") || context_of(before) == Context::Reference) {
            continue;
        }
        if let Some(length) = length_of_iban(&text[begin..]) {
            masked.push_str(&text[done..begin]);
            masked.push_str("[bank account number removed]");
            done = begin + length;
        }
    }
    masked.push_str(&text[done..]);
    masked
}

/// How many bytes of this text, from its beginning, are an IBAN: as long as its country wants it, with the check digits that
/// belong to it, and no part of a longer word. Separators may stand anywhere in it.
fn length_of_iban(text: &str) -> Option<usize> {
    let (mut number, mut separators) = (String::new(), 0);
    for (at, c) in text.char_indices() {
        // As the pattern of its beginning: the letters and digits of every keyboard, and those of full width.
        let plain = match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
            other => Some(other),
        };
        let plain = plain.filter(char::is_ascii_alphanumeric);
        match (plain, c) {
            (Some(plain), _) => number.push(plain.to_ascii_uppercase()),
            (None, unseen) if is_unseen(unseen) => continue,
            (None, ' ' | '.' | '-' | '\u{A0}' | '\u{2009}' | '\u{202F}' | '\u{2011}' | '\u{2013}')
                if separators < 2 =>
            {
                separators += 1;
                continue;
            }
            _ => return None,
        }
        separators = 0;
        let end = at + c.len_utf8();
        let goes_on = text[end..].chars().find(|next| !is_unseen(*next)).is_some_and(char::is_alphanumeric);
        if !goes_on && number.parse::<Iban>().is_ok() {
            return Some(end);
        }
        if number.len() == LONGEST_IBAN {
            return None;
        }
    }
    None
}

/// What the words before a number say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    /// An order, a case, a parcel: staff and helpers need it, and it reaches nobody.
    Reference,
    /// Somebody can be called there.
    Phone,
    Nothing,
}

fn context_of(before: &str) -> Context {
    const REFERENCES: [&str; 20] = [
        "order",
        "orders",
        "ref",
        "reference",
        "case",
        "ticket",
        "booking",
        "confirmation",
        "tracking",
        "invoice",
        "serial",
        "parcel",
        "shipment",
        "package",
        "incident",
        "request",
        "claim",
        "imei",
        "receipt",
        "awb",
    ];
    const PHONES: [&str; 14] = [
        "call",
        "phone",
        "tel",
        "telephone",
        "mobile",
        "cell",
        "text",
        "whatsapp",
        "contact",
        "reach",
        "ring",
        "dial",
        "sms",
        "fax",
    ];
    let words = before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in words.rev().take(NUMBER_CONTEXT) {
        let word = word.to_lowercase();
        if REFERENCES.contains(&word.as_str()) {
            return Context::Reference;
        }
        if PHONES.contains(&word.as_str()) {
            return Context::Phone;
        }
    }
    Context::Nothing
}

/// A mark of no width, as the pattern of numbers has them.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// `text`: as the pattern of numbers finds it, without the marks of no width.
fn kind_of_number(text: &str, context: Context) -> Option<&'static str> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|c| match c {
            '0'..='9' => c.to_digit(10),
            '\u{FF10}'..='\u{FF19}' => Some(u32::from(c) - 0xFF10),
            _ => None,
        })
        .collect();
    let count = digits.len();
    if (13..=19).contains(&count) && luhn(&digits) {
        return Some("card number");
    }
    let separated = text.chars().skip(1).any(|c| !c.is_ascii_digit() && !('\u{FF10}'..='\u{FF19}').contains(&c));
    // A day with a time behind it is written like a number with separators.
    let dated =
        separated && digits[0] <= 2 && text.chars().nth(4).is_some_and(|c| matches!(c, '-' | '\u{2011}' | '\u{2013}'));
    let phone = match (text.starts_with('+'), digits[0], count) {
        (true, _, 8..=15) => true,
        _ if context == Context::Reference => false,
        (_, 0, 9..=15) => true,
        (_, _, 10..=13) if separated => !dated,
        // In a row, without a word about them: many countries write a phone number so, but none begins it with a 1.
        (_, first, 10) => context == Context::Phone || first > 1,
        (_, _, 8..=13) => context == Context::Phone,
        _ => false,
    };
    phone.then_some("phone number")
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::markdown::GAPS;

    #[test]
    fn private_numbers_and_addresses_are_masked() {
        for (text, expected) in [
            ("card 4111 1111 1111 1111 was charged", "card [card number removed] was charged"),
            ("4111111111111111", "[card number removed]"),
            ("４１１１１１１１１１１１１１１１", "[card number removed]"),
            ("call +49 (0)30 1234-5678 please", "call [phone number removed] please"),
            ("call 555-123-4567.", "call [phone number removed]."),
            ("(555) 123-4567", "[phone number removed]"),
            ("5551234567", "[phone number removed]"),
            ("my order 5552234567 never came", "my order 5552234567 never came"),
            ("Reference number is 5552234567.", "Reference number is 5552234567."),
            ("call me about the order: 5552234567", "call me about the order: 5552234567"),
            ("text me on 1708733216", "text me on [phone number removed]"),
            ("since 1708733216 in the log", "since 1708733216 in the log"),
            ("order 4111111111111111", "order [card number removed]"),
            ("write to __email__ .", "write to [e-mail address removed] ."),
            ("030 12345678", "[phone number removed]"),
            ("write to maria.k+x@mail.example.co.uk!", "write to [e-mail address removed]!"),
            ("@acme order 12345678 of 2026-11-22 at 10:30", "@acme order 12345678 of 2026-11-22 at 10:30"),
            ("see https://x.com/a/status/4111111111111111", "see https://x.com/a/status/4111111111111111"),
            ("router at 192.168.1.1, firmware 10.2.38", "router at 192.168.1.1, firmware 10.2.38"),
            ("2026-11-22 12 o'clock", "2026-11-22 12 o'clock"),
            ("4111\u{200B}1111\u{2060}1111\u{FEFF}1111", "[card number removed]"),
            ("4\u{200D}111 \u{200C}1111 1111 1111!", "[card number removed]!"),
            ("4111\u{2009}1111\u{202F}1111\u{2009}1111", "[card number removed]"),
            ("555\u{2011}123\u{2013}4567", "[phone number removed]"),
            ("+\u{200B}49\u{202F}30\u{202F}12345678", "[phone number removed]"),
            ("555\u{200B}123\u{200B}4567", "[phone number removed]"),
            ("order 1234\u{200B}5678", "order 1234\u{200B}5678"),
            ("2026\u{2011}11\u{2011}22 12 o'clock", "2026\u{2011}11\u{2011}22 12 o'clock"),
            ("from 2019\u{2013}2023", "from 2019\u{2013}2023"),
            ("👩\u{200D}💻 12", "👩\u{200D}💻 12"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn bank_account_numbers_are_masked_and_what_looks_alike_is_not() {
        let hidden = "[bank account number removed]";
        assert!(GAPS.contains(&hidden), "it is marked where it is shown");
        for iban in [
            "DE89 3704 0044 0532 0130 00",
            "DE89370400440532013000",
            "de89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
            "gb29 nwbk 6016 1331 9268 19",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NL91ABNA0417164300",
            "BE68 5390 0754 7034",
            "NO93 8601 1117 947",
            "CH93-0076-2011-6238-5295-7",
            "AT61 1904 3002 3457 3201",
            "ES91.2100.0418.4502.0005.1332",
            "MT84MALT011000012345MTLCAST001S",
            "DE 89 3704 0044 0532 0130 00",
            "DE89\u{A0}3704\u{202F}0044 0532 0130 00",
            "D\u{200B}E89\u{2060}3704 0044\u{200D} 0532 0130 00",
            "ＤＥ８９３７０４００４４０５３２０１３０００",
        ] {
            assert_eq!(mask(iban), hidden, "{iban}");
            assert_eq!(mask(&format!("IBAN:{iban}.")), format!("IBAN:{hidden}."));
            let said = format!("AB12 is my order, refund to {iban} please, not {iban}!");
            assert_eq!(mask(&said), format!("AB12 is my order, refund to {hidden} please, not {hidden}!"));
        }
        assert_eq!(mask("pay NO 93 8601 1117 947"), format!("pay {hidden}"));
        for alike in [
            // The check digits of another number, a digit that is missing, one too many.
            "DE88 3704 0044 0532 0130 00",
            "order DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "XDE89370400440532013000",
            // No country has these.
            "ZZ89370400440532013000",
            "order AB12CD34EF56GH78IJ90",
            "parcel RR123456785DE",
            "invoice IN20 2611 and the case CA51 of the AC-200",
            // Norwegian by its length and its check, but for the word.
            "my order no 9386011117947 never came",
            "Order No 9386011117947",
            "firmware FW10 is older than FW12 and newer than FW08 in the end",
            "see https://x.com/acme/DE89370400440532013000",
        ] {
            assert_eq!(mask(alike), alike);
        }
    }
}
