//! What is linked and what is bound, as the contract-management system has it.

use super::ContractId;
use crate::domain::firm::FirmNumber;
use crate::domain::ids::BusinessDataId;
use crate::domain::inbound::stored_names;
use crate::domain::product::DataPlace;

/// What a firm is linked with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkSubject {
    /// An accounting product, by its contract.
    Contract(ContractId),
    /// スマート証憑管理, which follows the accounting product (S52).
    SmartVoucher,
}

/// Whether a link is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkageState {
    /// It is there.
    Linked,
    /// It is being made or taken away: look again.
    Pending,
    /// It is not there.
    NotLinked,
}

stored_names!(LinkageState { Linked = "linked", Pending = "pending", NotLinked = "not_linked" });

/// What is wanted of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkageWish {
    /// That it is there.
    Link,
    /// That it is not there.
    Unlink,
}

stored_names!(LinkageWish { Link = "link", Unlink = "unlink" });

/// A link as the contract-management system has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActualLinkage {
    /// With whom.
    pub firm: FirmNumber,
    /// With what.
    pub subject: LinkSubject,
    /// Whether it is there.
    pub state: LinkageState,
}

/// Who bound business data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BoundBy {
    /// The customer, on the page.
    Customer,
    /// This firm, by mail (S57).
    Firm(FirmNumber),
}

/// The one business data (事業所データ) of a holder that is bound for スマート取引取込 (S58).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Which data: our name for it, chosen before it was bound.
    pub data: BusinessDataId,
    /// The accounting product that opens it.
    pub contract: ContractId,
    /// 事業所名, as it stands in ［事業所設定］; one line, 1 to 100 characters.
    pub office_name: String,
    /// Where it lies.
    pub place: DataPlace,
    /// Who bound it.
    pub bound_by: BoundBy,
}
