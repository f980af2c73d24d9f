//! Whether a reply sounds as if the answer worked. A few plain phrases of five languages, and nothing learned: a guess is
//! offered to staff, never acted upon. Pure.

use super::Verdict;

/// Said where it did not help. They come first: "still does not work" holds "work" as well.
const BROKEN: &[&str] = &[
    // English
    "still broken",
    "still not",
    "still no",
    "still doesn't",
    "still does not",
    "still isn't",
    "still the same",
    "same problem",
    "same issue",
    "didn't help",
    "did not help",
    "doesn't help",
    "does not help",
    "didn't work",
    "did not work",
    "doesn't work",
    "does not work",
    "not working",
    "didn't fix",
    "did not fix",
    "didn't solve",
    "did not solve",
    "no change",
    "no luck",
    "nothing changed",
    "not solved",
    "not fixed",
    "came back",
    "worse",
    // German
    "immer noch",
    "hilft nicht",
    "nicht geholfen",
    "geht nicht",
    "geht immer",
    "funktioniert nicht",
    "klappt nicht",
    "leider nicht",
    "gleiche problem",
    "selbe problem",
    "dasselbe problem",
    "nicht gelöst",
    "keine änderung",
    "keine besserung",
    "schlimmer",
    // French
    "toujours pas",
    "ne marche pas",
    "marche pas",
    "ne fonctionne pas",
    "fonctionne pas",
    "pas aidé",
    "pas résolu",
    "même problème",
    "aucun changement",
    "rien changé",
    "toujours le même",
    // Spanish
    "no funciona",
    "no funcionó",
    "no ha funcionado",
    "sigue sin",
    "sigue igual",
    "sigue fallando",
    "mismo problema",
    "no ayudó",
    "no me ayudó",
    "no sirve",
    "no sirvió",
    "sin cambios",
    "todavía no",
    "aún no",
    // Portuguese
    "não funciona",
    "não funcionou",
    "ainda não",
    "continua igual",
    "continua sem",
    "mesmo problema",
    "não ajudou",
    "não resolveu",
    "não deu certo",
    "sem mudança",
];

/// Said where it did.
const WORKED: &[&str] = &[
    // English
    "that worked",
    "it worked",
    "this worked",
    "works now",
    "working now",
    "works again",
    "working again",
    "works fine",
    "works great",
    "it works",
    "that works",
    "fixed it",
    "fixed now",
    "is fixed",
    "that fixed",
    "solved",
    "that helped",
    "it helped",
    "that did it",
    "did the trick",
    "did it,",
    "all good now",
    "problem gone",
    // German
    "hat geholfen",
    "hat funktioniert",
    "funktioniert jetzt",
    "funktioniert wieder",
    "jetzt funktioniert",
    "geht jetzt",
    "jetzt geht",
    "geht wieder",
    "hat geklappt",
    "klappt jetzt",
    "klappt wieder",
    "gelöst",
    "läuft wieder",
    "läuft jetzt",
    // French
    "ça marche",
    "ca marche",
    "a marché",
    "ça fonctionne",
    "a fonctionné",
    "fonctionne maintenant",
    "marche maintenant",
    "remarche",
    "résolu",
    "c'est réglé",
    "a aidé",
    "ça a aidé",
    // Spanish
    "ya funciona",
    "ahora funciona",
    "funcionó",
    "ha funcionado",
    "funciona de nuevo",
    "funciona bien",
    "solucionado",
    "resuelto",
    "me ayudó",
    "me sirvió",
    "ya está",
    // Portuguese
    "já funciona",
    "agora funciona",
    "funcionou",
    "voltou a funcionar",
    "resolvido",
    "resolveu",
    "deu certo",
    "ajudou",
];

/// What a reply sounds like; `None`: like neither.
pub fn guess(text: &str) -> Option<Verdict> {
    let text = plain(text);
    let holds = |phrases: &[&str]| phrases.iter().any(|phrase| is_said(&text, phrase));
    if holds(BROKEN) {
        Some(Verdict::Broken)
    } else if holds(WORKED) {
        Some(Verdict::Worked)
    } else {
        None
    }
}

/// Lower case, with one kind of apostrophe and single spaces.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(['’', '`', '´'], "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the phrase stands there as whole words.
fn is_said(text: &str, phrase: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(phrase).any(|(at, _)| {
        let goes_on = is_letter(text[at + phrase.len()..].chars().next());
        !is_letter(text[..at].chars().next_back()) && (!goes_on || !phrase.ends_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_guessed_in_five_languages() {
        for text in [
            "Channel 40 did it, the whole evening without a drop. Thank you!",
            "That worked, thanks a lot!",
            "@acme It works now",
            "Super, jetzt geht es wieder",
            "Danke, das hat geholfen",
            "Merci, ça marche !",
            "Gracias, ya funciona",
            "Funcionou, obrigada!",
        ] {
            assert_eq!(guess(text), Some(Verdict::Worked), "{text}");
        }
        for text in [
            "Still broken, sorry",
            "That didn’t help, it does not work at all",
            "Tried it and it is not working",
            "Leider nicht, es geht immer noch nicht",
            "Hat leider nicht geholfen",
            "Ça ne marche toujours pas",
            "Sigue sin funcionar",
            "No funciona",
            "Não funcionou, continua igual",
        ] {
            assert_eq!(guess(text), Some(Verdict::Broken), "{text}");
        }
        for text in
            ["Which model do you mean?", "", "I will try tomorrow", "Danke!", "unsolvedness", "¿Dónde está eso?"]
        {
            assert_eq!(guess(text), None, "{text}");
        }
    }
}
