//! The guide's own words for pages and buttons. Tests press and read these and nothing else, so whoever changes a word changes
//! what customers find in the booklet that their accounting firm gave them.

/// ［ログイン］
pub const LOGIN: &str = "ログイン";
/// ［次へ］
pub const NEXT: &str = "次へ";
/// ［弥生IDの新規登録］
pub const REGISTER: &str = "弥生IDの新規登録";
/// The one box.
pub const CONSENT: &str = "「弥生関連サービス基本利用規約」およびプライバシーポリシーに同意します。";
/// ［登録する］
pub const DO_REGISTER: &str = "登録する";
/// ［確認する］
pub const CHECK: &str = "確認する";
/// 「サービスの利用へ進む」
pub const GO_ON: &str = "サービスの利用へ進む";
/// 「パスワードをお忘れの方」
pub const FORGOT: &str = "パスワードをお忘れの方";
/// パスワードの再設定
pub const RESET: &str = "パスワードの再設定";
/// 「確認コードを再送する（残り2回）」, and after the first time.
pub const RESEND: [&str; 2] = ["確認コードを再送する（残り2回）", "確認コードを再送する（残り1回）"];
/// The subject of the code's mail.
pub const CODE_MAIL: &str = "【弥生】確認コードのお知らせ";
/// ［ログアウト］
pub const LOGOUT: &str = "ログアウト";
/// ［事業者（事業グループ）情報登録］
pub const COMPANY: &str = "事業者（事業グループ）情報登録";
/// ［会計事務所等への契約情報提供の承認］
pub const APPROVAL: &str = "会計事務所等への契約情報提供の承認";
/// 「申請元情報」
pub const ASKER: &str = "申請元情報";
/// What is to be checked there.
pub const IS_IT_THEM: &str = "顧問契約している会計事務所に間違いないかご確認ください。";
/// ［承認する］
pub const APPROVE: &str = "承認する";
/// ［承認しない］
pub const DECLINE: &str = "承認しない";
/// ［確定する］
pub const COMMIT: &str = "確定する";
/// 会計事務所等管理
pub const MANAGE: &str = "会計事務所等管理";
/// What is no longer wanted.
pub const STOP: &str = "契約情報の提供を停止する";
/// Whom to ask.
pub const CONTACT: &str = "問い合わせ先";
/// Who is logged in.
pub const LOGIN_NAME: &str = "ログイン者名";
