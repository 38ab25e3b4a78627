//! The rules, pure: no async, no IO, no clock, no randomness. `now` comes in as a value.
//!
//! # Glossary
//!
//! The guide's words and the names they have here, in the database, on pages and in the docs.
//!
//! | guide | name |
//! |---|---|
//! | 会計事務所 | firm |
//! | 事務所番号 | firm number |
//! | 顧問先 | customer (the client of a firm) |
//! | 契約情報取得の申請 | request |
//! | 申請元情報 | requester |
//! | 承認する／承認しない | approve, decline |
//! | 確認する → 確定する | confirm, decide (the answer that was given is a decision) |
//! | この申請に心当たりがない | disown |
//! | 契約情報の提供を停止する | stop sharing |
//! | 申請先と異なるID | another ID than the mailed one |
//! | 取下げ | withdraw (the request is then cancelled) |
//! | 担当者名 | contact name |
//! | 追加宛先 | copies |
//! | 弥生ID | account |
//! | 確認コード | verification code, sent by an attempt to prove an address |
//! | 再送 | resend |
//! | ログイン者名 | the account's name |
//! | 事業者（事業グループ）情報 | company |
//! | 契約一覧 | the list of contracts (a snapshot) |
//! | 会計事務所等管理 | manage (the page), engagement (a firm and its request on it) |
//! | 契約の移行 | migration |
//! | お客様番号 | customer number |
//! | サービス契約ID | service contract id |
//! | 製品・サービスの連携 | linkage |
//! | 事業所データ | business data, bound by a data binding |
//! | データの場所 | data place (弥生ドライブ: drive; このパソコン: local) |
//! | 事業所名 | office name (the name inside the business data; 事業所番号 is its number and no firm number) |
//! | 受付の控え | receipt |
//! | 手続き | procedure; any but 申請 is a firm command |
//! | 申請の一覧（CSV） | request table |

pub mod account;
pub mod approval;
pub mod audit;
pub mod backoff;
pub mod budget;
pub mod company;
pub mod contract;
pub mod customer;
pub mod data_binding;
pub mod decision;
pub mod delivery_report;
pub mod email_address;
pub mod enhanced_status;
pub mod firm;
pub mod firm_command;
pub mod firm_request;
pub mod ids;
pub mod inbound;
pub mod limits;
pub mod linkage;
pub mod locale;
pub mod migration;
pub mod network_registration;
pub mod next_step;
pub mod office_name;
pub mod outbound;
pub mod password;
pub mod product;
pub mod product_choice;
pub mod proxies;
pub mod quiet_hours;
pub mod reconcile;
pub mod reminders;
pub mod reply;
pub mod request_form;
pub mod request_table;
pub mod session;
pub mod source;
pub mod suppression;
pub mod text;
pub mod time;
pub mod verification;
