//! Dumps made up here, in the format of the real ones: with a byte order mark and the line ends of Windows.

use std::path::Path;

use tempfile::TempDir;

/// A folder with the files of a dump.
pub struct DumpFolder(TempDir);

/// The values of one row.
pub type Values<'a> = &'a [(&'a str, &'a str)];

impl DumpFolder {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, rows: &[Values<'_>]) {
        let root = name.to_lowercase();
        let mut text = format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<{root}>\r\n");
        for values in rows {
            text.push_str("  <row");
            for (name, value) in *values {
                text.push_str(&format!(" {name}=\"{}\"", escaped(value)));
            }
            text.push_str(" />\r\n");
        }
        text.push_str(&format!("</{root}>\r\n"));
        self.write_raw(&format!("{name}.xml"), &text);
    }

    pub fn write_raw(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }
}

fn escaped(value: &str) -> String {
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    escaped.replace('\r', "&#xD;").replace('\n', "&#xA;")
}

/// Three questions with all that can hang on one, and one row of each kind that cannot come.
pub fn small() -> DumpFolder {
    let dump = DumpFolder::new();
    let asked = "2014-01-21T20:26:05.383";
    dump.write(
        "Users",
        &[
            &[
                ("Id", "1"),
                ("DisplayName", "Ada Hopper"),
                ("AboutMe", "<p>I <b>brew</b> at home.</p>"),
                ("WebsiteUrl", "https://ada.example"),
                ("CreationDate", "2014-01-21T10:00:00.000"),
            ],
            &[("Id", "2"), ("DisplayName", "Bob"), ("CreationDate", asked)],
            &[("Id", "3"), ("DisplayName", "Silent"), ("CreationDate", asked)],
        ],
    );
    dump.write(
        "Posts",
        &[
            // An answer before its question.
            &[
                ("Id", "11"),
                ("PostTypeId", "2"),
                ("ParentId", "10"),
                ("CreationDate", "2014-01-22T08:00:00.000"),
                ("Score", "5"),
                ("Body", "<p>Always in the <em>freezer</em>.</p>\r\n"),
                ("OwnerUserId", "2"),
            ],
            &[
                ("Id", "10"),
                ("PostTypeId", "1"),
                ("AcceptedAnswerId", "11"),
                ("CreationDate", asked),
                ("Score", "7"),
                ("Body", "<p>In the freezer, or in a jar?\nThe bag says nothing.</p>\n\n<p><img src=\"https://i.example/bag.png\" alt=\"enter image description here\"></p>\n"),
                ("OwnerUserId", "1"),
                ("LastActivityDate", "2014-02-01T00:00:00.000"),
                ("Title", "How do I store hops?"),
                ("Tags", "<hops><c++><node.js>"),
            ],
            &[
                ("Id", "12"),
                ("PostTypeId", "1"),
                ("CreationDate", "2014-02-02T00:00:00.000"),
                ("ClosedDate", "2014-02-03T00:00:00.000"),
                ("Score", "-2"),
                ("Body", "<p>Mine smell of <b>grapefruit</b>.</p>"),
                ("OwnerDisplayName", "user90"),
                ("Title", "Where do hops go?"),
                ("Tags", "|hops|"),
            ],
            &[("Id", "13"), ("PostTypeId", "2"), ("ParentId", "12"), ("CreationDate", "2014-02-02T01:00:00.000"), ("Score", "0"), ("Body", "<p>To bed.</p>")],
            &[("Id", "14"), ("PostTypeId", "5"), ("CreationDate", asked), ("Body", "<p>About hops.</p>")],
            &[("Id", "15"), ("PostTypeId", "2"), ("ParentId", "99"), ("CreationDate", asked), ("Body", "<p>Of nothing.</p>"), ("OwnerUserId", "2")],
            &[("Id", "16"), ("PostTypeId", "1"), ("CreationDate", "0001-01-01T00:00:00.000"), ("Body", "<p>Really.</p>"), ("OwnerUserId", "2"), ("Title", "Whatever for?"), ("Tags", "")],
            &[("PostTypeId", "1"), ("CreationDate", asked), ("Body", "<p>Nameless.</p>")],
            &[("Id", "10"), ("PostTypeId", "1"), ("CreationDate", asked), ("Body", "<p>Twice.</p>"), ("OwnerUserId", "2"), ("Title", "How do I store hops again?")],
        ],
    );
    dump.write(
        "Comments",
        &[
            &[
                ("Id", "1"),
                ("PostId", "10"),
                ("Text", "What about light?"),
                ("CreationDate", "2014-01-23T00:00:00.000"),
                ("UserId", "2"),
            ],
            &[
                ("Id", "2"),
                ("PostId", "11"),
                ("Text", "# 1 in my book"),
                ("CreationDate", "2014-01-23T00:00:00.000"),
                ("UserDisplayName", "user7"),
            ],
            &[("Id", "3"), ("PostId", "99"), ("Text", "On nothing."), ("CreationDate", asked), ("UserId", "2")],
            &[("Id", "4"), ("PostId", "10"), ("Text", " "), ("CreationDate", asked), ("UserId", "2")],
        ],
    );
    dump.write(
        "PostHistory",
        &[
            &[("Id", "2"), ("PostHistoryTypeId", "5"), ("PostId", "10"), ("CreationDate", "2014-01-22T00:00:00.000"), ("Text", "In the freezer, or in a jar?\r\nThe bag says nothing.\r\n\r\n![enter image description here][1]\r\n\r\n  [1]: https://i.example/bag.png")],
            &[("Id", "1"), ("PostHistoryTypeId", "2"), ("PostId", "10"), ("CreationDate", asked), ("Text", "In the fridge?")],
            &[("Id", "3"), ("PostHistoryTypeId", "10"), ("PostId", "12"), ("CreationDate", "2014-02-03T00:00:00.000"), ("Comment", "101"), ("Text", "{}")],
        ],
    );
    let vote = |id: &'static str, post: &'static str, kind: &'static str| {
        [("Id", id), ("PostId", post), ("VoteTypeId", kind), ("CreationDate", "2014-01-24T00:00:00.000")]
    };
    let votes = [
        vote("1", "10", "2"),
        vote("2", "10", "2"),
        vote("3", "11", "1"),
        vote("4", "12", "3"),
        vote("5", "10", "5"),
        vote("6", "77", "2"),
    ];
    dump.write("Votes", &votes.iter().map(|vote| &vote[..]).collect::<Vec<_>>());
    dump.write(
        "PostLinks",
        &[
            &[("Id", "1"), ("PostId", "12"), ("RelatedPostId", "10"), ("LinkTypeId", "3"), ("CreationDate", asked)],
            &[("Id", "2"), ("PostId", "10"), ("RelatedPostId", "12"), ("LinkTypeId", "1"), ("CreationDate", asked)],
            &[("Id", "3"), ("PostId", "12"), ("RelatedPostId", "99"), ("LinkTypeId", "1"), ("CreationDate", asked)],
        ],
    );
    dump.write("Tags", &[&[("Id", "1"), ("TagName", "hops"), ("Count", "2")]]);
    dump.write("Badges", &[&[("Id", "1"), ("UserId", "1"), ("Name", "Autobiographer")]]);
    dump
}

/// So many questions with an answer and a comment each, from `first` on: ids are those of the questions, then of the answers.
pub fn many(first: usize, questions: usize) -> DumpFolder {
    let dump = DumpFolder::new();
    let mut text = String::from("\u{FEFF}<posts>\r\n");
    let mut comments = String::from("\u{FEFF}<comments>\r\n");
    for nth in 0..questions {
        let (question, answer) = (first + nth, first + questions + nth);
        let date = format!("2015-{:02}-{:02}T10:00:00.000", 1 + nth % 12, 1 + nth % 28);
        text.push_str(&format!("<row Id=\"{question}\" PostTypeId=\"1\" AcceptedAnswerId=\"{answer}\" CreationDate=\"{date}\" Score=\"{}\" OwnerUserId=\"{}\" Title=\"Question number {question} of many\" Tags=\"&lt;many&gt;\" Body=\"&lt;p&gt;Words of {question}, &lt;code&gt;a &amp;lt; b&lt;/code&gt;.&lt;/p&gt;\" />\r\n", nth % 9, 1 + nth % 50));
        text.push_str(&format!("<row Id=\"{answer}\" PostTypeId=\"2\" ParentId=\"{question}\" CreationDate=\"{date}\" Score=\"1\" OwnerUserId=\"{}\" Body=\"&lt;p&gt;Answer to {question}.&lt;/p&gt;\" />\r\n", 1 + nth % 49));
        comments.push_str(&format!("<row Id=\"{question}\" PostId=\"{answer}\" CreationDate=\"{date}\" UserId=\"3\" Text=\"Thanks for {question}!\" />\r\n"));
    }
    dump.write_raw("Posts.xml", &(text + "</posts>"));
    dump.write_raw("Comments.xml", &(comments + "</comments>"));
    dump
}
