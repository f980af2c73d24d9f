//! Numbers as people read them.

/// A whole number with its thousands apart: `98,204`.
pub fn grouped<N: Into<i128>>(number: N) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
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
        let numbers = [7, 310, 1_204, 98_204, 5_098_204, -12_000].map(grouped::<i64>);
        assert_eq!(numbers, ["7", "310", "1,204", "98,204", "5,098,204", "-12,000"]);
    }
}
