//! Every sentence that this slice says to people. No rule, no query.

pub const NOT_OF_STAFF: &str = "Whoever works at the desk is trusted.";

// What is missing to be trusted
pub const CONFIRM_YOUR_ADDRESS: &str = "Confirm your e-mail address.";

pub fn gain_points(left: i64) -> String {
    format!("Gain {left} more points: by answers that others vote for, accept or verify.")
}

pub fn stay(days: u64) -> String {
    format!("Be here for {days} days.")
}

// Why a post is too much
pub fn new_has_too_many_links(links: usize, most: usize) -> String {
    format!(
        "This has {links} links, and new members may use {most} in one post: that keeps out those who only come to \
         advertise. Take some out, or put addresses between `backticks`."
    )
}

pub fn too_many_links(links: usize, most: usize) -> String {
    format!("This has {links} links, and one post may have {most}. Take some out.")
}

pub fn new_wrote_too_many(most: usize) -> String {
    format!(
        "You wrote {most} posts within an hour, which is as many as new members may. Wait a little and send it again."
    )
}

pub fn wrote_too_many(most: usize) -> String {
    format!("You wrote {most} posts within an hour, which is the most. Wait a little and send it again.")
}
