//! The name of a picture of ours: what its bytes are, how large it is, and what it is encoded as. A page that knows the
//! name alone can keep its place free, so that nothing jumps when it arrives.

use std::fmt;
use std::str::FromStr;

/// Digits of the hash that a name holds: 128 bits, which nobody guesses.
const DIGITS: usize = 32;
/// Longest side that a name may claim, in pixels: what we write is never larger.
const LONGEST: u32 = 1600;
/// Width and height that the small picture fits into, in pixels.
const SMALL: (u32, u32) = (720, 540);

/// As in `6f1ed002ab5595859014ebf0951522d9-1600x900.png`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PictureName {
    hash: String,
    width: u32,
    height: u32,
    ending: &'static str,
}

impl PictureName {
    /// The name of an encoded picture. `sha256` is lower-case hex.
    pub(super) fn new(sha256: &str, (width, height): (u32, u32), is_png: bool) -> Self {
        let ending = if is_png { "png" } else { "jpg" };
        Self { hash: sha256.chars().take(DIGITS).collect(), width, height, ending }
    }

    /// Reads a name; `None`: it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (stem, ending) = text.rsplit_once('.')?;
        let ending = ["png", "jpg"].into_iter().find(|known| *known == ending)?;
        let (hash, size) = stem.split_once('-')?;
        let (width, height) = size.split_once('x')?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let is_hash = hash.len() == DIGITS && hash.bytes().all(is_digit);
        let name = Self { hash: hash.to_owned(), width: side(width)?, height: side(height)?, ending };
        is_hash.then_some(name)
    }

    /// Reads the address of a whole picture, as [`Self::place`] writes it.
    pub fn of_place(place: &str) -> Option<Self> {
        Self::parse(place.strip_prefix("/files/")?)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The address of the whole picture.
    pub fn place(&self) -> String {
        format!("/files/{self}")
    }

    /// The address of the picture as it stands in a text, and its size there in pixels.
    pub fn shown(&self) -> (String, (u32, u32)) {
        if self.has_small() { (format!("/files/small/{self}"), self.small_size()) } else { (self.place(), self.size()) }
    }

    /// Whether it is shown smaller than it is.
    pub fn has_small(&self) -> bool {
        self.width > SMALL.0 || self.height > SMALL.1
    }

    /// The size of the small picture: it fits, keeps its shape and is nowhere thinner than a pixel.
    pub(super) fn small_size(&self) -> (u32, u32) {
        let (width, height) = (self.width.max(1), self.height.max(1));
        if width * SMALL.1 >= height * SMALL.0 {
            (SMALL.0, (height * SMALL.0 / width).max(1))
        } else {
            ((width * SMALL.1 / height).max(1), SMALL.1)
        }
    }

    /// The picture in Markdown, with what it shows for people who do not see it.
    pub fn markdown(&self, alt: &str) -> String {
        format!("![{}]({})", described(alt), self.place())
    }

    /// The first two digits of its hash: no folder holds all pictures.
    pub fn shelf(&self) -> &str {
        &self.hash[..2]
    }

    pub fn media_type(&self) -> &'static str {
        if self.ending == "png" { "image/png" } else { "image/jpeg" }
    }
}

/// What a picture shows, as it stands in Markdown.
pub fn described(alt: &str) -> String {
    let mut words = String::with_capacity(alt.len());
    for c in alt.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(c, '[' | ']' | '\\' | '`' | '<' | '*' | '_' | '!') {
            words.push('\\');
        }
        words.push(c);
    }
    words
}

fn side(text: &str) -> Option<u32> {
    let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|side| is_plain && (1..=LONGEST).contains(side))
}

impl fmt::Display for PictureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}x{}.{}", self.hash, self.width, self.height, self.ending)
    }
}

impl FromStr for PictureName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or("no name of a picture")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_nothing_else_is() {
        let hash = "0123456789abcdef0123456789abcdef";
        for (text, shown) in [
            (format!("{hash}-1600x900.png"), (720, 405)),
            (format!("{hash}-900x1600.jpg"), (303, 540)),
            (format!("{hash}-720x540.png"), (720, 540)),
            (format!("{hash}-1600x1.png"), (720, 1)),
            (format!("{hash}-1x1.png"), (1, 1)),
        ] {
            let name = PictureName::parse(&text).unwrap();
            assert_eq!(name.to_string(), text);
            assert_eq!(PictureName::of_place(&name.place()), Some(name.clone()));
            assert_eq!(name.shown().1, shown, "{text}");
        }
        for wrong in [
            String::new(),
            format!("{hash}-1601x1.png"),
            format!("{hash}-0x1.png"),
            format!("{hash}-01x1.png"),
            format!("{hash}-+1x1.png"),
            format!("{hash}-1x1.svg"),
            format!("{hash}-1x1.png.png"),
            format!("{hash}.png"),
            format!("{}-1x1.png", &hash[1..]),
            format!("{}-1x1.png", hash.to_uppercase()),
            format!("../{hash}-1x1.png"),
        ] {
            assert_eq!(PictureName::parse(&wrong), None, "{wrong}");
        }
    }
}
