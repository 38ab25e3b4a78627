//! The products, and what each may do: the product matrix as one table, [`Product::rules`].

use super::inbound::stored_names;

/// A kind of product, as far as the rules tell them apart. Its full name (弥生販売 …) is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// 弥生会計 スタンダード
    Standard,
    /// 弥生会計 プロフェッショナル
    Professional,
    /// やよいの青色申告
    BlueReturn,
    /// 弥生会計 プロフェッショナル 2ユーザー
    TwoUser,
    /// 弥生会計 ネットワーク
    Network,
    /// A desktop product that is no accounting product (弥生販売, 弥生給与, やよいの見積・納品・請求書 …).
    OtherDesktop,
    /// The network edition of one.
    OtherNetwork,
    /// A cloud service (弥生会計 オンライン, Misoca …).
    Cloud,
    /// スマート証憑管理, which comes with an accounting product.
    SmartVoucher,
}

stored_names!(Product {
    Standard = "accounting_standard",
    Professional = "accounting_professional",
    BlueReturn = "blue_return",
    TwoUser = "accounting_two_user",
    Network = "accounting_network",
    OtherDesktop = "other_desktop",
    OtherNetwork = "other_network",
    Cloud = "cloud",
    SmartVoucher = "smart_voucher",
});

/// How a product comes to stand in the list of contracts (契約一覧).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// By the migration (契約の移行), with お客様番号 and password (S39, S40).
    CustomerNumber,
    /// By サービス契約ID and password: it is outside the migration (S42, S48).
    ServiceContractId,
    /// It stands there from the beginning.
    NotNeeded,
    /// It follows the accounting product (S52).
    Derived,
}

/// Whether a product can be linked to a firm by the customer's tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An accounting product: it has a box of its own (S51).
    Selectable,
    /// It comes with the accounting product and has no box (S52).
    Derived,
    /// It is never linked.
    None,
}

/// Whether customer and firm can work on the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSharing {
    /// Yes, once 弥生ドライブ is set up, which is a setting of its own (S2).
    WithDrive,
    /// No (S3).
    Never,
    /// The product has no business data (事業所データ).
    NoData,
}

/// Whether the firm can use スマート取引取込 with a linked product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmartImport {
    /// Yes, even where data cannot be shared (S3).
    ByFirm,
    /// The product has none.
    None,
}

/// When both sides hold data of their own, so that journals must go to the newest (S4, S60).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatestDataRule {
    /// When the data does not lie in 弥生ドライブ.
    WhenLocal,
    /// Always: the data cannot be shared.
    Always,
    /// Never: there is no data.
    Never,
}

/// Where business data lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataPlace {
    /// 弥生ドライブ, where both sides open the same data (S59).
    Drive,
    /// このパソコン: a backup or a local file (S60).
    Local,
}

stored_names!(DataPlace { Drive = "drive", Local = "local" });

/// One row of the product matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What it is called, as in the guide.
    pub label: &'static str,
    /// How it gets into the list of contracts.
    pub registration: Registration,
    /// Whether it can be ticked.
    pub choice: Choice,
    /// Whether its data can be shared.
    pub data_sharing: DataSharing,
    /// Whether the firm can use スマート取引取込.
    pub smart_import: SmartImport,
    /// When the latest-data rule must be acknowledged.
    pub latest_data: LatestDataRule,
}

impl Product {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::Standard,
        Self::Professional,
        Self::BlueReturn,
        Self::TwoUser,
        Self::Network,
        Self::OtherDesktop,
        Self::OtherNetwork,
        Self::Cloud,
        Self::SmartVoucher,
    ];

    /// The product's row of the matrix.
    #[must_use]
    pub const fn rules(self) -> Rules {
        match self {
            Self::Standard => accounting("弥生会計 スタンダード"),
            Self::Professional => accounting("弥生会計 プロフェッショナル"),
            Self::BlueReturn => accounting("やよいの青色申告"),
            Self::TwoUser => Rules {
                data_sharing: DataSharing::Never,
                latest_data: LatestDataRule::Always,
                ..accounting("弥生会計 プロフェッショナル 2ユーザー")
            },
            Self::Network => Rules {
                registration: Registration::ServiceContractId,
                data_sharing: DataSharing::Never,
                latest_data: LatestDataRule::Always,
                ..accounting("弥生会計 ネットワーク")
            },
            Self::OtherDesktop => without_data("弥生会計以外のデスクトップ製品", Registration::CustomerNumber),
            Self::OtherNetwork => without_data("弥生会計以外のネットワーク製品", Registration::ServiceContractId),
            Self::Cloud => without_data("クラウドサービス", Registration::NotNeeded),
            Self::SmartVoucher => {
                Rules { choice: Choice::Derived, ..without_data("スマート証憑管理", Registration::Derived) }
            }
        }
    }

    /// What it is called, as in the guide.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.rules().label
    }

    /// Whether it is an accounting product, which is what a customer links and what the migration is for.
    #[must_use]
    pub const fn is_accounting(self) -> bool {
        matches!(self.rules().choice, Choice::Selectable)
    }

    /// Whether its contract is brought over by the migration.
    #[must_use]
    pub const fn is_migrated(self) -> bool {
        matches!(self.rules().registration, Registration::CustomerNumber)
    }

    /// Whether its business data may lie there: nothing but a product that can share its data opens it from 弥生ドライブ.
    #[must_use]
    pub const fn may_lie_in(self, place: DataPlace) -> bool {
        match (self.rules().data_sharing, place) {
            (DataSharing::NoData, _) | (DataSharing::Never, DataPlace::Drive) => false,
            (DataSharing::WithDrive, _) | (DataSharing::Never, DataPlace::Local) => true,
        }
    }

    /// Whether who binds data that lies there must first acknowledge the latest-data rule (S4).
    #[must_use]
    pub const fn asks_for_latest_data(self, place: DataPlace) -> bool {
        match self.rules().latest_data {
            LatestDataRule::Always => true,
            LatestDataRule::WhenLocal => matches!(place, DataPlace::Local),
            LatestDataRule::Never => false,
        }
    }
}

/// The row of an accounting product for one user; the others differ from it.
const fn accounting(label: &'static str) -> Rules {
    Rules {
        label,
        registration: Registration::CustomerNumber,
        choice: Choice::Selectable,
        data_sharing: DataSharing::WithDrive,
        smart_import: SmartImport::ByFirm,
        latest_data: LatestDataRule::WhenLocal,
    }
}

/// The row of a product that has no business data.
const fn without_data(label: &'static str, registration: Registration) -> Rules {
    Rules {
        label,
        registration,
        choice: Choice::None,
        data_sharing: DataSharing::NoData,
        smart_import: SmartImport::None,
        latest_data: LatestDataRule::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product matrix as the requirements have it, a row a product: registration, choice, shared data, import by the
    /// firm, latest-data rule.
    const MATRIX: [(Product, Registration, Choice, DataSharing, SmartImport, LatestDataRule); 9] = {
        use Choice::{None as NoBox, Selectable};
        use DataSharing::{Never, NoData, WithDrive};
        use LatestDataRule::{Always, WhenLocal};
        use Registration::{CustomerNumber, NotNeeded, ServiceContractId};
        use SmartImport::{ByFirm, None as NoImport};
        const NO_RULE: LatestDataRule = LatestDataRule::Never;
        [
            (Product::Standard, CustomerNumber, Selectable, WithDrive, ByFirm, WhenLocal),
            (Product::Professional, CustomerNumber, Selectable, WithDrive, ByFirm, WhenLocal),
            (Product::BlueReturn, CustomerNumber, Selectable, WithDrive, ByFirm, WhenLocal),
            (Product::TwoUser, CustomerNumber, Selectable, Never, ByFirm, Always),
            (Product::Network, ServiceContractId, Selectable, Never, ByFirm, Always),
            (Product::OtherDesktop, CustomerNumber, NoBox, NoData, NoImport, NO_RULE),
            (Product::OtherNetwork, ServiceContractId, NoBox, NoData, NoImport, NO_RULE),
            (Product::Cloud, NotNeeded, NoBox, NoData, NoImport, NO_RULE),
            (Product::SmartVoucher, Registration::Derived, Choice::Derived, NoData, NoImport, NO_RULE),
        ]
    };

    #[test]
    fn every_cell_of_the_matrix() {
        assert_eq!(MATRIX.map(|row| row.0), Product::ALL);
        for (product, registration, choice, data_sharing, smart_import, latest_data) in MATRIX {
            let label = product.label();
            let wanted = Rules { label, registration, choice, data_sharing, smart_import, latest_data };
            assert_eq!(product.rules(), wanted, "{product:?}");
        }
    }

    #[test]
    fn five_products_are_accounting_and_four_of_them_migrate() {
        let accounting: Vec<_> = Product::ALL.into_iter().filter(|product| product.is_accounting()).collect();
        assert_eq!(accounting, Product::ALL[..5]);
        let migrated: Vec<_> = Product::ALL.into_iter().filter(|product| product.is_migrated()).collect();
        assert_eq!(migrated, [&Product::ALL[..4], &[Product::OtherDesktop]].concat());
    }

    #[test]
    fn only_shared_data_lies_in_the_drive_and_only_it_needs_no_rule() {
        use DataPlace::{Drive, Local};
        let cells = |product: Product| {
            [Drive, Local].map(|place| (product.may_lie_in(place), product.asks_for_latest_data(place)))
        };
        for product in [Product::Standard, Product::Professional, Product::BlueReturn] {
            assert_eq!(cells(product), [(true, false), (true, true)], "{product:?}");
        }
        for product in [Product::TwoUser, Product::Network] {
            assert_eq!(cells(product), [(false, true), (true, true)], "{product:?}");
        }
        for product in &Product::ALL[5..] {
            assert_eq!(cells(*product), [(false, false); 2], "{product:?}");
        }
    }

    #[test]
    fn products_are_called_as_in_the_guide() {
        let labels: Vec<_> = Product::ALL.into_iter().map(Product::label).collect();
        assert_eq!(labels.len(), labels.iter().collect::<std::collections::BTreeSet<_>>().len());
        assert_eq!(
            labels[..5],
            [
                "弥生会計 スタンダード",
                "弥生会計 プロフェッショナル",
                "やよいの青色申告",
                "弥生会計 プロフェッショナル 2ユーザー",
                "弥生会計 ネットワーク"
            ]
        );
        assert_eq!(Product::SmartVoucher.label(), "スマート証憑管理");
        for product in Product::ALL {
            assert_eq!(Product::stored(product.name()), Some(product));
        }
    }
}
