//! The audit trail is a chain: whoever edits a row, or takes one out, is found.

use renkei::domain::audit::AuditEvent;
use renkei::flows;
use renkei::store::{self, Store};

use super::house::House;

on_both_databases![
    an_untouched_trail_holds_over_more_rows_than_a_page,
    an_edited_row_is_found,
    a_row_taken_out_is_found_wherever_it_stood,
    four_who_append_side_by_side_make_one_chain,
    the_story_of_one_object_is_told_in_order,
];

/// The firm's registration is row 1.
const REGISTERED: i64 = 1;

fn event(house: &House, object: &str, event: &'static str) -> AuditEvent {
    AuditEvent {
        at: house.now(),
        actor: "operator".to_owned(),
        object: object.to_owned(),
        event,
        from: "pending",
        to: "opened",
        cause: "a test".to_owned(),
    }
}

async fn append(store: &Store, events: &[AuditEvent]) {
    let mut tx = store.begin().await.unwrap();
    store::audit::append(&mut tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

async fn first_break(house: &House) -> Option<i64> {
    flows::audit::first_break(&house.context).await.unwrap()
}

async fn an_untouched_trail_holds_over_more_rows_than_a_page(house: &House) {
    append(&house.context.store, &[]).await;
    append(&house.context.store, &vec![event(house, "request 1", "seen"); 1_500]).await;
    append(&house.context.store, &[event(house, "request 2", "seen")]).await;
    assert_eq!(first_break(house).await, None);
    house.execute("UPDATE audit_event SET cause = 'another' WHERE seq = 1400").await;
    assert_eq!(first_break(house).await, Some(1_400));
}

async fn an_edited_row_is_found(house: &House) {
    append(&house.context.store, &vec![event(house, "request 1", "seen"); 3]).await;
    for column in ["actor", "object", "event", "from_state", "to_state", "cause", "hash"] {
        let before = house.rows(&format!("SELECT {column} AS it FROM audit_event WHERE seq = 3")).await.remove(0);
        house.execute(&format!("UPDATE audit_event SET {column} = 'x' WHERE seq = 3")).await;
        assert_eq!(first_break(house).await, Some(3), "{column}");
        house.execute(&format!("UPDATE audit_event SET {column} = '{}' WHERE seq = 3", before["it"])).await;
        assert_eq!(first_break(house).await, None, "{column}");
    }
    house.execute("UPDATE audit_event SET at = at + 1 WHERE seq = 3").await;
    assert_eq!(first_break(house).await, Some(3));
}

async fn a_row_taken_out_is_found_wherever_it_stood(house: &House) {
    append(&house.context.store, &vec![event(house, "request 1", "seen"); 3]).await;
    house.execute("DELETE FROM audit_event WHERE seq = 4").await;
    assert_eq!(first_break(house).await, Some(4), "the last one");
    house.execute("DELETE FROM audit_event WHERE seq = 2").await;
    assert_eq!(first_break(house).await, Some(3), "one in between");
    house.execute("DELETE FROM audit_event").await;
    assert_eq!(first_break(house).await, Some(REGISTERED), "all of them");
}

async fn four_who_append_side_by_side_make_one_chain(house: &House) {
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let store = Store::open(&house.url).await.unwrap();
        let events = vec![event(house, "request 1", "seen"); 3];
        tasks.push(tokio::spawn(async move {
            for _ in 0..10 {
                append(&store, &events).await;
            }
            store.close().await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(first_break(house).await, None);
    assert_eq!(house.rows("SELECT seq FROM audit_event").await.len(), 121);
}

async fn the_story_of_one_object_is_told_in_order(house: &House) {
    let told = [event(house, "request 1", "one"), event(house, "request 2", "two"), event(house, "request 1", "three")];
    append(&house.context.store, &told).await;
    let story = store::audit::of(&mut house.context.store.read().await.unwrap(), "request 1").await.unwrap();
    let story: Vec<_> = story.iter().map(|entry| (entry.seq, entry.event.as_str(), entry.from.as_str())).collect();
    assert_eq!(story, [(2, "one", "pending"), (4, "three", "pending")]);
}
