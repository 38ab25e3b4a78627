//! The flows and the store, in this process and on both databases: each thought is written once and is a test on SQLite
//! here, and a step of one test a room on PostgreSQL (`servers::flows`).

/// The thoughts of a room.
macro_rules! on_both_databases {
    ($($thought:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $thought() {
                    let house = crate::flows::house::House::on_sqlite().await;
                    super::$thought(&house).await;
                    house.leave().await;
                }
            )+
        }

        /// All of them on PostgreSQL, each on a database of its own; the last one named is the one that failed.
        pub async fn on_postgres(server: &mut crate::support::postgres::Postgres) {
            $(
                println!(stringify!($thought));
                let house = crate::flows::house::House::open(&server.database()).await;
                $thought(&house).await;
                house.leave().await;
            )+
        }
    };
}

pub mod accounts;
pub mod answering;
pub mod asking;
pub mod audit_trail;
pub mod begin_limits;
pub mod binding;
pub mod budgets;
pub mod claiming;
pub mod code_interleaving;
mod code_loop;
pub mod code_mails;
pub mod codes;
pub mod commanding;
mod contract_client;
pub mod contract_faults;
pub mod contract_http;
pub mod contract_ledger;
mod contract_served;
pub mod contract_suite;
mod contract_unknown;
mod corpus;
pub mod customers;
pub mod deciding;
pub mod deeds;
pub mod delivering;
pub mod digesting;
pub mod disowning;
pub mod firms;
mod forging;
pub mod holding;
pub mod house;
pub mod housekeeping;
pub mod identity_secrets;
pub mod inbound;
pub mod interleaving;
pub mod linking;
pub mod log_in;
mod loops;
pub mod many_links;
pub mod migrating;
pub mod people;
mod read;
pub mod reconciling;
pub mod refusing;
pub mod rehearsing;
pub mod reminding;
pub mod replaying;
pub mod reports;
pub mod requests;
pub mod reset_password;
pub mod sample;
pub mod scheduling;
pub mod schema;
pub mod sealing;
pub mod secrets;
pub mod sessions;
pub mod sharing_by_mail;
pub mod tables;
pub mod watching;
