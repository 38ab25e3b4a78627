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

pub mod asking;
pub mod audit_trail;
pub mod budgets;
pub mod claiming;
pub mod commanding;
mod corpus;
pub mod delivering;
pub mod firms;
pub mod holding;
mod house;
pub mod housekeeping;
pub mod inbound;
pub mod interleaving;
mod loops;
pub mod refusing;
pub mod replaying;
pub mod reports;
pub mod requests;
mod sample;
pub mod schema;
pub mod sealing;
pub mod secrets;
pub mod tables;
