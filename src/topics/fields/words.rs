//! Every sentence that a topic's own fields say to people. No rule, no query.

use super::{LONGEST_CHOICE, MOST_CHOICES};

/// `name`: of the field.
pub fn choice_missing(name: &str) -> String {
    format!("{name} is missing. Choose one.")
}

pub fn choice_ended(name: &str, chosen: &str) -> String {
    format!("{name} has no such choice any more. You chose “{chosen}”: choose another.")
}

pub const TOO_FEW_CHOICES: &str = "A choice needs at least two things to choose from. Write each on a line of its own.";

pub fn too_many_choices(many: usize) -> String {
    format!("These are {many} choices; {MOST_CHOICES} are allowed.")
}

pub fn long_choice(choice: &str) -> String {
    format!("{choice:?} is longer than {LONGEST_CHOICE} characters. Shorten it.")
}

pub fn same_choice(choice: &str) -> String {
    format!("“{choice}” is another choice here. Give this one a name of its own.")
}
