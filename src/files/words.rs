//! Every sentence that this slice says to people. No rule, no query.

// After "The picture"
pub const TOO_LARGE: &str = "is larger than 10 MB. Choose a smaller one, or make it smaller first.";

pub fn too_many(most: i64) -> String {
    format!("was not taken: you have uploaded {most} pictures that stand in no post yet. Post some of them first.")
}

pub const UNREADABLE: &str = "cannot be read. Choose a whole PNG, JPEG, WebP or GIF of at most 8,192 pixels a side and \
     33 megapixels; other files (SVG and PDF among them) are not taken.";

// In the form of a text
pub const WHAT_IT_SHOWS: &str = "What the picture shows";
pub const CHOOSE_ONE: &str = "No picture was chosen. Choose one, say what it shows, and add it to the text.";

// Where it was sent
pub const NO_PICTURE: &str = "No picture came with this. Choose one and send it again.";

pub fn the_picture(why: &str) -> String {
    format!("The picture {why}")
}
