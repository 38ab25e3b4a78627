//! How files in a Maildir are named: `unique:2,flags`. Pure.

/// The unique part, without flags: the identity of a mail.
pub(super) fn unique(file: &str) -> &str {
    file.split_once(":2,").map_or(file, |(unique, _)| unique)
}

/// Whether the mail was marked for deletion (flag T) by a mail program.
pub(super) fn is_trashed(file: &str) -> bool {
    file.split_once(":2,").is_some_and(|(_, flags)| flags.contains('T'))
}

/// Whether a name from elsewhere may be made a path: no file outside the folder, no hidden one.
pub(super) fn is_plain(unique: &str) -> bool {
    !unique.is_empty() && !unique.starts_with('.') && !unique.contains(['/', '\0'])
}

/// Under `unique`, marked as seen; the flags it has stay, in order, as readers expect them.
pub(super) fn seen(unique: &str, file: &str) -> String {
    let mut flags: Vec<char> = file.split_once(":2,").map_or("", |(_, flags)| flags).chars().collect();
    flags.push('S');
    flags.sort_unstable();
    flags.dedup();
    format!("{unique}:2,{}", flags.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_no_part_of_the_identity() {
        for file in ["17.M1P2.host", "17.M1P2.host:2,", "17.M1P2.host:2,RS"] {
            assert_eq!(unique(file), "17.M1P2.host");
        }
        assert!(is_trashed("a:2,ST") && !is_trashed("aT:2,S") && !is_trashed("T"));
    }

    #[test]
    fn a_filed_mail_is_seen_and_keeps_its_flags() {
        assert_eq!(seen("a", "a"), "a:2,S");
        assert_eq!(seen("a", "a:2,RS"), "a:2,RS");
        assert_eq!(seen("b", "a:2,FT"), "b:2,FST");
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        assert!(is_plain("17.M1P2.host"));
        for bad in ["", ".", "..", ".hidden", "../new/a", "a/b", "a\0b"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
