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
    accounts,
    answering,
    asking,
    audit_trail,
    begin_limits,
    binding,
    budgets,
    claiming,
    code_mails,
    codes,
    commanding,
    contract_http,
    contract_ledger,
    deciding,
    deeds,
    delivering,
    digesting,
    disowning,
    firms,
    holding,
    housekeeping,
    identity_secrets,
    inbound,
    linking,
    log_in,
    migrating,
    reconciling,
    refusing,
    rehearsing,
    reminding,
    replaying,
    reports,
    requests,
    reset_password,
    scheduling,
    schema,
    sealing,
    secrets,
    sessions,
    sharing_by_mail,
    tables,
    watching,
];
