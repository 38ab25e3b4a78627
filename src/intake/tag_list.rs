//! DKIM's `tag=value; …` lists (RFC 6376 §3.2), strictly: who signs must not be able to say a thing twice.

/// A tag list in which every tag stands once.
pub(super) struct TagList<'x>(Vec<(String, &'x str)>);

impl<'x> TagList<'x> {
    /// `None` for what is no tag list: a piece without `=`, a name that is none, a tag that stands twice.
    pub fn parse(text: &'x str) -> Option<Self> {
        let mut tags: Vec<(String, &str)> = Vec::new();
        for piece in text.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=')?;
            let name = name.trim_end().to_ascii_lowercase();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name || tags.iter().any(|(other, _)| *other == name) {
                return None;
            }
            tags.push((name, value.trim()));
        }
        Some(Self(tags))
    }

    /// The value of a tag.
    pub fn get(&self, name: &str) -> Option<&'x str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
    }

    /// Whether a tag's `:`-separated list has `item`, in any case. `None` where there is no such tag.
    pub fn lists(&self, name: &str, item: &str) -> Option<bool> {
        Some(self.get(name)?.split(':').any(|found| found.trim().eq_ignore_ascii_case(item)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found() {
        let list = TagList::parse("v=1; A = rsa-sha256;\r\n h=From : Subject;;b=ab=\r\n =;").unwrap();
        assert_eq!((list.get("v"), list.get("a"), list.get("b")), (Some("1"), Some("rsa-sha256"), Some("ab=\r\n =")));
        assert_eq!((list.lists("h", "subject"), list.lists("h", "date")), (Some(true), Some(false)));
        assert_eq!((list.get("l"), list.lists("l", "1")), (None, None));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        for bad in ["v=1; v=1", "d=a; D =b", "v=1; junk; l=3", "=1", "1=1", "l l=3"] {
            assert!(TagList::parse(bad).is_none(), "{bad}");
        }
    }
}
