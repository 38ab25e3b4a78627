//! The ledger behind a line on which calls get lost, and a customer who has come as far as linking.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use renkei::contracts::ledger::Ledger;
use renkei::contracts::ledger::import::OnRefusal;
use renkei::contracts::{Answer, ContractDirectory, DirectoryError, Trouble};
use renkei::domain::contract::{
    ActualLinkage, Binding, CallKey, Contract, ContractId, ContractSnapshot, CustomerNumber, Grant, Granted, Holder,
    LinkSubject, LinkageState, LinkageWish, MigrationStatus, ServiceContractId,
};
use renkei::domain::customer::Customer;
use renkei::domain::decision::Choice;
use renkei::domain::firm::{Firm, FirmNumber};
use renkei::domain::ids::{BusinessDataId, MigrationId};
use renkei::domain::locale::Locale;
use renkei::domain::product_choice::Exclusivity;
use renkei::flows::pick_products::{self, Pick, Picked};
use renkei::flows::{Context, migrate, reconcile};
use secrecy::SecretString;

use super::contract_suite::CHEAP;
use super::customers::{CUSTOMER, answer};
use super::house::House;
use super::sample::address;

const PRODUCTS: &str = "contract,product,name,customer_number,service_contract_id,password,standing\n\
    C-STD,accounting_standard,弥生会計 26 スタンダード,10000001,,himitsu-1,\n\
    C-PAY,other_desktop,弥生給与 26,10000002,,himitsu-2,\n\
    C-PRO,accounting_professional,弥生会計 26 プロフェッショナル,10000003,,himitsu-3,\n\
    C-NET,accounting_network,弥生会計 26 ネットワーク,10000004,SC000004,himitsu-4,\n\
    C-NOPW,blue_return,やよいの青色申告 26,10000005,,,\n\
    C-OTHER,blue_return,やよいの青色申告 26,10000006,,himitsu-6,\n";
const CUSTOMERS: &str = "account,contract,place\n\
    suzuki@example.jp,C-OTHER,\n";

/// What happens to a call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Done,
    /// It never arrives.
    Lost,
    /// It is done, and the answer is lost.
    Unheard,
}

/// See above. What is not said to happen is done.
#[derive(Clone, Debug)]
pub struct Line {
    ledger: Ledger,
    fates: Arc<Mutex<VecDeque<Fate>>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
    /// How many calls were made.
    pub calls: Arc<AtomicUsize>,
    /// The keys of the calls that were made, in order.
    pub keys: Arc<Mutex<Vec<String>>>,
}

impl Line {
    pub fn new(house: &House) -> Self {
        let (fates, trouble, calls, keys) = Default::default();
        Self { ledger: house.ledger.clone(), fates, trouble, calls, keys }
    }

    /// The flows' context, with this line to the ledger.
    pub fn context(&self, house: &House) -> Context {
        Context { contracts: Arc::new(self.clone()), ..house.context.clone() }
    }

    pub fn will(&self, fates: &[Fate]) {
        self.fates.lock().unwrap().extend(fates);
    }

    pub fn is_down(&self, is: bool) {
        self.fails_with(is.then_some(Trouble::Down));
    }

    pub fn fails_with(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn reads<'a, T: 'a>(&'a self, call: Answer<'a, T>) -> Answer<'a, T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match *self.trouble.lock().unwrap() {
            Some(trouble) => Box::pin(async move { Err(DirectoryError::Retry(trouble)) }),
            None => call,
        }
    }

    fn changes<'a, T: Send + 'a>(&'a self, key: String, call: Answer<'a, T>) -> Answer<'a, T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(trouble) = *self.trouble.lock().unwrap() {
            return Box::pin(async move { Err(DirectoryError::Retry(trouble)) });
        }
        self.keys.lock().unwrap().push(key);
        let fate = self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Done);
        Box::pin(async move {
            match fate {
                Fate::Done => call.await,
                Fate::Lost => Err(DirectoryError::Unknown(Trouble::Silent)),
                Fate::Unheard => call.await.and(Err(DirectoryError::Unknown(Trouble::Cut))),
            }
        })
    }
}

impl ContractDirectory for Line {
    fn snapshot<'a>(&'a self, holder: &'a Holder) -> Answer<'a, ContractSnapshot> {
        self.reads(self.ledger.snapshot(holder))
    }

    fn check_customer_number<'a>(
        &'a self,
        holder: &'a Holder,
        number: &'a CustomerNumber,
        password: &'a SecretString,
    ) -> Answer<'a, Granted> {
        self.reads(self.ledger.check_customer_number(holder, number, password))
    }

    fn start_migration<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
        grants: &'a [Grant],
    ) -> Answer<'a, MigrationStatus> {
        self.changes(migration.to_string(), self.ledger.start_migration(holder, migration, grants))
    }

    fn migration_status<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
    ) -> Answer<'a, Option<MigrationStatus>> {
        self.reads(self.ledger.migration_status(holder, migration))
    }

    fn auth_service_contract<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a ServiceContractId,
        password: &'a SecretString,
    ) -> Answer<'a, Contract> {
        self.changes(id.to_string(), self.ledger.auth_service_contract(holder, id, password))
    }

    fn apply_linkage<'a>(
        &'a self,
        key: &'a CallKey,
        holder: &'a Holder,
        firm: &'a FirmNumber,
        subject: &'a LinkSubject,
        wish: LinkageWish,
    ) -> Answer<'a, LinkageState> {
        self.changes(key.as_str().to_owned(), self.ledger.apply_linkage(key, holder, firm, subject, wish))
    }

    fn read_linkage<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Vec<ActualLinkage>> {
        self.reads(self.ledger.read_linkage(holder))
    }

    fn set_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, binding: &'a Binding) -> Answer<'a, ()> {
        self.changes(key.as_str().to_owned(), self.ledger.set_binding(key, holder, binding))
    }

    fn read_binding<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Option<Binding>> {
        self.reads(self.ledger.read_binding(holder))
    }

    fn release_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, data: &'a BusinessDataId) -> Answer<'a, ()> {
        self.changes(key.as_str().to_owned(), self.ledger.release_binding(key, holder, data))
    }
}

pub fn contract(id: &str) -> ContractId {
    ContractId::parse(id).unwrap()
}

impl House {
    /// The ledger is filled, and the customer has approved the firm's request 1.
    pub async fn approved(&self) -> Customer {
        let done =
            self.ledger.import(PRODUCTS.as_bytes(), CUSTOMERS.as_bytes(), OnRefusal::TakeNone, CHEAP).await.unwrap();
        assert_eq!((done.products, done.customers, done.refused), (6, 1, vec![]));
        let account = self.ready(CUSTOMER).await;
        let (request, _) = self.asked(CUSTOMER).await;
        self.confirm(&request, &account, &answer(Choice::Approve, "")).await;
        self.letters().await;
        Customer { account, address: address(CUSTOMER), locale: Locale::Ja }
    }

    /// The same, and these numbers (the last digit names the product) were migrated.
    pub async fn migrated(&self, numbers: &[u8]) -> Customer {
        let customer = self.approved().await;
        for n in numbers {
            let number = CustomerNumber::parse(&format!("1000000{n}")).unwrap();
            let password = SecretString::from(format!("himitsu-{n}"));
            migrate::add(&self.context, &customer, &number, &password).await.unwrap();
        }
        migrate::submit(&self.context, &customer).await.unwrap();
        self.reconcile(&self.context).await;
        for _ in numbers {
            self.pass_seconds(60);
            self.reconcile(&self.context).await;
        }
        self.letters().await;
        customer
    }

    /// The same, and this product is linked with the firm.
    pub async fn linked(&self, numbers: &[u8], ticked: &[&str]) -> Customer {
        let customer = self.migrated(numbers).await;
        assert_eq!(self.pick(&self.context, &customer, &self.firm, ticked).await, Picked::Done);
        self.reconcile(&self.context).await;
        self.letters().await;
        customer
    }

    /// ［変更する］, with every end confirmed.
    pub async fn pick(&self, context: &Context, customer: &Customer, firm: &Firm, ticked: &[&str]) -> Picked {
        let ticked: Vec<_> = ticked.iter().map(|id| contract(id)).collect();
        let mut confirmed = Vec::new();
        loop {
            let exclusivity = Exclusivity::OneFirm;
            let pick = Pick { firm: &firm.id, ticked: &ticked, confirmed: &confirmed, exclusivity };
            match pick_products::pick(context, customer, pick).await.unwrap() {
                Picked::Confirm { unlinked, replaced } if confirmed.is_empty() => {
                    confirmed = unlinked.into_iter().chain(replaced).map(|link| link.id).collect();
                }
                other => return other,
            }
        }
    }

    /// Runs what is due, until nothing is.
    pub async fn reconcile(&self, context: &Context) {
        while reconcile::due(context, 10).await.unwrap().customers > 0 {}
    }

    /// The states of all links, by contract, and of the live business data.
    pub async fn states(&self) -> Vec<String> {
        let links = self.rows("SELECT contract_id, state FROM linkage ORDER BY id").await;
        links.iter().map(|row| format!("{} {}", row["contract_id"], row["state"])).collect()
    }

    /// What the ledger has of links: firm and subject; スマート証憑管理 is empty.
    pub async fn ledger_links(&self) -> Vec<String> {
        let rows = self.rows("SELECT firm, subject FROM ledger_linkage ORDER BY firm, subject").await;
        rows.iter().map(|row| format!("{} {}", row["firm"], row["subject"])).collect()
    }
}
