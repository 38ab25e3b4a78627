//! The built-in contract-management system, by the suite and where only it can be looked into.

use renkei::contracts::ContractDirectory;
use renkei::contracts::ledger::Cost;
use renkei::contracts::ledger::import::{File, OnRefusal, Refused};
use renkei::domain::contract::{CallKey, ItemState, LinkSubject, LinkageWish};
use renkei::domain::firm::FirmNumber;

use super::contract_suite::{self as suite, CHEAP, contract, fill, granted, migration, number, yamada};
use super::house::House;

macro_rules! suite_and {
    ([$($of_suite:ident),+ $(,)?], [$($own:ident),+ $(,)?]) => {
        $(async fn $of_suite(house: &House) {
            suite::$of_suite(house, &house.ledger).await;
        })+
        on_both_databases![$($of_suite,)+ $($own),+];
    };
}

suite_and![
    [
        a_list_holds_what_is_its_holders,
        a_migration_takes_its_time_and_happens_once,
        a_number_is_refused_with_its_reason,
        an_unknown_number_is_answered_as_a_wrong_password,
        a_grant_is_its_holders_and_not_for_ever,
        a_migrations_name_is_for_one_migration,
        what_cannot_move_stays_and_says_why,
        a_network_product_is_listed_by_its_own_id,
        a_link_is_made_and_taken_away_once_for_each_key,
        one_business_data_is_bound,
    ],
    [
        many_who_start_and_look_at_once_move_a_contract_once,
        no_password_and_no_grant_lies_in_the_tables,
        what_is_known_is_brought_up_to_date_and_never_goes_back,
        lines_that_cannot_be_taken_are_named_without_what_they_hold,
        old_calls_and_grants_are_forgotten,
    ]
];

async fn many_who_start_and_look_at_once_move_a_contract_once(house: &House) {
    fill(house).await;
    let grant = granted(&house.ledger, &yamada(), "10000001", "himitsu-1").await.unwrap();
    let starts = (0..16).map(|n| {
        let (ledger, grant) = (house.ledger.clone(), grant.clone());
        let id = migration(&format!("m-{}", n % 2));
        tokio::spawn(async move { ledger.start_migration(&yamada(), &id, &[grant]).await })
    });
    let mut begun = 0;
    for start in starts.collect::<Vec<_>>() {
        begun += usize::from(start.await.unwrap().is_ok());
    }
    assert!(begun >= 1, "nobody could begin");
    assert_eq!(house.rows("SELECT id FROM ledger_migration").await.len(), 1);
    house.pass_seconds(10);
    let looks = (0..16).map(|_| {
        let ledger = house.ledger.clone();
        tokio::spawn(async move { ledger.snapshot(&yamada()).await.map(|snapshot| snapshot.contracts.len()) })
    });
    for look in looks.collect::<Vec<_>>() {
        assert_eq!(look.await.unwrap(), Ok(2));
    }
    let items = house.rows("SELECT state FROM ledger_migration_item").await;
    assert_eq!(items.iter().map(|item| item["state"].as_str()).collect::<Vec<_>>(), ["moved"]);
}

async fn no_password_and_no_grant_lies_in_the_tables(house: &House) {
    fill(house).await;
    let grant = granted(&house.ledger, &yamada(), "10000001", "himitsu-1").await.unwrap();
    granted(&house.ledger, &yamada(), "10000001", "himitsu-wrong").await.unwrap_err();
    house.ledger.start_migration(&yamada(), &migration("m-1"), std::slice::from_ref(&grant)).await.unwrap();
    let everything = format!("{:?}", house.everything().await);
    assert!(everything.contains("$argon2id$") && everything.contains("10000001"), "the thief looked elsewhere");
    assert!(!everything.contains("himitsu") && !everything.contains(grant.expose()));
}

async fn what_is_known_is_brought_up_to_date_and_never_goes_back(house: &House) {
    fill(house).await;
    let grant = granted(&house.ledger, &yamada(), "10000001", "himitsu-1").await.unwrap();
    house.ledger.start_migration(&yamada(), &migration("m-1"), &[grant]).await.unwrap();
    house.pass_seconds(10);
    let products = "contract,product,name,customer_number,password\nC-STD,弥生会計 スタンダード,新しい名前,10000001,\n";
    let customers = "account,contract\nYamada@example.jp,C-STD\n";
    let report =
        house.ledger.import(products.as_bytes(), customers.as_bytes(), OnRefusal::TakeNone, CHEAP).await.unwrap();
    assert_eq!((report.products, report.customers, report.refused), (1, 1, vec![]));
    let status = house.ledger.migration_status(&yamada(), &migration("m-1")).await.unwrap().unwrap();
    assert_eq!(status.items[0].state, ItemState::Moved(contract("C-STD")));
    let entry = house.ledger.entry(&number("10000001")).await.unwrap().unwrap();
    assert_eq!((entry.name.as_str(), entry.place, entry.password), ("新しい名前", "listed", "set"));
    // the password that was not given again is the one it was
    let refused = granted(&house.ledger, &yamada(), "10000001", "himitsu-1").await.unwrap_err();
    assert_eq!(refused.name(), "already_migrated");
}

async fn lines_that_cannot_be_taken_are_named_without_what_they_hold(house: &House) {
    fill(house).await;
    let products = "contract,product,name,customer_number,service_contract_id,password,password_hash,standing\n\
        N-1,accounting_standard,,20000001,,himitsu-a,,\n\
        N-2,himitsu-b,,20000002,,,,\n\
        N-3,blue_return,,himitsu-c,,,,\n\
        N-4,blue_return,,,,,,\n\
        N-5,accounting_network,,20000005,,,,\n\
        N-6,blue_return,,20000006,SC0001,,,\n\
        N-7,blue_return,,20000007,,himitsu-d,$argon2id$,\n\
        N-8,blue_return,,20000008,,,himitsu-e,\n\
        N-9,blue_return,,20000009,,,,himitsu-f\n\
        N-10,blue_return,,20000010,,,\n\
        N 11,blue_return,,20000011,,,,\n\
        N-12,blue_return,,20000012,,,,\n\
        N-12,blue_return,,20000013,,,,\n\
        N-14,blue_return,,10000001,,,,\n";
    let customers = "account,contract,place\n\
        himitsu-g,N-1,\n\
        sato@example.jp,N-1,himitsu-h\n\
        sato@example.jp,C-SUZ,\n\
        sato@example.jp,N-99,\n\
        sato@example.jp,N-1,\n";
    let take = async |on_refusal| {
        house
            .ledger
            .import(products.as_bytes(), customers.as_bytes(), on_refusal, Cost { memory: 8, passes: 1 })
            .await
            .unwrap()
    };
    let before = house.everything().await;
    let report = take(OnRefusal::TakeNone).await;
    assert_eq!((report.products, report.customers), (0, 0));
    assert_eq!(house.everything().await, before, "nothing was taken");
    let expected = [
        (File::Products, 3, "product"),
        (File::Products, 4, "customer_number"),
        (File::Products, 5, "customer_number"),
        (File::Products, 6, "service_contract_id"),
        (File::Products, 7, "service_contract_id"),
        (File::Products, 8, "password"),
        (File::Products, 9, "password_hash"),
        (File::Products, 10, "standing"),
        (File::Products, 11, "7 fields, and the header row 8"),
        (File::Products, 12, "contract"),
        (File::Products, 13, "contract: it stands in this file twice"),
        (File::Products, 14, "contract: it stands in this file twice"),
        (File::Products, 15, "customer_number: another contract has it"),
        (File::Customers, 2, "account"),
        (File::Customers, 3, "place"),
        (File::Customers, 4, "contract: it is another account's"),
        (File::Customers, 5, "contract: there is none of this id"),
    ];
    let named = |refused: &Refused| format!("{:?} {}: {}", refused.file, refused.line, refused.why);
    let all: Vec<_> = report.refused.iter().map(named).collect();
    assert_eq!(report.refused.len(), expected.len(), "{all:#?}");
    for (refused, (file, line, why)) in report.refused.iter().zip(expected) {
        assert_eq!((refused.file, refused.line), (file, line), "{all:#?}");
        assert!(refused.why.contains(why) && !refused.why.contains("himitsu"), "{why}: {}", refused.why);
    }
    let report = take(OnRefusal::TakeOthers).await;
    assert_eq!((report.products, report.customers, report.refused.len()), (1, 1, expected.len()));
    assert_eq!(house.ledger.entry(&number("20000001")).await.unwrap().unwrap().contract, "N-1");
    assert_eq!(house.ledger.entry(&number("20000012")).await.unwrap(), None);
}

async fn old_calls_and_grants_are_forgotten(house: &House) {
    fill(house).await;
    let firm = FirmNumber::parse("1001").unwrap();
    let call = async |change: i64| {
        granted(&house.ledger, &yamada(), "10000001", "himitsu-1").await.unwrap();
        let (key, voucher) = (CallKey::new("l", change), LinkSubject::SmartVoucher);
        house.ledger.apply_linkage(&key, &yamada(), &firm, &voucher, LinkageWish::Link).await.unwrap();
    };
    let counts = async || {
        let calls = house.rows("SELECT * FROM ledger_call").await.len();
        (calls, house.rows("SELECT * FROM ledger_grant").await.len())
    };
    for change in 0..3 {
        call(change).await;
    }
    assert_eq!(counts().await, (3, 3));
    house.pass(31);
    call(3).await;
    assert_eq!(counts().await, (1, 1));
}
