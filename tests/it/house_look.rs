//! The house as it looks: words for people stand where a translation finds them, days and numbers are written in one place,
//! and styles know the sides of the text. Read from the sources themselves, by rules as in `house_rules`.

use crate::house_rules::{Source, check, list_sources, made_up, product};

/// Where days and times are written for people; the twins write them as their networks do.
fn dates_elsewhere(sources: &[Source]) -> Vec<String> {
    let elsewhere = sources.iter().filter(|source| source.path != "src/clock.rs" && source.part() != "sim");
    let found = elsewhere.flat_map(|source| {
        let code = source.code();
        let words = ["strftime", "format_description!(\n", ".format(&format_description"];
        words.into_iter().filter(move |word| code.contains(word)).map(|word| {
            let word = word.trim_matches(['.', '(', '\n', '&']);
            format!("{}: days and times are written in src/clock.rs, not by {word} here", source.path)
        })
    });
    found.collect()
}

#[test]
fn days_and_times_are_written_in_one_place() {
    // What reads a foreign file's moments writes none.
    let house: Vec<Source> = product().into_iter().filter(|source| source.path != "src/demo/replay/file.rs").collect();
    check(&house, dates_elsewhere, made_up("src/hours/wall.rs", "local.strftime(\"%d.%m.\")"));
}

/// Sentences for people, where only rows belong: a translation would look for them in vain.
fn sentences_in_stores(sources: &[Source]) -> Vec<String> {
    let stores = sources.iter().filter(|source| source.path.ends_with("/store.rs") || source.path.contains("/store/"));
    let mut faults = Vec::new();
    for source in stores {
        let product = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = product.lines().filter(|line| !line.trim_start().starts_with("//"));
        let quoted = code.flat_map(|line| line.split('"').skip(1).step_by(2));
        for text in quoted.filter(|text| text.starts_with(char::is_uppercase) && text.ends_with(['.', '?', '!'])) {
            faults.push(format!("{}: {text:?} belongs into a template or a module of words", source.path));
        }
    }
    faults
}

#[test]
fn stores_hold_rows_and_no_words_for_people() {
    let broken = made_up("src/votes/store.rs", "fn f() { Err(Gone(\"This vote was removed.\")) }");
    check(&product(), sentences_in_stores, broken);
}

/// Markup in Rust. Only Markdown makes some, from what people write.
fn markup_outside_templates(sources: &[Source]) -> Vec<String> {
    let sources = sources.iter().filter(|source| source.path != "src/web/markdown/mod.rs");
    let sources = sources.filter(|source| !["sim", "bench"].contains(&source.part()));
    let mut faults = Vec::new();
    for source in sources {
        let product = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in product.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if line.contains("</") && (line.contains("format!(") || line.contains("push_str(")) {
                faults.push(format!("{}: markup belongs into a template, {}", source.path, line.trim()));
            }
        }
    }
    faults
}

#[test]
fn markup_stands_in_templates() {
    let broken = made_up("src/votes/mod.rs", "fn f() -> String { format!(\"<b>{}</b> votes\", 7) }");
    let house: Vec<Source> = product().into_iter().filter(|source| source.path != "src/web/templates.rs").collect();
    check(&house, markup_outside_templates, broken);
}

/// Words for people in a script: a translation would look for them in vain. They stand in the templates, as data attributes.
fn words_in_scripts(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        for text in quoted_in_script(&source.text) {
            let is_code = text.contains(['[', ']', '#', '=', '>', ':', '_', '/']) || text.starts_with(['.', ' ']);
            let words = text.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1).count();
            let is_sentence = text.starts_with(char::is_uppercase) && text.ends_with(['.', '…', '?', '!']);
            let is_list =
                text.contains(", ") && text.split(", ").all(|one| one.chars().all(|c| c.is_ascii_lowercase()));
            if !is_code && !is_list && (words > 1 || is_sentence) {
                faults.push(format!("{}: {text:?} belongs into a template", source.path));
            }
        }
    }
    faults
}

/// What stands in quotes of any kind, without comments; what is put into a text with `${}` as `…`.
fn quoted_in_script(script: &str) -> Vec<String> {
    let (mut quoted, mut chars) = (Vec::new(), script.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => while chars.next_if(|next| *next != '\n').is_some() {},
            ('/', Some('*')) => {
                let mut before = ' ';
                for next in chars.by_ref() {
                    if (before, next) == ('*', '/') {
                        break;
                    }
                    before = next;
                }
            }
            ('"' | '\'' | '`', _) => {
                let mut text = String::new();
                while let Some(next) = chars.next().filter(|next| *next != c) {
                    match next {
                        '\\' => text.extend(chars.next()),
                        '$' if c == '`' && chars.peek() == Some(&'{') => {
                            let mut depth = 0;
                            for inner in chars.by_ref() {
                                depth += i32::from(inner == '{') - i32::from(inner == '}');
                                if depth == 0 {
                                    break;
                                }
                            }
                            text.push('7');
                        }
                        _ => text.push(next),
                    }
                }
                quoted.push(text);
            }
            _ => {}
        }
    }
    quoted
}

#[test]
fn scripts_hold_no_words_for_people() {
    check(
        &list_sources("static", |path| path.ends_with(".js")),
        words_in_scripts,
        made_up("a.js", "say(`${n} more answers`)"),
    );
    for (script, faults) in [
        ("say('Saved.')", 1),
        ("say(\"Not saved yet\") // \"Not words\"", 1),
        (
            "/* 'two words' */ matches('input, select'), find(\"main form[method=post]\"), on(\"keydown\"), key === 'Enter'",
            0,
        ),
        ("fetch(`/ask/similar?title=${encode(`${a} b`)}`)", 0),
    ] {
        assert_eq!(words_in_scripts(&[made_up("a.js", script)]).len(), faults, "{script}");
    }
}

/// Sides of the screen in a style sheet, where the sides of the text are meant: in a language that is written from the right
/// they are the wrong ones. `overflow-x` stays: its logical name is not known to all browsers yet.
fn sides_of_the_screen(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        for (name, value) in declarations(&source.text) {
            let (sides, sizes) = (["left", "right", "top", "bottom"], ["width", "height"]);
            let boxes = ["margin", "padding", "inset", "border-width", "border-style", "border-color", "scroll-margin"];
            let size = name.trim_start_matches("min-").trim_start_matches("max-");
            let physical =
                !name.starts_with("--") && (sizes.contains(&size) || name.split('-').any(|word| sides.contains(&word)));
            let parts = top_level_words(&value);
            let uneven = boxes.contains(&name.as_str()) && parts.len() == 4 && parts[1] != parts[3];
            let turned = ["text-align", "float", "clear", "resize", "caption-side"].contains(&name.as_str())
                && ["left", "right", "horizontal", "vertical"].contains(&value.as_str());
            let offset = parts.iter().find(|part| **part != "inset");
            let cast = name == "box-shadow" && offset.is_some_and(|x| !x.starts_with('0') && x.ends_with("px"));
            if physical || uneven || turned || cast {
                faults.push(format!("{}: `{name}: {value}` names a side of the screen, not of the text", source.path));
            }
        }
    }
    faults
}

/// The name and the value of each declaration of a style sheet, without comments.
fn declarations(sheet: &str) -> Vec<(String, String)> {
    let bare: String = sheet
        .split("/*")
        .enumerate()
        .map(|(at, part)| match at {
            0 => part,
            _ => part.split_once("*/").map_or("", |(_, after)| after),
        })
        .collect();
    let (mut found, mut piece) = (Vec::new(), String::new());
    for c in bare.chars() {
        match c {
            // What stands before a block is a selector or a condition.
            '{' => piece.clear(),
            ';' | '}' => {
                if let Some((name, value)) = piece.split_once(':') {
                    found.push((name.trim().to_owned(), value.trim().trim_end_matches("!important").trim().to_owned()));
                }
                piece.clear();
            }
            _ => piece.push(c),
        }
    }
    found
}

/// Words apart by spaces, with what stands in brackets as part of its word.
fn top_level_words(value: &str) -> Vec<&str> {
    let (mut words, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, c) in value.char_indices().chain([(value.len(), ' ')]) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ' ' if depth == 0 => {
                words.extend(Some(&value[begin..at]).filter(|word| !word.is_empty()));
                begin = at + 1;
            }
            _ => {}
        }
    }
    words
}

#[test]
fn styles_name_sides_of_the_text_and_not_of_the_screen() {
    let is_style = |path: &str| path.ends_with(".css");
    let house: Vec<Source> =
        ["static", "templates"].into_iter().flat_map(|folder| list_sources(folder, is_style)).collect();
    check(&house, sides_of_the_screen, made_up("a.css", ".a { margin-left: 1px }"));
    for physical in [
        "a{width:1px}",
        "a:hover{border-top-left-radius:1px}",
        "a{color:red;text-align: right}",
        "@media (min-width: 9px) { a { padding: 0 1px 2px 3px; } }",
        "a{box-shadow: inset 3px 0 0 red}",
    ] {
        assert_eq!(sides_of_the_screen(&[made_up("a.css", physical)]).len(), 1, "{physical}");
    }
    let fine = "/* left: 1px; */ @media (max-width: 9px) { a:not(b) { margin: 0 auto 1px; inset-inline-start: 0; \
                padding: 1px max(2px, 3px) 4px max(2px, 3px); box-shadow: 0 1px 2px red; border-inline-width: 1px; } }";
    assert_eq!(sides_of_the_screen(&[made_up("a.css", fine)]), Vec::<String>::new());
}
