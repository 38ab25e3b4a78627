use sqlx::{Connection as _, PgConnection};

use crate::support::postgres::Postgres;
use crate::support::{port, process};

async fn ask(url: &str, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

async fn tell(url: &str, sql: &'static str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn databases_are_apart_and_survive_a_crash() {
    let mut postgres = Postgres::start();
    let (one, other) = (postgres.database(), postgres.database());
    tell(&one, "CREATE TABLE kept AS SELECT 7::BIGINT AS n").await;
    assert_eq!(ask(&other, "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'kept'").await, 0);
    assert_eq!(ask(&one, "SELECT COUNT(*) FROM pg_settings WHERE name = 'fsync' AND setting = 'on'").await, 1);
    postgres.kill();
    assert!(PgConnection::connect(&one).await.is_err());
    postgres.restart();
    assert_eq!(ask(&one, "SELECT n FROM kept").await, 7);
    let socket =
        format!("postgres:///test1?user=renkei&port={}&host={}", postgres.port(), postgres.socket_dir().display());
    assert_eq!(ask(&socket, "SELECT n FROM kept").await, 7);
}

#[tokio::test]
async fn it_is_gone_after_drop() {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    assert_eq!(ask(&url, "SELECT 1::BIGINT").await, 1);
    let (port, id) = (postgres.port(), postgres.id());
    // its backends lead groups of their own, and name it as their parent
    let backends = children(id);
    assert!(!backends.is_empty());
    drop(postgres);
    assert!(!process::lives(id) && !backends.into_iter().any(process::lives) && !port::answers(port));
}

fn children(id: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    list.split_whitespace().map(|child| child.parse().unwrap()).collect()
}
