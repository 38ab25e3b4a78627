//! What the pages are made with. A reload exchanges it under running connections.

use std::sync::Arc;

use chrono_tz::Tz;
use tokio::sync::watch;

use super::once::Recent;
use crate::domain::product_choice::Exclusivity;
use crate::domain::proxies::Network;
use crate::domain::session::Life;
use crate::flows::Context;

/// What the pages are made with.
#[derive(Clone, Debug)]
pub struct Site {
    /// For the flows.
    pub context: Context,
    /// What the site calls itself.
    pub name: String,
    /// The maker's name, as in 弥生ID.
    pub brand: String,
    /// Whom people may ask, on every page.
    pub contact: String,
    /// The address that our mails come from: the one to let through a filter.
    pub sender: String,
    /// What people agree to.
    pub terms: Terms,
    /// With how many firms an accounting product may be shared at a time.
    pub exclusivity: Exclusivity,
    /// Pages elsewhere.
    pub guide: Guide,
    /// `https://` and the host, without a `/`. Taken from the settings, never from a request (threat T30).
    pub base_url: String,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// How long people stay logged in.
    pub life: Life,
    /// The zone in which pages give times.
    pub time_zone: Tz,
    /// Forms that were just sent.
    pub forms: Recent,
}

/// What people agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which text.
    pub version: String,
    /// Where the 基本利用規約 can be read.
    pub terms_url: Option<String>,
    /// Where the プライバシーポリシー can be read.
    pub privacy_url: Option<String>,
}

/// Pages elsewhere that ours point to; where there is none, its sentence stands without a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// The news behind 契約の移行 (S36).
    pub news: Option<String>,
    /// Where an お客様番号 or its password is not known (S41).
    pub customer_number: Option<String>,
    /// Where a サービス契約ID or its password is not known (S50).
    pub service_contract: Option<String>,
    /// How a network product is registered (S50).
    pub network_faq: Option<String>,
}

/// Gives each request the site as it is now.
#[derive(Clone, Debug)]
pub struct Door(watch::Receiver<Arc<Site>>);

/// Exchanges the site: requests that come from then on see the new one.
#[derive(Debug)]
pub struct Keeper(watch::Sender<Arc<Site>>);

impl Site {
    /// Opens it.
    #[must_use]
    pub fn open(self) -> (Keeper, Door) {
        let (sender, receiver) = watch::channel(Arc::new(self));
        (Keeper(sender), Door(receiver))
    }
}

impl Door {
    /// The site as it is now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.0.borrow())
    }
}

impl Keeper {
    /// Puts `site` in the place of the one before.
    pub fn exchange(&self, site: Site) {
        self.0.send_replace(Arc::new(site));
    }
}
