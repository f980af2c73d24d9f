//! Numbers as people read them: the one place where they are formatted.

use std::fmt::Display;

/// A whole number, of any type, with its thousands apart: `98,204`.
pub fn grouped(number: impl Display) -> String {
    let written = number.to_string();
    let (sign, digits) = written.strip_prefix('-').map_or(("", written.as_str()), |digits| ("-", digits));
    let mut out = String::with_capacity(written.len() + digits.len() / 3);
    out.push_str(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        let numbers = [7, 310, 1_204, 98_204, 5_098_204, -12_000].map(grouped);
        assert_eq!(numbers, ["7", "310", "1,204", "98,204", "5,098,204", "-12,000"]);
        assert_eq!((grouped(1_204_usize), grouped(-310_i64)), ("1,204".to_owned(), "-310".to_owned()));
    }
}
