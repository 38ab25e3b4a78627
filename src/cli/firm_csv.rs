//! `renkei firm add --csv`: many firms at once. Every line that cannot be taken is named, and then none is taken.

use std::path::Path;

use super::Failure;
use super::firm::Details;
use crate::domain::firm::Firm;
use crate::domain::text;
use crate::flows::Context;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: String,
    name: String,
    #[serde(default)]
    postal_address: String,
    #[serde(default)]
    telephone: String,
    senders: String,
    #[serde(default)]
    notify_address: String,
    #[serde(default)]
    signing_domain: String,
    #[serde(default)]
    receipts: String,
    #[serde(default)]
    request_days: Option<u32>,
    #[serde(default)]
    locale: String,
    #[serde(default)]
    pinned_selector: String,
    #[serde(default)]
    pinned_record: String,
    #[serde(default)]
    authserv_id: String,
}

/// Reads the file.
pub(super) fn read(file: &Path, context: &Context) -> Result<Vec<Firm>, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::Wrong(format!("{}: {error}", file.display())))?;
    let text = text::of_file(&bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let (mut firms, mut refused) = (Vec::new(), Vec::new());
    // The heading is line 1.
    for (number, line) in (2..).zip(reader.deserialize::<Line>()) {
        match line.map_err(|error| error.to_string()).and_then(|line| line.firm(context)) {
            Ok(firm) => firms.push(firm),
            Err(why) => refused.push(format!("line {number}: {why}")),
        }
    }
    if refused.is_empty() { Ok(firms) } else { Err(Failure::Wrong(refused.join("\nrenkei: "))) }
}

impl Line {
    fn firm(self, context: &Context) -> Result<Firm, String> {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let details = Details {
            name: given(self.name),
            postal_address: given(self.postal_address),
            telephone: given(self.telephone),
            sender: self.senders.split_whitespace().map(str::to_owned).collect(),
            notify_address: given(self.notify_address),
            signing_domain: given(self.signing_domain),
            receipts: given(self.receipts),
            request_days: self.request_days,
            locale: given(self.locale),
            pinned_selector: given(self.pinned_selector),
            pinned_record: given(self.pinned_record),
            authserv_id: given(self.authserv_id),
        };
        details.new_firm(context, &self.number)
    }
}
