//! 契約の移行, from the first number to the list of contracts; network products beside it.

use renkei::domain::contract::{CustomerNumber, ServiceContractId};
use renkei::domain::customer::Customer;
use renkei::domain::migration::State;
use renkei::flows::FlowError;
use renkei::flows::migrate::{self, Added, GUESSES, Submitted};
use renkei::flows::network_registration::{self, Registered};
use renkei::flows::snapshot::{self, Contracts, Wanted};
use secrecy::SecretString;

use super::contract_faults::{Fate, Line};
use super::house::House;

on_both_databases![
    numbers_are_registered_one_by_one_and_moved_together,
    a_wrong_password_is_counted_within_the_hour,
    what_is_wrong_with_a_number_is_said,
    nothing_begins_without_a_number_and_nothing_twice,
    while_the_system_is_down_nothing_is_kept_of_the_password,
    a_start_whose_answer_got_lost_is_looked_up,
    what_could_not_be_moved_is_told_and_may_be_entered_again,
    after_seven_days_it_is_given_up_and_may_go_on,
    a_network_product_goes_the_other_way,
    the_list_of_contracts_is_fetched_when_it_is_old,
    only_who_has_approved_may_migrate,
];

fn number(n: u8) -> CustomerNumber {
    CustomerNumber::parse(&format!("1000000{n}")).unwrap()
}

async fn add(house: &House, customer: &Customer, n: u8, password: &str) -> Added {
    migrate::add(&house.context, customer, &number(n), &SecretString::from(password)).await.unwrap()
}

async fn state(house: &House, customer: &Customer) -> Option<State> {
    migrate::last(&house.context, &customer.account).await.unwrap().map(|case| case.state)
}

async fn numbers_are_registered_one_by_one_and_moved_together(house: &House) {
    let customer = house.approved().await;
    assert!(matches!(add(house, &customer, 1, "himitsu-1").await, Added::Registered(_)));
    assert_eq!(add(house, &customer, 1, "himitsu-1").await, Added::Already);
    assert!(matches!(add(house, &customer, 2, "himitsu-2").await, Added::Registered(_)));
    assert_eq!(migrate::submit(&house.context, &customer).await.unwrap(), Submitted::Begun);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].subject.contains("契約の移行を受け付けました")
            && letters[0].text.contains("弥生会計 26 スタンダード")
    );
    assert_eq!(add(house, &customer, 3, "himitsu-3").await, Added::Underway);

    house.reconcile(&house.context).await;
    assert!(matches!(state(house, &customer).await, Some(State::InProgress(_))));
    for _ in 0..2 {
        house.pass_seconds(120);
        house.reconcile(&house.context).await;
    }
    assert!(matches!(state(house, &customer).await, Some(State::Completed(_))));
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].subject.contains("契約の移行が完了しました") && letters[0].text.contains("■ 契約一覧"));
    let story = house.story(1).await;
    let steps: Vec<_> = story.iter().filter(|it| it.starts_with("migration")).collect();
    assert_eq!(
        steps,
        [
            "migration submitted collecting>submitted",
            "migration changed submitted>in_progress",
            "migration changed in_progress>completed"
        ]
    );
    house.pass(30);
    house.reconcile(&house.context).await;
    assert!(house.letters().await.is_empty(), "at rest nothing happens");
    let grants = house.rows("SELECT credential FROM migration_item WHERE credential IS NOT NULL").await;
    assert!(grants.is_empty(), "no grant outlives the end");
}

async fn a_wrong_password_is_counted_within_the_hour(house: &House) {
    let customer = house.approved().await;
    for left in (0..GUESSES).rev() {
        assert_eq!(add(house, &customer, 1, "wrong").await, Added::Wrong { left });
    }
    let until = house.now().after(std::time::Duration::from_hours(1));
    assert_eq!(add(house, &customer, 1, "himitsu-1").await, Added::TooMany(until));
    assert!(matches!(add(house, &customer, 2, "himitsu-2").await, Added::Registered(_)), "another number");
    house.pass_seconds(3600);
    assert!(matches!(add(house, &customer, 1, "himitsu-1").await, Added::Registered(_)));
}

async fn what_is_wrong_with_a_number_is_said(house: &House) {
    let customer = house.approved().await;
    assert_eq!(add(house, &customer, 4, "himitsu-4").await, Added::Network);
    assert_eq!(add(house, &customer, 5, "anything").await, Added::NoPassword);
    assert_eq!(add(house, &customer, 6, "himitsu-6").await, Added::OtherHolder);
    assert!(matches!(add(house, &customer, 9, "himitsu-9").await, Added::Wrong { .. }));
    assert_eq!(migrate::submit(&house.context, &customer).await.unwrap(), Submitted::Empty);
}

async fn nothing_begins_without_a_number_and_nothing_twice(house: &House) {
    let customer = house.approved().await;
    assert_eq!(migrate::submit(&house.context, &customer).await.unwrap(), Submitted::Empty);
    add(house, &customer, 1, "himitsu-1").await;
    add(house, &customer, 2, "himitsu-2").await;
    migrate::leave_out(&house.context, &customer, &number(2)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(migrate::submit(&house.context, &customer).await.unwrap(), Submitted::Begun);
    }
    let case = migrate::last(&house.context, &customer.account).await.unwrap().unwrap();
    assert_eq!(case.items.len(), 1);
    assert_eq!(house.letters().await.len(), 1, "M12 once");
}

async fn while_the_system_is_down_nothing_is_kept_of_the_password(house: &House) {
    let customer = house.approved().await;
    let line = Line::new(house);
    let context = line.context(house);
    line.is_down(true);
    let password = SecretString::from("himitsu-canary-1");
    for _ in 0..GUESSES + 2 {
        let added = migrate::add(&context, &customer, &number(1), &password).await.unwrap();
        assert_eq!(added, Added::Unavailable, "and no guess is counted");
    }
    assert!(!format!("{:?}", house.everything().await).contains("himitsu-canary-1"));
    line.is_down(false);
    assert!(matches!(add(house, &customer, 1, "himitsu-1").await, Added::Registered(_)));
}

async fn a_start_whose_answer_got_lost_is_looked_up(house: &House) {
    let customer = house.approved().await;
    add(house, &customer, 1, "himitsu-1").await;
    migrate::submit(&house.context, &customer).await.unwrap();
    let line = Line::new(house);
    let context = line.context(house);
    line.will(&[Fate::Lost, Fate::Unheard]);
    for _ in 0..6 {
        house.reconcile(&context).await;
        house.pass_seconds(300);
    }
    assert!(matches!(state(house, &customer).await, Some(State::Completed(_))));
    let keys = line.keys.lock().unwrap().clone();
    assert_eq!(keys.len(), 2, "asked again only after the first never arrived");
    assert_eq!(keys[0], keys[1]);
}

async fn what_could_not_be_moved_is_told_and_may_be_entered_again(house: &House) {
    let customer = house.approved().await;
    add(house, &customer, 1, "himitsu-1").await;
    add(house, &customer, 2, "himitsu-2").await;
    migrate::submit(&house.context, &customer).await.unwrap();
    house.reconcile(&house.context).await;
    house.letters().await;
    house.execute("UPDATE ledger_contract SET standing = 'ended' WHERE id = 'C-PAY'").await;
    for _ in 0..3 {
        house.pass_seconds(300);
        house.reconcile(&house.context).await;
    }
    assert!(matches!(state(house, &customer).await, Some(State::Partial(_))));
    let letters = house.letters().await;
    assert!(letters[0].subject.contains("移行ができなかった製品があります"), "{}", letters[0].subject);
    assert!(letters[0].text.contains("契約が終了しているため"));
    assert_eq!(add(house, &customer, 1, "himitsu-1").await, Added::Already, "what was moved is moved");
    assert!(matches!(add(house, &customer, 3, "himitsu-3").await, Added::Registered(_)), "in a new migration");
}

async fn after_seven_days_it_is_given_up_and_may_go_on(house: &House) {
    let customer = house.approved().await;
    add(house, &customer, 1, "himitsu-1").await;
    migrate::submit(&house.context, &customer).await.unwrap();
    house.letters().await;
    let line = Line::new(house);
    let context = line.context(house);
    line.is_down(true);
    house.reconcile(&context).await;
    house.pass(7);
    line.is_down(false);
    house.reconcile(&context).await;
    assert!(matches!(state(house, &customer).await, Some(State::Abandoned(_))));
    assert!(house.letters().await[0].subject.contains("契約の移行が終わっていません"));
    assert!(line.keys.lock().unwrap().is_empty(), "it was not started after its time");
    assert_eq!(add(house, &customer, 2, "himitsu-2").await, Added::Underway, "nothing buries it");
    assert!(migrate::resume(&house.context, &customer).await.unwrap());
    for _ in 0..3 {
        house.reconcile(&house.context).await;
        house.pass_seconds(60);
    }
    assert!(matches!(state(house, &customer).await, Some(State::Completed(_))));
}

async fn a_network_product_goes_the_other_way(house: &House) {
    let customer = house.approved().await;
    let id = ServiceContractId::parse("sc000004").unwrap();
    let register = async |password: &str| {
        network_registration::register(&house.context, &customer, &id, &SecretString::from(password)).await.unwrap()
    };
    assert_eq!(register("wrong").await, Registered::Wrong { left: GUESSES - 1 });
    let Registered::Listed(contract) = register("himitsu-4").await else { panic!() };
    assert_eq!(contract.id.as_str(), "C-NET");
    assert_eq!(register("himitsu-4").await, Registered::Already);
    let list = network_registration::list(&house.context, &customer.account).await.unwrap();
    assert_eq!(list.len(), 1);
    let Contracts::Current(owned) = snapshot::contracts(&house.context, &customer, Wanted::Recent).await.unwrap()
    else {
        panic!()
    };
    assert!(owned.contract(&contract.id).is_some(), "the list is fetched anew at once");
    assert!(house.story(1).await.contains(&"network product registered entered>authenticated".to_owned()));
}

async fn the_list_of_contracts_is_fetched_when_it_is_old(house: &House) {
    let customer = house.migrated(&[1]).await;
    let line = Line::new(house);
    let context = line.context(house);
    let list = async |wanted| snapshot::contracts(&context, &customer, wanted).await.unwrap();
    assert!(matches!(list(Wanted::Newest).await, Contracts::Current(_)));
    line.is_down(true);
    house.pass_seconds(60);
    assert!(matches!(list(Wanted::Recent).await, Contracts::Current(_)), "a minute old");
    assert!(matches!(list(Wanted::Newest).await, Contracts::Old(_)), "the last good one is shown");
    house.pass_a_millisecond();
    assert!(matches!(list(Wanted::Recent).await, Contracts::Old(_)));
    line.is_down(false);
    assert!(matches!(list(Wanted::Recent).await, Contracts::Current(_)));
}

async fn only_who_has_approved_may_migrate(house: &House) {
    let account = house.ready("suzuki@example.jp").await;
    let address = super::sample::address("suzuki@example.jp");
    let customer = Customer { account, address, locale: renkei::domain::locale::Locale::Ja };
    let refused = migrate::add(&house.context, &customer, &number(1), &SecretString::from("himitsu-1")).await;
    assert!(matches!(refused, Err(FlowError::NothingApproved)), "{refused:?}");
}
