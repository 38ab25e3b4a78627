//! The thoughts of `flows`, on PostgreSQL: a room a test, a database a thought.

use crate::flows;
use crate::support::postgres::Postgres;

macro_rules! rooms {
    ($($room:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $room() {
                flows::$room::on_postgres(&mut Postgres::start()).await;
            }
        )+
    };
}

rooms![
    asking,
    audit_trail,
    budgets,
    claiming,
    commanding,
    delivering,
    firms,
    holding,
    housekeeping,
    inbound,
    refusing,
    replaying,
    reports,
    requests,
    schema,
    sealing,
    secrets,
    tables,
];
