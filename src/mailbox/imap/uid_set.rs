//! IMAP sequence sets of UIDs (RFC 3501 §9). Pure.

use std::fmt::Write;

/// Most UIDs in one set: below 6 KB, as servers take command lines of 8,000 octets (RFC 2683 §3.2.1.5).
const MOST: usize = 500;

/// The UIDs as sets with ranges, as few as fit a command line each. `[1, 2, 3, 7]` becomes `1:3,7`.
pub(super) fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.chunks(MOST).map(uid_set).collect()
}

fn uid_set(sorted: &[u32]) -> String {
    let mut set = String::new();
    for run in sorted.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let comma = if set.is_empty() { "" } else { "," };
            // Writing to a String does not fail.
            let _ = if first == last { write!(set, "{comma}{first}") } else { write!(set, "{comma}{first}:{last}") };
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_become_ranges() {
        assert_eq!(uid_sets(&[]), Vec::<String>::new());
        assert_eq!(uid_sets(&[7, 3, 2, 1, 3]), ["1:3,7"]);
        assert_eq!(uid_sets(&[1, u32::MAX]), ["1,4294967295"]);
        assert_eq!(uid_sets(&(1..=1000).collect::<Vec<_>>()), ["1:500", "501:1000"]);
    }

    fn members(set: &str) -> Vec<u32> {
        set.split(',')
            .flat_map(|part| {
                let (first, last) = part.split_once(':').unwrap_or((part, part));
                first.parse::<u32>().unwrap()..=last.parse().unwrap()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_set_holds_its_uids_and_no_other(uids in proptest::collection::btree_set(1u32..3000, 0..900)) {
            let uids: Vec<u32> = uids.into_iter().collect();
            let sets = uid_sets(&uids);
            prop_assert!(sets.iter().all(|set| set.len() < 6000));
            prop_assert_eq!(sets.iter().flat_map(|set| members(set)).collect::<Vec<_>>(), uids);
        }
    }
}
