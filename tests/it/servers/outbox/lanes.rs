use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::smtp_script::{Act, SmtpScript, Stage};

#[test]
fn what_a_person_waits_for_overtakes_the_receipts() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::ReplyAndCut("554 5.3.2 not today"));
    let url = |dir: &std::path::Path| format!("sqlite:{}", dir.join("renkei.db").display());
    let office = Office::on(&url, &relay(script.port(), "connections = 1"), "each");
    let _daemon = office.house.start();
    let customers = customers(4);
    for (customer, firm) in customers.iter().zip([BLUE, GREEN, BLUE, GREEN]) {
        office.ask(firm, customer);
    }
    office.wait_for("queued", 8, SOON);
    script.behave();
    office.wait_for("sent", 8, SOON);
    let mut to: Vec<String> = Letter::all(&script.mails()).into_iter().map(|letter| letter.to).collect();
    let receipts = to.split_off(4);
    to.sort();
    assert_eq!(to, customers, "the customers first");
    assert!(receipts.iter().all(|to| to == BLUE || to == GREEN), "{receipts:?}");
}
