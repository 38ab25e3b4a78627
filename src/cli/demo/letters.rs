//! Prints every mail that leaves as a person would read it.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use mail_parser::{HeaderValue, Message, MessageParser};
use tokio::sync::watch;

use crate::links;

/// Tells when the first mail with an approval link was printed.
pub(super) struct Printed(watch::Receiver<bool>);

impl Printed {
    /// Ends when the first customer mail was printed.
    pub(super) fn first_notice(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut seen = self.0.clone();
        async move {
            // The printer lives as long as the program.
            let _ = seen.wait_for(|seen| *seen).await;
        }
    }
}

/// Watches the folder that mails are written to; those that lie there already are passed over.
pub(super) fn print_all(maildir: &Path) -> Printed {
    let (tell, seen) = watch::channel(false);
    let folder = maildir.join("new");
    let mut known = names(&folder);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let mut new: Vec<_> = names(&folder).difference(&known).cloned().collect();
            new.sort();
            for name in new {
                let mail = std::fs::read(folder.join(&name)).unwrap_or_default();
                known.insert(name);
                if print(&mail) {
                    tell.send_replace(true);
                }
            }
        }
    });
    Printed(seen)
}

fn names(folder: &Path) -> HashSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Prints one mail; says whether it holds an approval link.
fn print(mail: &[u8]) -> bool {
    let Some(message) = MessageParser::default().parse(mail) else { return false };
    let body = message.body_text(0).unwrap_or_default();
    println!("────────────────────────────────────────────────────────────────");
    println!("From:    {}", people(message.from()));
    println!("To:      {}", people(message.to()));
    println!("Subject: {}\n", message.subject().unwrap_or_default());
    println!("{}\n", body.replace("\r\n", "\n").trim_end());
    holds_link(&message)
}

fn people(address: Option<&mail_parser::Address<'_>>) -> String {
    let one = |person: &mail_parser::Addr<'_>| match (person.name(), person.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    };
    address.into_iter().flat_map(mail_parser::Address::iter).map(one).collect::<Vec<_>>().join(", ")
}

fn holds_link(message: &Message<'_>) -> bool {
    let path = links::APPROVAL.trim_end_matches("{token}");
    let answers = matches!(message.header("Auto-Submitted"), Some(HeaderValue::Text(text)) if text == "auto-replied");
    !answers && message.body_text(0).is_some_and(|body| body.contains(path))
}
