//! `[guide]`: pages elsewhere that ours point to. Where one is not set, its sentence stands without a link.

use serde::Deserialize;

use super::Invalid;
use super::web::PageUrl;

/// Pages elsewhere. All begin with `https://` and have no default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guide {
    /// The news about the new contract-management system of あんしん保守サポート, behind 契約の移行 (S36).
    pub news_url: Option<PageUrl>,
    /// What to do where an お客様番号 or its password is not known or was never set (S41).
    pub customer_number_url: Option<PageUrl>,
    /// The same for a サービス契約ID (S50).
    pub service_contract_url: Option<PageUrl>,
    /// The FAQ on registering a network product (S50).
    pub network_faq_url: Option<PageUrl>,
}

impl Guide {
    /// # Errors
    /// None: every key is judged where it is parsed.
    pub fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}
