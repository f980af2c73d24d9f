//! The house as it was drawn: who may know whom, where SQL may stand, how files look. Read from the sources themselves.
//!
//! Each rule is a function from sources to faults; that it finds what it should is tested beside it on a source made up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Parts that everything may use and that must know no slice.
const PLATFORM: [&str; 4] = ["db", "web", "networks", "jobs"];
/// Below the platform: values without a part of their own.
const VALUES: [&str; 3] = ["clock", "pictures", "secret"];
/// They put the parts together, so they know them all.
const ASSEMBLY: [&str; 7] = ["app", "bench", "cli", "demo", "main", "roles", "routes"];
/// Who may speak to the networks: the bridge, and those who set it up.
const BESIDE_BRIDGE: [&str; 2] = ["bridge", "config"];

/// Words of diesel that make a query.
const SQL: [&str; 8] = [
    "diesel::prelude",
    "diesel::dsl",
    "diesel::insert_into",
    "diesel::update",
    "diesel::delete",
    "diesel::select",
    "diesel::sql_query",
    "db::schema",
];
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "helper", "misc"];
const MOST_LINES: usize = 600;

/// A Rust file: its path under the repository with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The part it belongs to: `web` for `src/web/form.rs`, `app` for `src/app.rs`.
    pub fn part(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or_default();
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// The text without unit tests, comments and what stands in quotes.
    pub fn code(&self) -> String {
        let (mut code, mut rest) = (String::new(), self.text.lines().peekable());
        while let Some(line) = rest.next() {
            // Tests stand last in a file.
            if line == "#[cfg(test)]" && rest.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'))
            {
                break;
            }
            let unquoted: String = line.split('"').step_by(2).collect();
            code.push_str(unquoted.split("//").next().unwrap_or_default());
            code.push('\n');
        }
        code
    }

    /// The files that this one declares as its tests, as in `#[cfg(test)] mod tests;`.
    fn test_files(&self) -> Vec<String> {
        let folder = self.path.strip_suffix("mod.rs").map_or_else(
            || self.path.strip_suffix(".rs").map(|stem| format!("{stem}/")).unwrap_or_default(),
            str::to_owned,
        );
        let declared = self.text.split("#[cfg(test)]\nmod ").skip(1);
        let named = declared.filter_map(|after| after.split_once(';').map(|(name, _)| name));
        let names = named.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        names.flat_map(|name| [format!("{folder}{name}.rs"), format!("{folder}{name}/mod.rs")]).collect()
    }

    /// The parts that this file names by `crate::PART`, its own left out.
    fn knows(&self) -> BTreeSet<String> {
        let code = self.code();
        let mut known = BTreeSet::new();
        for after in code.split("crate::").skip(1) {
            // `use crate::{clock::Millis, db::Db}` names several.
            let names: Vec<&str> = match after.strip_prefix('{') {
                Some(list) => top_level(list),
                None => vec![after],
            };
            for name in names {
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                let is_part = name[..end].starts_with(|c: char| c.is_ascii_lowercase());
                if is_part && name[..end] != *self.part() {
                    known.insert(name[..end].to_owned());
                }
            }
        }
        known
    }
}

/// The items of a `use` list, without what is nested in them.
fn top_level(list: &str) -> Vec<&str> {
    let (mut items, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(list[begin..at].trim());
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(list[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    items
}

/// Every text file below a folder of the repository, by a filter on its path.
pub fn list_sources(folder: &str, wanted: impl Fn(&str) -> bool + Copy) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&name) {
                sources.push(Source { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(!sources.is_empty(), "{folder} is empty");
    sources
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// The sources of the product without those of its unit tests.
pub fn product() -> Vec<Source> {
    let sources = list_sources("src", is_rust);
    let tests: Vec<String> = sources.iter().flat_map(Source::test_files).collect();
    sources.into_iter().filter(|source| !tests.contains(&source.path)).collect()
}

pub fn made_up(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

/// Runs a rule over the house, and over a source that breaks it.
#[track_caller]
pub fn check(house: &[Source], rule: impl Fn(&[Source]) -> Vec<String>, broken: Source) {
    assert_ne!(rule(&[broken]), Vec::<String>::new(), "the rule finds nothing where it must");
    let faults = rule(house);
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

fn who_knows_whom(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let part = source.part();
        for known in source.knows() {
            let (known, name) = (known.as_str(), &source.path);
            let ground = VALUES.contains(&known) || PLATFORM.contains(&known);
            if part == "sim" && known != "clock" {
                faults.push(format!("{name}: a twin knows nothing but the clock, not {known}"));
            } else if PLATFORM.contains(&part) && !ground && !(part == "web" && known == "app") {
                faults.push(format!("{name}: {part} knows no slice, but this names {known}"));
            } else if VALUES.contains(&part) && !VALUES.contains(&known) {
                faults.push(format!("{name}: {part} stands on nothing, but this names {known}"));
            } else if known == "networks" && !BESIDE_BRIDGE.contains(&part) && !ASSEMBLY.contains(&part) {
                faults.push(format!("{name}: only the bridge speaks to the networks"));
            } else if known == "sim" && !ASSEMBLY.contains(&part) {
                faults.push(format!("{name}: only `demo` and the tests know the twins"));
            } else if known == "routes" && !ASSEMBLY.contains(&part) {
                faults.push(format!("{name}: only the app knows the URL table"));
            }
        }
    }
    faults
}

#[test]
fn parts_know_only_whom_they_may() {
    check(&product(), who_knows_whom, made_up("src/db/page.rs", "use crate::questions::Question;"));
    for (path, text) in [
        ("src/sim/x/mod.rs", "use crate::{clock::Millis, secret::Secret};"),
        ("src/questions/ask.rs", "fn f() { crate::networks::x::post() }"),
        ("src/desk/mod.rs", "use crate::sim;"),
        ("src/clock.rs", "use crate::db::Db;"),
        ("src/jobs/mod.rs", "use crate::app::App;"),
    ] {
        assert_eq!(who_knows_whom(&[made_up(path, text)]).len(), 1, "{path}: {text}");
    }
    let fine = [
        made_up("src/bridge/mod.rs", "use crate::networks::x; // crate::sim"),
        made_up("src/web/frame.rs", "use crate::app::App;\nuse crate::web::Error;"),
    ];
    assert_eq!(who_knows_whom(&fine), Vec::<String>::new());
}

/// A circle between parts, as in `a -> b -> a`; `app` and those who put the house together are no part of it.
fn circles(sources: &[Source]) -> Vec<String> {
    let mut graph: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !ASSEMBLY.contains(&source.part())) {
        for known in source.knows().into_iter().filter(|known| !ASSEMBLY.contains(&known.as_str())) {
            graph.entry(source.part()).or_default().entry(known).or_insert(&source.path);
        }
    }
    graph.keys().filter_map(|part| circle_through(&graph, part)).collect()
}

/// The shortest way from a part back to itself, with the files that make it; told once, at its first name.
fn circle_through(graph: &BTreeMap<&str, BTreeMap<String, &str>>, part: &str) -> Option<String> {
    let mut ways: Vec<Vec<&str>> = vec![vec![part]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let Some(next) = graph.get(way[way.len() - 1]) else { continue };
            if next.contains_key(part) {
                let first = way.iter().min() == Some(&part);
                let steps = way.iter().zip(way.iter().skip(1).chain([&part]));
                let steps = steps.map(|(from, to)| format!("{from} -> {to} ({})", graph[from][*to]));
                return first.then(|| steps.collect::<Vec<_>>().join(", "));
            }
            for known in next.keys().filter(|known| seen.insert(known.as_str())) {
                longer.push(way.iter().copied().chain([known.as_str()]).collect());
            }
        }
        ways = longer;
    }
    None
}

#[test]
fn there_are_no_circles_between_parts() {
    let house = product();
    let faults = circles(&house);
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
    let round = [
        made_up("src/answers/mod.rs", "use crate::questions::find;"),
        made_up("src/questions/store.rs", "use crate::votes::count;"),
        made_up("src/votes/mod.rs", "use crate::{clock::Millis, answers::Answer};"),
        made_up("src/app.rs", "use crate::votes::X;"),
    ];
    let told = "answers -> questions (src/answers/mod.rs), questions -> votes (src/questions/store.rs), votes -> answers \
                (src/votes/mod.rs)";
    assert_eq!(circles(&round), [told]);
    assert_eq!(circles(&round[..2]), Vec::<String>::new());
}

fn sql_outside_stores(sources: &[Source]) -> Vec<String> {
    let may = |path: &str| {
        path.ends_with("/store.rs")
            || path.contains("/store/")
            || path.starts_with("src/db/")
            || ["src/web/form.rs", "src/bridge/view.rs"].contains(&path)
    };
    let sources = sources.iter().filter(|source| !may(&source.path));
    let found = sources.flat_map(|source| {
        let code = source.code();
        let words = SQL.into_iter().filter(move |word| code.contains(word));
        words.map(|word| format!("{}: `{word}` belongs into a store.rs", source.path))
    });
    found.collect()
}

#[test]
fn sql_stands_in_stores() {
    check(&product(), sql_outside_stores, made_up("src/votes/vote.rs", "use crate::db::schema::vote;"));
}

fn asynchronous_stores(sources: &[Source]) -> Vec<String> {
    let stores = sources.iter().filter(|source| source.path.ends_with("/store.rs") || source.path.contains("/store/"));
    let waiting = stores.filter(|source| source.code().contains(".await"));
    waiting.map(|source| format!("{}: waits inside a transaction", source.path)).collect()
}

#[test]
fn no_transaction_waits_for_anything_but_the_database() {
    check(&product(), asynchronous_stores, made_up("src/votes/store.rs", "client.get(url).await"));
}

fn without_introduction(sources: &[Source]) -> Vec<String> {
    let silent = sources.iter().filter(|source| !source.text.starts_with("//! "));
    silent.map(|source| format!("{}: begins without `//!` saying what it is for", source.path)).collect()
}

fn too_long(sources: &[Source]) -> Vec<String> {
    // The schema is a list, a line for each column, and diesel wants it in one place.
    let read = sources.iter().filter(|source| source.path != "src/db/schema.rs");
    let long = read.filter(|source| source.text.lines().count() > MOST_LINES);
    long.map(|source| format!("{}: {} lines, {MOST_LINES} are allowed", source.path, source.text.lines().count()))
        .collect()
}

#[test]
fn files_introduce_themselves_and_are_short() {
    let house: Vec<Source> = ["src", "tests"].into_iter().flat_map(|folder| list_sources(folder, is_rust)).collect();
    check(&house, without_introduction, made_up("src/votes/mod.rs", "pub mod store;"));
    check(&house, too_long, made_up("src/votes/mod.rs", &"//! Line.\n".repeat(MOST_LINES + 1)));
}

/// What a panic or a hidden state may come from. A constant that is worked out once (`LazyLock`) is neither.
fn careless(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let code = source.code();
        for word in [".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "lazy_static!", "thread_local!"] {
            if code.contains(word) {
                faults.push(format!("{}: {word}", source.path));
            }
        }
        let is_static = |line: &&str| line.starts_with("static ") || line.starts_with("pub static ");
        let changing =
            |line: &&str| ["mut ", "Mutex", "RwLock", "Once", "Atomic", "Cell"].iter().any(|word| line.contains(word));
        for line in
            code.lines().map(|line| line.trim().trim_start_matches("pub(crate) ")).filter(is_static).filter(changing)
        {
            faults.push(format!("{}: global state, {line}", source.path));
        }
    }
    faults
}

#[test]
fn nothing_is_left_to_luck_or_global() {
    check(&product(), careless, made_up("src/votes/mod.rs", "fn f() { g().unwrap(); }"));
    assert_eq!(careless(&[made_up("src/a.rs", "pub(crate) static POOL: OnceLock<Pool> = OnceLock::new();")]).len(), 1);
    let only_tested = made_up("src/a.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n g().unwrap();\n}");
    assert_eq!(careless(&[only_tested]), Vec::<String>::new());
    let declares = made_up("src/votes/mod.rs", "#[cfg(test)]\nmod tests;\n");
    assert!(declares.test_files().contains(&"src/votes/tests.rs".to_owned()));
}

fn empty_names(sources: &[Source]) -> Vec<String> {
    let is_empty = |path: &str| path.split('/').any(|name| EMPTY_NAMES.contains(&name.trim_end_matches(".rs")));
    let empty = sources.iter().filter(|source| is_empty(&source.path));
    empty.map(|source| format!("{}: a name that says nothing", source.path)).collect()
}

#[test]
fn names_say_what_is_in_them() {
    let house: Vec<Source> = ["src", "tests"].into_iter().flat_map(|folder| list_sources(folder, is_rust)).collect();
    check(&house, empty_names, made_up("src/web/utils.rs", ""));
}

/// Places that exist on one machine only, and the folder beside the repository that may not be there.
fn foreign_places(sources: &[Source]) -> Vec<String> {
    // Put together, so that this file does not find itself.
    let places = [["/", "work/"], ["/", "home/"], ["/", "root/"], ["../", "shared"]].map(|parts| parts.concat());
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| source.path != ".ci/run") {
        for place in places.iter().filter(|place| source.text.contains(place.as_str())) {
            faults.push(format!("{}: names {place}, which is not part of the repository", source.path));
        }
    }
    faults
}

#[test]
fn nothing_outside_the_repository_is_named() {
    let text = |path: &str| {
        [".rs", ".sql", ".html", ".css", ".js", ".md", ".toml", ".sh", "/run", "/soak"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let folders = ["src", "tests", "templates", "migrations", "static", ".ci"];
    let mut house: Vec<Source> = folders.into_iter().flat_map(|folder| list_sources(folder, text)).collect();
    for name in ["Cargo.toml", "README.md", "clippy.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if path.exists() {
            house.push(Source { path: name.to_owned(), text: std::fs::read_to_string(path).unwrap() });
        }
    }
    check(&house, foreign_places, made_up("README.md", &["see /", "home/me/notes"].concat()));
}
