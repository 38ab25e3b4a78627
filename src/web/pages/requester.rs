//! 申請元情報 and who answers: what the pages of a decision show of both (S25).

use crate::domain::decision::Identity;
use crate::domain::locale::Locale;
use crate::flows::dates;
use crate::flows::decide::Shown;
use crate::web::Visitor;

/// Who asks.
pub(super) struct Requester {
    pub number: i64,
    pub firm_number: String,
    pub name: String,
    pub postal_address: String,
    pub telephone: String,
    pub proved_by: String,
    pub asked_at: String,
    pub until: String,
    pub message: Vec<String>,
}

/// Who answers, and whose contracts are shared.
pub(super) struct Answerer {
    pub id: String,
    pub business: Option<String>,
    /// The ID is not the address that was mailed.
    pub is_other: bool,
}

impl Requester {
    pub fn of(visitor: &Visitor, shown: &Shown) -> Self {
        let (firm, request, zone) = (&shown.at_hand.firm, &shown.at_hand.request, visitor.site.time_zone);
        Self {
            number: request.number,
            firm_number: firm.number.to_string(),
            name: firm.name.clone(),
            postal_address: firm.postal_address.clone(),
            telephone: firm.telephone.clone(),
            proved_by: request.proved_by.clone(),
            asked_at: dates::at(request.created_at, zone, Locale::Ja),
            until: dates::until(request.expires_at, zone, Locale::Ja),
            message: shown.message.clone(),
        }
    }
}

impl From<&Shown> for Answerer {
    fn from(shown: &Shown) -> Self {
        Self {
            id: shown.account.address.to_text(),
            business: shown.company.as_ref().map(|company| company.name.name.clone()),
            is_other: shown.identity == Identity::Other,
        }
    }
}
