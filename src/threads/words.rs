//! Every sentence that this slice says to people. No rule, no query.

/// What stands above and in the form below a thread.
pub struct Answering {
    pub heading: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub button: &'static str,
}

const ANSWER: Answering = Answering {
    heading: "Do you know the answer?",
    label: "Your answer",
    hint: "Say what to do, step by step, and how you know that it works. Lists, links and **bold** work.",
    button: "Answer",
};

/// Below a thread that everybody reads.
pub fn answering(is_closed: bool, answers: usize) -> Answering {
    match (is_closed, answers) {
        (true, _) => Answering { heading: "No further answers", ..ANSWER },
        (false, 0) => ANSWER,
        (false, _) => Answering { heading: "Do you know more?", ..ANSWER },
    }
}

/// Whose versions are shown: a thing, and what its page is called.
pub const QUESTION_VERSIONS: (&str, &str) = ("question", "Versions of a question");
pub const ANSWER_VERSIONS: (&str, &str) = ("answer", "Versions of an answer");
pub const COMMENT_VERSIONS: (&str, &str) = ("comment", "Versions of a comment");

pub fn author_on(network: &str) -> String {
    format!("its author on {network}")
}

pub const FORMER_MEMBER: &str = "a former member";

/// Below a private thread, for the person who asked.
pub const WRITE_MORE: Answering = Answering {
    heading: "Write more",
    label: "Your words",
    hint: "What else should our staff know? Lists, links and **bold** work.",
    button: "Send",
};

/// Below a private thread, for our staff.
pub const ANSWER_ASKER: Answering = Answering { heading: "Answer the person who asked", ..ANSWER };
