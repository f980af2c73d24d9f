//! The little language of the `fields` parameter: `id,from{id,name},comments.limit(25).filter(stream){id,message}`.

use super::answer::Answer;

/// How deep fields may be nested.
const DEEPEST: usize = 8;

/// One wanted field, with what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    pub args: Vec<(String, String)>,
    pub inner: Vec<Field>,
}

impl Field {
    pub fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), args: Vec::new(), inner: Vec::new() }
    }

    /// As it is written in an address.
    pub fn written(&self) -> String {
        let args: String = self.args.iter().map(|(name, value)| format!(".{name}({value})")).collect();
        let inner = if self.inner.is_empty() { String::new() } else { format!("{{{}}}", written(&self.inner)) };
        format!("{}{args}{inner}", self.name)
    }
}

pub(super) fn written(fields: &[Field]) -> String {
    fields.iter().map(Field::written).collect::<Vec<_>>().join(",")
}

/// Reads the whole parameter.
///
/// # Errors
/// Facebook's complaint about the syntax.
pub(super) fn read(text: &str) -> Result<Vec<Field>, Answer> {
    let mut reader = Reader { rest: text };
    let fields = reader.list(0)?;
    if reader.rest.is_empty() { Ok(fields) } else { Err(reader.wrong()) }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn list(&mut self, depth: usize) -> Result<Vec<Field>, Answer> {
        let mut fields = Vec::new();
        if depth > DEEPEST {
            return Err(self.wrong());
        }
        loop {
            let name = self.word();
            if name.is_empty() {
                // A comma at the end does no harm.
                if !fields.is_empty() || depth == 0 {
                    return Ok(fields);
                }
                return Err(self.wrong());
            }
            let mut field = Field::plain(&name);
            while self.eat('.') {
                let name = self.word();
                if name.is_empty() || !self.eat('(') {
                    return Err(self.wrong());
                }
                let Some((value, rest)) = self.rest.split_once(')') else { return Err(self.wrong()) };
                field.args.push((name, value.trim().to_owned()));
                self.rest = rest;
            }
            if self.eat('{') {
                field.inner = self.list(depth + 1)?;
                if !self.eat('}') {
                    return Err(self.wrong());
                }
            }
            fields.push(field);
            if !self.eat(',') {
                return Ok(fields);
            }
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.rest = &rest[end..];
        rest[..end].to_owned()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn wrong(&self) -> Answer {
        let here: String = self.rest.chars().take(40).collect();
        Answer::error(400, "OAuthException", 2_500, None, &format!("Syntax error \"Expected name.\" at \"{here}\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_deep_as_they_go() {
        let text = "id,from{id,name}, comments.limit(25).filter(stream){id,attachment{media{image}}}";
        let fields = read(text).unwrap();
        assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["id", "from", "comments"]);
        assert_eq!(fields[2].args[1], ("filter".to_owned(), "stream".to_owned()));
        assert_eq!(written(&fields), text.replace(", ", ","));
        assert_eq!(read("").unwrap(), []);
        for wrong in ["id}", "from{", "from{}", "a.limit", "a.limit(3", "a b", "{id}", "id;drop"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&"a{".repeat(1_000)).is_err(), "and no deeper");
    }
}
