//! What a contract-management system must do, whoever it is: thoughts that are run on the ledger and on the client of one.

use renkei::contracts::ContractDirectory;
use renkei::contracts::DirectoryError::Refused;
use renkei::contracts::ledger::Cost;
use renkei::contracts::ledger::import::OnRefusal;
use renkei::domain::contract::{
    ActualLinkage, Binding, BoundBy, CallKey, ContractId, CustomerNumber, Grant, Holder, Holding, ItemState,
    LinkSubject, LinkageState, LinkageWish, MigrationStatus, MoveFault, Progress, Refusal, ServiceContractId, Standing,
};
use renkei::domain::email_address::EmailAddress;
use renkei::domain::firm::FirmNumber;
use renkei::domain::ids::{BusinessDataId, MigrationId};
use renkei::domain::product::{DataPlace, Product};
use renkei::domain::time::days;
use secrecy::SecretString;

use super::house::House;

/// Hashes that cost nothing.
pub const CHEAP: Cost = Cost { memory: 8, passes: 1 };

const PRODUCTS: &str = "contract,product,name,customer_number,service_contract_id,password,standing\n\
    C-STD,accounting_standard,弥生会計 26 スタンダード,10000001,,himitsu-1,\n\
    C-PAY,other_desktop,弥生給与 26,10000002,,himitsu-2,\n\
    C-TWO,accounting_two_user,,10000003,,,\n\
    C-NET,accounting_network,,10000004,SC000004,himitsu-4,\n\
    C-NOPW,other_network,,,SC000005,,\n\
    C-OLD,accounting_professional,,10000006,,himitsu-6,ended\n\
    C-SUZ,blue_return,,10000007,,himitsu-7,\n\
    C-MIS,cloud,Misoca,,,,\n";
const CUSTOMERS: &str = "account,contract,place\n\
    yamada@example.jp,C-MIS,\n\
    suzuki@example.jp,C-SUZ,\n";

type Directory<'a> = &'a dyn ContractDirectory;

pub fn holder(name: &str) -> Holder {
    Holder::of(&EmailAddress::parse(&format!("{name}@example.jp")).unwrap())
}

pub fn yamada() -> Holder {
    holder("yamada")
}

pub fn number(text: &str) -> CustomerNumber {
    CustomerNumber::parse(text).unwrap()
}

pub fn contract(text: &str) -> ContractId {
    ContractId::parse(text).unwrap()
}

pub fn migration(text: &str) -> MigrationId {
    MigrationId::stored(text.to_owned())
}

fn firm(text: &str) -> FirmNumber {
    FirmNumber::parse(text).unwrap()
}

/// The ledger as an operator filled it.
pub async fn fill(house: &House) {
    let done =
        house.ledger.import(PRODUCTS.as_bytes(), CUSTOMERS.as_bytes(), OnRefusal::TakeNone, CHEAP).await.unwrap();
    assert_eq!((done.products, done.customers, done.refused), (8, 2, vec![]));
}

pub async fn granted(directory: Directory<'_>, who: &Holder, wanted: &str, password: &str) -> Result<Grant, Refusal> {
    match directory.check_customer_number(who, &number(wanted), &SecretString::from(password)).await {
        Ok(granted) => {
            assert_eq!(granted.number, number(wanted));
            Ok(granted.grant)
        }
        Err(Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

async fn has(directory: Directory<'_>, who: &Holder) -> Vec<String> {
    let snapshot = directory.snapshot(who).await.unwrap();
    assert_eq!(snapshot.holder, *who);
    snapshot.contracts.iter().map(|contract| contract.id.to_string()).collect()
}

fn states(status: &MigrationStatus) -> Vec<(&str, ItemState)> {
    status.items.iter().map(|item| (item.number.as_str(), item.state.clone())).collect()
}

pub async fn a_list_holds_what_is_its_holders(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let snapshot = directory.snapshot(&yamada()).await.unwrap();
    assert_eq!((snapshot.fetched_at, snapshot.holding()), (house.now(), Holding::NoAccounting));
    let [misoca] = &snapshot.contracts[..] else { panic!("{snapshot:?}") };
    assert_eq!((misoca.id.as_str(), misoca.product, misoca.name.as_str()), ("C-MIS", Product::Cloud, "Misoca"));
    assert_eq!(misoca.standing, Standing::Active);
    assert!(has(directory, &holder("suzuki")).await.is_empty(), "what is kept for somebody is not in his list yet");
    assert!(has(directory, &holder("nobody")).await.is_empty());
}

pub async fn a_migration_takes_its_time_and_happens_once(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let (yamada, id) = (yamada(), migration("m-1"));
    assert_eq!(directory.migration_status(&yamada, &id).await, Ok(None));
    let granted_one = directory.check_customer_number(&yamada, &number("10000001"), &"himitsu-1".into()).await.unwrap();
    assert_eq!((granted_one.product, granted_one.name.as_str()), (Product::Standard, "弥生会計 26 スタンダード"));
    let grants = vec![granted(directory, &yamada, "10000002", "himitsu-2").await.unwrap(), granted_one.grant];
    let status = directory.start_migration(&yamada, &id, &grants).await.unwrap();
    assert_eq!(states(&status), [("10000001", ItemState::Moving), ("10000002", ItemState::Moving)]);
    assert_eq!(has(directory, &yamada).await, ["C-MIS"]);

    house.pass_seconds(10);
    assert_eq!(has(directory, &yamada).await, ["C-MIS", "C-PAY"]);
    let status = directory.migration_status(&yamada, &id).await.unwrap().unwrap();
    assert_eq!(status.progress(), Progress::InProgress);

    house.pass_seconds(10);
    let moved = |id| ItemState::Moved(contract(id));
    let completed = [("10000001", moved("C-STD")), ("10000002", moved("C-PAY"))];
    for _ in 0..2 {
        let status = directory.migration_status(&yamada, &id).await.unwrap().unwrap();
        assert_eq!((states(&status).as_slice(), status.progress()), (&completed[..], Progress::Completed));
    }
    assert_eq!(has(directory, &yamada).await, ["C-MIS", "C-PAY", "C-STD"]);
    let again = directory.start_migration(&yamada, &id, &grants).await.unwrap();
    assert_eq!(states(&again), completed, "started again, it is what it was");
    assert_eq!(granted(directory, &yamada, "10000001", "himitsu-1").await, Err(Refusal::AlreadyMigrated));
    let anew = directory.start_migration(&yamada, &migration("m-2"), &grants).await;
    assert_eq!(anew, Err(Refused(Refusal::AlreadyMigrated)));
}

pub async fn a_number_is_refused_with_its_reason(house: &House, directory: Directory<'_>) {
    fill(house).await;
    for (wanted, password, why) in [
        ("10000001", "himitsu-2", Refusal::WrongPassword),
        ("10000001", "", Refusal::WrongPassword),
        ("10000003", "himitsu-3", Refusal::NoPassword),
        ("10000004", "himitsu-4", Refusal::NetworkProduct),
        ("10000004", "himitsu-x", Refusal::WrongPassword),
        ("10000006", "himitsu-6", Refusal::NoContract),
        ("10000007", "himitsu-7", Refusal::OtherHolder),
    ] {
        assert_eq!(granted(directory, &yamada(), wanted, password).await, Err(why), "{wanted} {password}");
    }
    assert!(granted(directory, &holder("suzuki"), "10000007", "himitsu-7").await.is_ok());
}

/// One password costs a real hash here, so that it stands alone.
pub async fn an_unknown_number_is_answered_as_a_wrong_password(house: &House, directory: Directory<'_>) {
    fill(house).await;
    assert_eq!(granted(directory, &yamada(), "99999999", "himitsu-1").await, Err(Refusal::WrongPassword));
}

pub async fn a_grant_is_its_holders_and_not_for_ever(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let (yamada, suzuki) = (yamada(), holder("suzuki"));
    let grant = granted(directory, &yamada, "10000001", "himitsu-1").await.unwrap();
    let other = granted(directory, &yamada, "10000001", "himitsu-1").await.unwrap();
    assert_ne!(grant.expose(), other.expose());
    let invented = Grant::new("invented".to_owned()).unwrap();
    for (who, grants) in [
        (&suzuki, vec![grant.clone()]),
        (&yamada, vec![]),
        (&yamada, vec![invented.clone()]),
        (&yamada, vec![grant.clone(), invented]),
    ] {
        let refused = directory.start_migration(who, &migration("m"), &grants).await;
        assert_eq!(refused, Err(Refused(Refusal::BadGrant)), "{who:?} with {} grants", grants.len());
    }
    assert_eq!(directory.migration_status(&yamada, &migration("m")).await, Ok(None), "nothing was begun");
    house.context.clock.advance(days(30));
    let late = directory.start_migration(&yamada, &migration("m"), std::slice::from_ref(&grant)).await;
    assert_eq!(late, Err(Refused(Refusal::BadGrant)));
    let (one, two) = (
        granted(directory, &yamada, "10000001", "himitsu-1").await.unwrap(),
        granted(directory, &yamada, "10000001", "himitsu-1").await.unwrap(),
    );
    let status = directory.start_migration(&yamada, &migration("m"), &[one, two]).await.unwrap();
    assert_eq!(states(&status), [("10000001", ItemState::Moving)], "a number that was entered twice moves once");
}

pub async fn a_migrations_name_is_for_one_migration(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let (yamada, suzuki, id) = (yamada(), holder("suzuki"), migration("m-1"));
    let one = granted(directory, &yamada, "10000001", "himitsu-1").await.unwrap();
    let two = granted(directory, &yamada, "10000002", "himitsu-2").await.unwrap();
    directory.start_migration(&yamada, &id, std::slice::from_ref(&one)).await.unwrap();
    let reused = directory.start_migration(&yamada, &id, &[one.clone(), two]).await;
    assert_eq!(reused, Err(Refused(Refusal::KeyReused)));
    let his = granted(directory, &suzuki, "10000007", "himitsu-7").await.unwrap();
    assert_eq!(directory.start_migration(&suzuki, &id, &[his]).await, Err(Refused(Refusal::KeyReused)));
    assert_eq!(directory.migration_status(&suzuki, &id).await, Err(Refused(Refusal::OtherHolder)));
    let beside = directory.start_migration(&yamada, &migration("m-2"), &[one]).await;
    assert_eq!(beside, Err(Refused(Refusal::AlreadyMigrated)), "it is on its way in another migration");
}

pub async fn what_cannot_move_stays_and_says_why(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let (yamada, id) = (yamada(), migration("m-1"));
    let mut grants = Vec::new();
    for (wanted, password) in [("10000001", "himitsu-1"), ("10000002", "himitsu-2")] {
        grants.push(granted(directory, &yamada, wanted, password).await.unwrap());
    }
    directory.start_migration(&yamada, &id, &grants).await.unwrap();
    house.execute("UPDATE ledger_contract SET standing = 'ended' WHERE id = 'C-PAY'").await;
    house.pass_seconds(20);
    let status = directory.migration_status(&yamada, &id).await.unwrap().unwrap();
    let failed = ItemState::Failed(MoveFault::ContractEnded);
    assert_eq!(states(&status), [("10000001", ItemState::Moved(contract("C-STD"))), ("10000002", failed)]);
    assert_eq!(status.progress(), Progress::Partial);
    assert_eq!(has(directory, &yamada).await, ["C-MIS", "C-STD"]);
}

pub async fn a_network_product_is_listed_by_its_own_id(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let auth = async |who: &Holder, id: &str, password: &str| {
        let id = ServiceContractId::parse(id).unwrap();
        directory.auth_service_contract(who, &id, &SecretString::from(password)).await
    };
    let (yamada, suzuki) = (yamada(), holder("suzuki"));
    assert_eq!(auth(&yamada, "SC000004", "himitsu-5").await, Err(Refused(Refusal::WrongPassword)));
    assert_eq!(auth(&yamada, "SC000005", "himitsu-5").await, Err(Refused(Refusal::NoPassword)));
    assert_eq!(has(directory, &yamada).await, ["C-MIS"]);
    for _ in 0..2 {
        let listed = auth(&yamada, "SC000004", "himitsu-4").await.unwrap();
        assert_eq!((listed.id.as_str(), listed.product), ("C-NET", Product::Network));
        assert_eq!(has(directory, &yamada).await, ["C-MIS", "C-NET"]);
    }
    assert_eq!(auth(&suzuki, "SC000004", "himitsu-4").await, Err(Refused(Refusal::OtherHolder)));
    assert!(has(directory, &suzuki).await.is_empty());
}

pub async fn a_link_is_made_and_taken_away_once_for_each_key(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let (yamada, firm) = (yamada(), firm("1001"));
    let (misoca, voucher) = (LinkSubject::Contract(contract("C-MIS")), LinkSubject::SmartVoucher);
    let apply = async |change: i64, subject: &LinkSubject, wish| {
        directory.apply_linkage(&CallKey::new("l", change), &yamada, &firm, subject, wish).await
    };
    let links = async || directory.read_linkage(&yamada).await.unwrap();
    let linked = |subject: &LinkSubject| ActualLinkage {
        firm: firm.clone(),
        subject: subject.clone(),
        state: LinkageState::Linked,
    };
    assert_eq!(links().await, []);
    assert_eq!(apply(1, &misoca, LinkageWish::Link).await, Ok(LinkageState::Linked));
    assert_eq!(apply(2, &voucher, LinkageWish::Link).await, Ok(LinkageState::Linked));
    assert_eq!(links().await, [linked(&misoca), linked(&voucher)]);
    assert_eq!(apply(3, &misoca, LinkageWish::Link).await, Ok(LinkageState::Linked), "it is there already");
    assert_eq!(apply(4, &misoca, LinkageWish::Unlink).await, Ok(LinkageState::NotLinked));
    assert_eq!(links().await, [linked(&voucher)]);
    assert_eq!(apply(1, &misoca, LinkageWish::Link).await, Ok(LinkageState::Linked), "it is told what it was told");
    assert_eq!(links().await, [linked(&voucher)], "and a late copy of the first call does nothing");
    assert_eq!(apply(1, &misoca, LinkageWish::Unlink).await, Err(Refused(Refusal::KeyReused)));
    assert_eq!(apply(5, &misoca, LinkageWish::Unlink).await, Ok(LinkageState::NotLinked));
    for foreign in ["C-SUZ", "C-STD", "C-NOWHERE"] {
        let foreign = LinkSubject::Contract(contract(foreign));
        assert_eq!(apply(6, &foreign, LinkageWish::Link).await, Err(Refused(Refusal::NoContract)), "{foreign:?}");
    }
    assert_eq!(
        apply(6, &voucher, LinkageWish::Unlink).await,
        Ok(LinkageState::NotLinked),
        "a refused call took no key"
    );
    assert_eq!(links().await, []);
}

pub async fn one_business_data_is_bound(house: &House, directory: Directory<'_>) {
    fill(house).await;
    let yamada = yamada();
    let data = |id: &str| BusinessDataId::stored(id.to_owned());
    let binding = |id: &str, office: &str| Binding {
        data: data(id),
        contract: contract("C-MIS"),
        office_name: office.to_owned(),
        place: DataPlace::Local,
        bound_by: BoundBy::Firm(firm("1001")),
    };
    let set = async |change: i64, binding: &Binding| {
        directory.set_binding(&CallKey::new("b", change), &yamada, binding).await
    };
    let release =
        async |change: i64, id: &str| directory.release_binding(&CallKey::new("b", change), &yamada, &data(id)).await;
    let bound = async || directory.read_binding(&yamada).await.unwrap();
    assert_eq!(bound().await, None);
    let first = binding("d-1", "株式会社 やまだ");
    assert_eq!(set(1, &first).await, Ok(()));
    assert_eq!(bound().await.as_ref(), Some(&first));
    let changed = Binding { bound_by: BoundBy::Customer, place: DataPlace::Drive, ..binding("d-1", "やまだ") };
    assert_eq!(set(2, &changed).await, Ok(()));
    assert_eq!(set(1, &first).await, Ok(()), "a late copy");
    assert_eq!(bound().await.as_ref(), Some(&changed), "does nothing");
    assert_eq!(set(3, &binding("d-2", "別")).await, Err(Refused(Refusal::OtherDataBound)));
    assert_eq!(release(4, "d-2").await, Err(Refused(Refusal::OtherDataBound)));
    assert_eq!(set(1, &binding("d-2", "別")).await, Err(Refused(Refusal::KeyReused)));
    assert_eq!(bound().await.as_ref(), Some(&changed));
    assert_eq!(release(5, "d-1").await, Ok(()));
    assert_eq!(bound().await, None);
    assert_eq!(release(6, "d-1").await, Ok(()), "nothing bound is as good as released");
    assert_eq!(set(7, &binding("d-2", "別")).await, Ok(()));
    assert_eq!(release(5, "d-1").await, Ok(()), "a late copy");
    assert_eq!(bound().await.unwrap().data, data("d-2"), "releases nothing else");
    let foreign = Binding { contract: contract("C-SUZ"), ..binding("d-2", "別") };
    assert_eq!(set(8, &foreign).await, Err(Refused(Refusal::NoContract)));
}
