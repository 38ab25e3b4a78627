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
//! | 取下げ | withdraw (the request is then cancelled) |
//! | 担当者名 | contact name |
//! | 追加宛先 | copies |
//! | 弥生ID | account |
//! | 確認コード | verification code |
//! | 事業者（事業グループ）情報 | company |
//! | 契約の移行 | migration |
//! | お客様番号 | customer number |
//! | サービス契約ID | service contract id |
//! | 製品・サービスの連携 | linkage |
//! | 事業所データ | business data, bound by a data binding |
//! | 事業所名 | office name (the name inside the business data; 事業所番号 is its number and no firm number) |
//! | 受付の控え | receipt |
//! | 手続き | procedure; any but 申請 is a firm command |
//! | 申請の一覧（CSV） | request table |

pub mod audit;
pub mod backoff;
pub mod budget;
pub mod delivery_report;
pub mod email_address;
pub mod firm;
pub mod firm_command;
pub mod firm_request;
pub mod ids;
pub mod inbound;
pub mod locale;
pub mod outbound;
pub mod request_form;
pub mod request_table;
pub mod suppression;
pub mod text;
pub mod time;
