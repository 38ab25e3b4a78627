//! Each URL, declared once: what mails link to and what the router serves are built from these.

use crate::domain::firm_request::Request;
use crate::keys::Keys;

/// Where the mailed link of a request lands; `{token}` is [`Keys::link_token`].
pub const APPROVAL: &str = "/r/{token}";
/// 「この申請に心当たりがない」
pub const DISOWN: &str = "/disown";
/// ［ログイン］: the ID.
pub const LOGIN: &str = "/login";
/// ［ログイン］: the password.
pub const LOGIN_PASSWORD: &str = "/login/password";
/// ［ログアウト］
pub const LOGOUT: &str = "/logout";
/// ［弥生IDの新規登録］
pub const REGISTER: &str = "/register";
/// Takes the mailed code.
pub const CODE: &str = "/code";
/// 「確認コードを再送する」
pub const CODE_RESEND: &str = "/code/resend";
/// The registration is done: 「サービスの利用へ進む」.
pub const REGISTERED: &str = "/registered";
/// 「パスワードをお忘れの方」
pub const PASSWORD_FORGOT: &str = "/password/forgot";
/// パスワードの再設定
pub const PASSWORD_NEW: &str = "/password/new";
/// Asks again for consent when the terms have changed.
pub const TERMS: &str = "/terms";
/// Leads to the page that a person is due to see.
pub const NEXT: &str = "/next";
/// ［事業者（事業グループ）情報登録］
pub const COMPANY: &str = "/company";
/// ［会計事務所等への契約情報提供の承認］
pub const REQUEST: &str = "/request";
/// The choice shown again: ［確定する］.
pub const REQUEST_CONFIRM: &str = "/request/confirm";
/// What became of it.
pub const REQUEST_DONE: &str = "/request/done";
/// 会計事務所等管理: the firms of the person who is logged in.
pub const MANAGE: &str = "/manage";
/// Goes on with one of several requests, by its number.
pub const MANAGE_ANSWER: &str = "/manage/{number}/answer";
/// 「契約情報の提供を停止する」, by the request's number.
pub const MANAGE_STOP: &str = "/manage/{number}/stop";
/// ［製品・サービスの連携の設定］ for a firm, by its request's number: one of three cases.
pub const LINK: &str = "/link/{number}";
/// ［お客様番号の確認］
pub const MIGRATION: &str = "/migration";
/// 契約の移行: customer numbers and passwords.
pub const MIGRATION_PRODUCTS: &str = "/migration/products";
/// ［登録を完了して移行を開始する］
pub const MIGRATION_START: &str = "/migration/start";
/// お手続き中です。しばらくお待ち下さい
pub const MIGRATION_WAIT: &str = "/migration/wait";
/// 契約一覧
pub const CONTRACTS: &str = "/contracts";
/// 登録済み製品一覧
pub const PRODUCTS: &str = "/products";
/// 「製品を追加する」
pub const PRODUCTS_ADD: &str = "/products/add";
/// The products that are shared with the firm of a request, by its number: ［変更する］.
pub const LINK_PRODUCTS: &str = "/link/{number}/products";
/// All products of a firm are unlinked, by the request's number.
pub const LINK_UNLINK: &str = "/link/{number}/unlink";
/// スマート取引取込の設定: the business data.
pub const DATA: &str = "/data";
/// Both names side by side: ［設定を行う］.
pub const DATA_CONFIRM: &str = "/data/confirm";
/// 「スマート取引取込の設定を完了しました。」
pub const DATA_DONE: &str = "/data/done";
/// The business data is released, so that other data can be set.
pub const DATA_RELEASE: &str = "/data/release";
/// The sign of a product or service.
pub const PRODUCT_ICON: &str = "/icons/{file}";
/// The one stylesheet.
pub const STYLE: &str = "/style.css";
/// The sign in the browser's tab.
pub const ICON: &str = "/icon.svg";
/// Whether the process answers.
pub const HEALTHZ: &str = "/healthz";
/// Whether it can do its work.
pub const READYZ: &str = "/readyz";

/// A path of the table with this number in the place of its `{number}`.
#[must_use]
pub fn numbered(path: &str, number: i64) -> String {
    path.replace("{number}", &number.to_string())
}

/// Builds absolute links. The host comes from the settings, never from a request.
#[derive(Clone, Debug)]
pub struct Links {
    base_url: String,
    keys: Keys,
}

impl Links {
    /// `base_url` without a path, e.g. `https://renkei.example`.
    #[must_use]
    pub fn new(base_url: &str, keys: Keys) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), keys }
    }

    /// The link that is mailed to the customer; `None` when its key is gone.
    #[must_use]
    pub fn approval(&self, request: &Request) -> Option<String> {
        let token = self.keys.link_token(&request.link_key, &request.id)?;
        Some(format!("{}{}", self.base_url, APPROVAL.replace("{token}", &token)))
    }

    /// The page of the firms, for who logs in.
    #[must_use]
    pub fn manage(&self) -> String {
        format!("{}{MANAGE}", self.base_url)
    }

    /// The key that new requests are to name.
    #[must_use]
    pub fn key_in_force(&self) -> &str {
        self.keys.newest()
    }
}
