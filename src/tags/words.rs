//! Every sentence that this slice says to people. No rule, no query.

pub fn no_tag(shown: &str, longest: usize) -> String {
    format!(
        "{shown:?} cannot be a tag. Tags are letters and digits, at most {longest}, with commas between them, as in: \
         wifi, smart-home."
    )
}

pub fn too_many(tags: usize, most: usize) -> String {
    format!("These are {tags} tags; {most} are allowed. Keep the ones that fit best.")
}
