//! A firm's entry (欄) on 会計事務所等管理: what is linked, with the sign and the name of each product, and how it stands (S53 to
//! S56).

use askama::Template;
use askama::filters::HtmlSafe;

use crate::domain::data_binding::State as DataState;
use crate::domain::linkage::{Shown, State};
use crate::domain::product::{DataPlace, Product};
use crate::flows::linkages;
use crate::web::icons;

/// See above.
#[derive(Template)]
#[template(path = "pages/parts/entry.html")]
pub(super) struct Entry {
    number: i64,
    products: Vec<Linked>,
    /// Contract information is shared, so that something can be linked.
    is_shared: bool,
    /// Something is wanted that can be unlinked.
    is_wanted: bool,
    /// Business data can be set.
    is_ready: bool,
    data: Option<Data>,
}

impl HtmlSafe for Entry {}

/// A product or service.
struct Linked {
    icon: &'static str,
    name: String,
    mark: Option<Mark>,
    says: &'static str,
}

/// The business data that is set.
struct Data {
    office_name: String,
    place: &'static str,
    mark: Mark,
}

/// 設定中, 連携済み or 要確認.
#[derive(Clone, Copy, Template)]
#[template(ext = "html", source = r#"<span class="state {{ self.look }}">{{ self.says }}</span>"#)]
pub(super) struct Mark {
    says: &'static str,
    look: &'static str,
}

impl HtmlSafe for Mark {}

const IN_HAND: Mark = Mark { says: "設定中", look: "" };

/// How it stands in a word; nothing for what is not linked.
pub(super) const fn mark(shown: Shown) -> Option<Mark> {
    match shown {
        Shown::InHand => Some(IN_HAND),
        Shown::Linked => Some(Mark { says: "連携済み", look: "good" }),
        Shown::NeedsLook => Some(Mark { says: "要確認", look: "look" }),
        Shown::Nothing => None,
    }
}

/// Where business data lies, in the guide's words.
pub(super) const fn place(place: DataPlace) -> &'static str {
    match place {
        DataPlace::Drive => "弥生ドライブ",
        DataPlace::Local => "このパソコン",
    }
}

impl Entry {
    /// Of the firm of the request with this number; nothing is linked yet.
    pub(super) const fn empty(number: i64) -> Self {
        Self { number, products: Vec::new(), is_shared: true, is_wanted: false, is_ready: false, data: None }
    }

    /// The same, with what is linked.
    pub(super) fn of(number: i64, is_shared: bool, entry: &linkages::Entry) -> Self {
        let linked = entry.links.iter().map(|link| Linked {
            icon: icons::href(link.product),
            name: link.product_name.clone(),
            mark: mark(link.state.shown()),
            says: says(link.state),
        });
        let voucher = mark(entry.smart_voucher).map(|mark| Linked {
            icon: icons::href(Product::SmartVoucher),
            name: Product::SmartVoucher.label().to_owned(),
            mark: Some(mark),
            says: "",
        });
        let data = entry.binding.as_ref().map(|data| Data {
            office_name: data.office_name.as_str().to_owned(),
            place: place(data.place),
            mark: match data.state {
                DataState::Bound => Mark { says: "設定済み", look: "good" },
                DataState::Releasing(_) => Mark { says: "解除中", look: "" },
                DataState::Proposed | DataState::Unbound(_) => IN_HAND,
            },
        });
        Self {
            number,
            is_shared,
            is_wanted: entry.links.iter().any(|link| link.state.is_wanted()),
            products: linked.chain(voucher).collect(),
            is_ready: entry.links.iter().any(|link| link.state == State::Linked),
            data,
        }
    }
}

/// What a state's word does not say by itself.
const fn says(state: State) -> &'static str {
    match state {
        State::Desired | State::Applying => "連携を設定しています。完了しましたら、メールでお知らせします。",
        State::Drifted => "連携が外れたため、もう一度設定しています。",
        State::Lost => "連携できていません。「製品・サービスの連携を設定する」から、もう一度設定してください。",
        State::Unlinking(_) => "連携を解除しています。",
        _ => "",
    }
}
