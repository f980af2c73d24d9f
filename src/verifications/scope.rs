//! For whom a verification holds: a product, a version of it, a region; each may be left out.

use std::fmt;

/// For whom a verification holds. Empty parts: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub product: String,
    pub version: String,
    pub region: String,
}

impl Scope {
    /// Whether a release may have changed what was vouched for: it is one of this product, and not of the version that was
    /// looked at. What holds for every version holds for one that nobody has seen no more than for the others.
    pub fn is_touched_by(&self, product: &str, version: &str) -> bool {
        !self.product.is_empty() && key(&self.product) == key(product) && key(&self.version) != key(version)
    }
}

/// A name without what people write differently.
pub(super) fn key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// `R7 4.2, Europe`; `all customers` where nothing is said.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product, version, region } = self;
        let what = match (product.is_empty(), version.is_empty()) {
            (true, true) => String::new(),
            (false, true) => product.clone(),
            (true, false) => format!("version {version}"),
            (false, false) => format!("{product} {version}"),
        };
        match (what.is_empty(), region.is_empty()) {
            (true, true) => f.write_str("all customers"),
            (false, true) => f.write_str(&what),
            (true, false) => f.write_str(region),
            (false, false) => write!(f, "{what}, {region}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(product: &str, version: &str, region: &str) -> Scope {
        Scope { product: product.to_owned(), version: version.to_owned(), region: region.to_owned() }
    }

    #[test]
    fn a_scope_reads_as_people_say_it() {
        for (product, version, region, said) in [
            ("", "", "", "all customers"),
            ("R7", "", "", "R7"),
            ("R7", "4.2", "", "R7 4.2"),
            ("R7", "4.2", "Europe", "R7 4.2, Europe"),
            ("", "4.2", "", "version 4.2"),
            ("", "", "Europe", "Europe"),
        ] {
            assert_eq!(scope(product, version, region).to_string(), said);
        }
    }

    #[test]
    fn a_release_touches_what_names_its_product_and_not_its_version() {
        let touched = |of: &Scope| of.is_touched_by("Router R7", "5.0");
        assert!(touched(&scope("router  r7", "4.2", "")));
        assert!(touched(&scope("Router R7", "", "")), "all versions");
        assert!(!touched(&scope("Router R7", "5.0", "")));
        assert!(!touched(&scope("Router R8", "4.2", "")));
        assert!(!touched(&scope("", "4.2", "")), "of no product");
    }
}
