//! In whose name a letter speaks, in its language.

use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::mail::header::addr_spec;

/// What every letter says about its sender.
pub struct Voice {
    /// The maker's name.
    pub brand: String,
    /// The service's name.
    pub site: String,
    /// Whom to ask.
    pub contact: String,
    /// Where answers go; none where nobody reads them.
    pub reply_to: Option<String>,
}

impl Voice {
    /// Of `sender`, in `locale`.
    pub fn of(sender: &Sender, locale: Locale) -> Self {
        let (brand, site, contact) = match locale {
            Locale::Ja => (&sender.brand, &sender.site_name, &sender.contact),
            Locale::En => {
                let english = &sender.english;
                (&english.brand, &english.site_name, english.contact.as_ref().unwrap_or(&sender.contact))
            }
        };
        Self {
            brand: brand.clone(),
            site: site.clone(),
            contact: contact.clone(),
            reply_to: sender.reply_to.as_ref().map(addr_spec),
        }
    }
}
