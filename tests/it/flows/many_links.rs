//! What a run costs where a million links are kept and a hundred customers are due.

use std::time::Instant;

use renkei::contracts::{Answer, ContractDirectory};
use renkei::domain::contract::{
    ActualLinkage, Binding, CallKey, Contract, ContractId, ContractSnapshot, CustomerNumber, Grant, Granted, Holder,
    LinkSubject, LinkageState, LinkageWish, MigrationStatus, ServiceContractId, Standing,
};
use renkei::domain::firm::FirmNumber;
use renkei::domain::ids::{BusinessDataId, MigrationId};
use renkei::domain::product::Product;
use renkei::domain::time::Timestamp;
use renkei::flows::{Context, reconcile};
use secrecy::SecretString;

use super::house::House;

/// A million linkages of which a hundred are due: what a run takes whose contract system answers at once and without a
/// database, so that all of it is ours. Run by hand, in a release build, one after the other:
/// `cargo test --release --test it -- --ignored --nocapture --test-threads 1 a_hundred_are_due_of_a_million`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes a million rows: a measurement"]
async fn a_hundred_are_due_of_a_million_on_sqlite() {
    let house = House::on_sqlite().await;
    measure(&house).await;
    house.leave().await;
}

/// The same on PostgreSQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes a million rows: a measurement"]
async fn a_hundred_are_due_of_a_million_on_postgres() {
    let mut server = crate::support::postgres::Postgres::start();
    let house = House::open(&server.database()).await;
    measure(&house).await;
    house.leave().await;
}

async fn measure(house: &House) {
    const MILLION: i64 = 1_000_000;
    let now = house.now().as_millis();
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MILLION})");
    let (product, standing) = (PRODUCT.name(), Standing::Active.name());
    house
        .execute(&format!(
            "INSERT INTO contract_customer (account_id, address, locale, contracts, fetched_at, due_at, tries, wakes)
             {numbers} SELECT 'a' || i, 'c' || i || '@example.jp', 'ja',
             '[{{\"id\":\"C' || i || '\",\"product\":\"{product}\",\"name\":\"{NAME}\",\"standing\":\"{standing}\"}}]', {now},
             NULL, 0, 0 FROM n"
        ))
        .await;
    house
        .execute(&format!(
            "INSERT INTO linkage (id, account_id, firm_id, contract_id, request_id, request_number, product, product_name,
             state, state_at, wished_at, linked_at, repairs, calls, voucher_calls, version)
             {numbers} SELECT 'l' || i, 'a' || i, '{}', 'C' || i, 'r', 1, '{product}', '{NAME}', 'linked', {now},
             {now}, {now}, 0, 1, 1, 0 FROM n",
            house.firm.id
        ))
        .await;
    house.execute("ANALYZE").await;
    let firm = house.firm.number.clone();
    let context = Context { contracts: std::sync::Arc::new(Agreeing { firm }), ..house.context.clone() };
    for _ in 0..5 {
        house
            .execute(&format!(
                "UPDATE contract_customer SET due_at = {now} WHERE fetched_at = {now} AND account_id LIKE 'a%0000'"
            ))
            .await;
        let begun = Instant::now();
        let mut customers = 0;
        loop {
            let done = reconcile::due(&context, 64).await.unwrap();
            assert_eq!((done.corrections, done.troubled, done.calls), (0, 0, 2 * done.customers));
            customers += done.customers;
            if done.customers == 0 {
                break;
            }
        }
        println!("{customers} customers of {MILLION}, each looked at and let go: {:?}", begun.elapsed());
        assert_eq!(customers, 100);
        assert_eq!(reconcile::next_due(&house.context).await.unwrap(), None);
    }
}

const PRODUCT: Product = Product::Standard;
const NAME: &str = "弥生会計";

/// Says at once that all is as it should be.
#[derive(Debug)]
struct Agreeing {
    firm: FirmNumber,
}

fn at_once<'a, T: Send + 'a>(said: T) -> Answer<'a, T> {
    Box::pin(async move { Ok(said) })
}

fn contract_of(holder: &Holder) -> ContractId {
    let name = holder.as_str().split('@').next().unwrap().to_uppercase();
    ContractId::parse(&name).unwrap()
}

impl ContractDirectory for Agreeing {
    fn snapshot<'a>(&'a self, holder: &'a Holder) -> Answer<'a, ContractSnapshot> {
        let contract =
            Contract { id: contract_of(holder), product: PRODUCT, name: NAME.to_owned(), standing: Standing::Active };
        let fetched_at = Timestamp::from_millis(1);
        at_once(ContractSnapshot { holder: holder.clone(), contracts: vec![contract], fetched_at })
    }

    fn read_linkage<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Vec<ActualLinkage>> {
        let subjects = [LinkSubject::Contract(contract_of(holder)), LinkSubject::SmartVoucher];
        let linked = |subject| ActualLinkage { firm: self.firm.clone(), subject, state: LinkageState::Linked };
        at_once(subjects.map(linked).to_vec())
    }

    fn check_customer_number<'a>(
        &'a self,
        _: &'a Holder,
        _: &'a CustomerNumber,
        _: &'a SecretString,
    ) -> Answer<'a, Granted> {
        unreachable!("nobody enters a number")
    }

    fn start_migration<'a>(&'a self, _: &'a Holder, _: &'a MigrationId, _: &'a [Grant]) -> Answer<'a, MigrationStatus> {
        unreachable!("nothing is migrated")
    }

    fn migration_status<'a>(&'a self, _: &'a Holder, _: &'a MigrationId) -> Answer<'a, Option<MigrationStatus>> {
        unreachable!("nothing is migrated")
    }

    fn auth_service_contract<'a>(
        &'a self,
        _: &'a Holder,
        _: &'a ServiceContractId,
        _: &'a SecretString,
    ) -> Answer<'a, Contract> {
        unreachable!("nobody enters an id")
    }

    fn apply_linkage<'a>(
        &'a self,
        _: &'a CallKey,
        _: &'a Holder,
        _: &'a FirmNumber,
        _: &'a LinkSubject,
        _: LinkageWish,
    ) -> Answer<'a, LinkageState> {
        unreachable!("all agree")
    }

    fn set_binding<'a>(&'a self, _: &'a CallKey, _: &'a Holder, _: &'a Binding) -> Answer<'a, ()> {
        unreachable!("no data is bound")
    }

    fn read_binding<'a>(&'a self, _: &'a Holder) -> Answer<'a, Option<Binding>> {
        unreachable!("no data is bound")
    }

    fn release_binding<'a>(&'a self, _: &'a CallKey, _: &'a Holder, _: &'a BusinessDataId) -> Answer<'a, ()> {
        unreachable!("no data is bound")
    }
}
