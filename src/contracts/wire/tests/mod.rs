//! Holds `docs/contract-system.openapi.yaml` against what is written and read here: every path, every field of every message
//! and every value of every list, both ways.

mod schema;
mod yaml;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check::Nonsense;
use super::*;
use crate::domain::contract::{
    CustomerNumber, Holder, LinkageState, LinkageWish, MoveFault, Refusal, ServiceContractId, Standing,
};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::MigrationId;
use crate::domain::product::{DataPlace, Product};
use crate::domain::time::Timestamp;
use schema::Document;

fn document() -> Document {
    let text = include_str!("../../../../docs/contract-system.openapi.yaml");
    Document::new(yaml::parse(text))
}

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Reads and writes again: what the type does not know is lost.
fn through<T: Serialize + for<'de> Deserialize<'de>>(value: &Value) -> Value {
    written(&serde_json::from_value::<T>(value.clone()).unwrap())
}

const HOLDER: &str = "yamada@example.jp";

fn contract() -> Value {
    json!({"id": "C-1", "product": "accounting_standard", "name": "弥生会計 26", "standing": "active"})
}

fn binding(by: &Value) -> Value {
    json!({"data": "d", "contract": "C-1", "office_name": "やまだ", "place": "drive", "bound_by": by})
}

/// Each operation with its questions and answers, as our types write them.
fn exchanges() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let query = through::<HolderQuery>(&json!({"holder": HOLDER}));
    let number = NumberCheck { holder: HOLDER, customer_number: "10000001", password: "p" };
    let auth = ServiceContractAuth { holder: HOLDER, service_contract_id: "SC0001", password: "p" };
    let migration = through::<Migration>(&json!({"holder": HOLDER, "migration": "m", "items": [
        {"customer_number": "10000001", "state": "moving"},
        {"customer_number": "10000002", "state": "moved", "contract": "C-1"},
        {"customer_number": "10000003", "state": "failed", "fault": "needs_support"},
    ]}));
    let subjects = [json!({"kind": "contract", "contract": "C-1"}), json!({"kind": "smart_voucher"})];
    let about = |rest: Value| {
        let mut whole = json!({"holder": HOLDER, "firm": "1001"});
        whole.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        whole
    };
    let binders = [json!({"kind": "customer"}), json!({"kind": "firm", "firm": "1001"})];
    vec![
        (
            path::CONTRACTS,
            vec![query.clone()],
            vec![through::<Contracts>(&json!({"holder": HOLDER, "contracts": [contract()]}))],
        ),
        (
            path::CUSTOMER_NUMBER,
            vec![written(&number)],
            vec![through::<NumberGranted>(&json!({"holder": HOLDER, "customer_number": "10000001",
                "product": "blue_return", "name": "やよいの青色申告 26", "grant": "g"}))],
        ),
        (
            path::START_MIGRATION,
            vec![through::<MigrationStart>(&json!({"holder": HOLDER, "migration": "m", "grants": ["g"]}))],
            vec![migration.clone()],
        ),
        (
            path::MIGRATION,
            vec![through::<MigrationQuery>(&json!({"holder": HOLDER, "migration": "m"}))],
            vec![migration, through::<Migration>(&json!({"holder": HOLDER, "migration": "m", "items": []}))],
        ),
        (
            path::SERVICE_CONTRACT,
            vec![written(&auth)],
            vec![through::<ServiceContract>(
                &json!({"holder": HOLDER, "service_contract_id": "SC0001", "contract": contract()}),
            )],
        ),
        (
            path::APPLY_LINKAGE,
            subjects.iter().map(|it| through::<LinkageApply>(&about(json!({"subject": it, "wish": "link"})))).collect(),
            subjects
                .iter()
                .map(|it| through::<LinkageApplied>(&about(json!({"subject": it, "state": "linked"}))))
                .collect(),
        ),
        (
            path::LINKAGES,
            vec![query.clone()],
            vec![through::<Linkages>(&json!({"holder": HOLDER, "linkages": [
                {"firm": "1001", "subject": subjects[0], "state": "linked"},
                {"firm": "1001", "subject": subjects[1], "state": "pending"},
            ]}))],
        ),
        (
            path::SET_BINDING,
            binders
                .iter()
                .map(|by| through::<BindingSet>(&json!({"holder": HOLDER, "binding": binding(by)})))
                .collect(),
            vec![through::<Bound>(&json!({"holder": HOLDER, "binding": binding(&binders[0])}))],
        ),
        (
            path::BINDING,
            vec![query],
            vec![
                through::<Bound>(&json!({"holder": HOLDER, "binding": null})),
                through::<Bound>(&json!({"holder": HOLDER, "binding": binding(&binders[1])})),
            ],
        ),
        (
            path::RELEASE_BINDING,
            vec![through::<BindingRelease>(&json!({"holder": HOLDER, "data": "d"}))],
            vec![through::<Released>(&json!({"holder": HOLDER, "data": "d"}))],
        ),
    ]
}

#[test]
fn every_path_and_every_field_is_in_the_document_and_nothing_else() {
    let document = document();
    let exchanges = exchanges();
    assert_eq!(document.paths(), exchanges.iter().map(|it| it.0.to_owned()).collect::<BTreeSet<_>>());
    let mut met = BTreeSet::new();
    for (path, questions, answers) in &exchanges {
        for question in questions {
            document.hold(&document.question(path), question, &mut met);
        }
        for answer in answers {
            document.hold(&document.answer(path, "200"), answer, &mut met);
        }
    }
    let refused = written(&Refused { refused: Refusal::NoContract.name().to_owned() });
    document.hold(&document.answer(path::START_MIGRATION, "409"), &refused, &mut met);
    let problem = written(&Problem { problem: "why".to_owned() });
    document.hold(&document.answer(path::START_MIGRATION, "default"), &problem, &mut met);
    assert_eq!(document.properties(), met, "what the document promises and nobody writes");
}

#[test]
fn the_documents_lists_of_values_are_ours() {
    use LinkageState::{Linked, NotLinked, Pending};
    use Refusal as R;
    let names = |names: &[&'static str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let document = document();
    assert_eq!(document.values("Product"), names(&Product::ALL.map(Product::name)));
    for (schema, known) in [
        ("Standing", (|name| Standing::stored(name).is_some()) as fn(&str) -> bool),
        ("DataPlace", |name| DataPlace::stored(name).is_some()),
        ("LinkageState", |name| LinkageState::stored(name).is_some()),
        ("LinkageWish", |name| LinkageWish::stored(name).is_some()),
        ("MoveFault", |name| MoveFault::stored(name).is_some()),
        ("Refusal", |name| Refusal::stored(name).is_some()),
    ] {
        for value in document.values(schema) {
            assert!(known(&value), "{schema} has {value}");
        }
    }
    assert_eq!(document.values("Standing"), names(&[Standing::Active, Standing::Ended].map(Standing::name)));
    assert_eq!(document.values("DataPlace"), names(&[DataPlace::Drive, DataPlace::Local].map(DataPlace::name)));
    assert_eq!(document.values("LinkageState"), names(&[Linked, Pending, NotLinked].map(LinkageState::name)));
    assert_eq!(document.values("LinkageWish"), names(&[LinkageWish::Link, LinkageWish::Unlink].map(LinkageWish::name)));
    let faults = [MoveFault::ContractEnded, MoveFault::OtherHolder, MoveFault::NeedsSupport];
    assert_eq!(document.values("MoveFault"), names(&faults.map(MoveFault::name)));
    let refusals = [
        R::WrongPassword,
        R::NoPassword,
        R::OtherHolder,
        R::NetworkProduct,
        R::AlreadyMigrated,
        R::BadGrant,
        R::NoContract,
        R::OtherDataBound,
        R::KeyReused,
    ];
    assert_eq!(document.values("Refusal"), names(&refusals.map(Refusal::name)));
}

#[test]
fn calls_that_change_something_carry_a_key_and_all_carry_a_request_id() {
    let document = document();
    let keyed = [path::START_MIGRATION, path::APPLY_LINKAGE, path::SET_BINDING, path::RELEASE_BINDING];
    for path in document.paths() {
        let headers = document.headers(&path);
        assert!(headers.contains(REQUEST_ID), "{path}");
        assert_eq!(headers.contains(IDEMPOTENCY_KEY), keyed.contains(&path.as_str()), "{path}");
    }
}

/// What is wrong with an answer, if it is read as `A` and checked so.
fn fault<A: for<'de> Deserialize<'de>, T>(
    answer: Value,
    check: impl Fn(A) -> Result<T, Nonsense>,
) -> Option<&'static str> {
    match serde_json::from_value::<A>(answer) {
        Ok(answer) => check(answer).err().map(|Nonsense(what)| what),
        Err(_) => Some("it does not keep to the schema"),
    }
}

/// Every answer with one value at a time changed, left out or made null, until none was not.
fn mutants(answer: &Value) -> Vec<Value> {
    fn everywhere(value: &Value, put: &dyn Fn(Value) -> Value, found: &mut Vec<Value>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    let with = |new: Option<Value>| {
                        let mut fields = fields.clone();
                        match new {
                            Some(new) => fields.insert(name.clone(), new),
                            None => fields.remove(name),
                        };
                        put(Value::Object(fields))
                    };
                    found.push(with(None));
                    found.push(with(Some(Value::Null)));
                    found.push(with(Some(json!(7))));
                    everywhere(inner, &|new| with(Some(new)), found);
                }
            }
            Value::Array(items) => {
                if let Some(first) = items.first() {
                    found.push(put(json!([first, first])));
                    everywhere(first, &|new| put(json!([new])), found);
                }
            }
            Value::String(text) => {
                found.extend([format!("{text}x y\n"), String::new(), "x".repeat(600)].map(|text| put(json!(text))));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    everywhere(answer, &|value| value, &mut found);
    found
}

#[test]
fn an_answer_with_anything_wrong_in_it_is_no_answer() {
    let holder = Holder::of(&EmailAddress::parse(HOLDER).unwrap());
    let number = CustomerNumber::parse("10000001").unwrap();
    let service = ServiceContractId::parse("SC0001").unwrap();
    let migration = MigrationId::stored("m".to_owned());
    let now = Timestamp::from_millis(0);
    let mut tried = 0;
    for (path, _, answers) in exchanges() {
        let judge = |answer: Value| match path {
            path::CONTRACTS => fault(answer, |it: Contracts| it.checked(&holder, now)),
            path::CUSTOMER_NUMBER => fault(answer, |it: NumberGranted| it.checked(&holder, &number)),
            path::START_MIGRATION | path::MIGRATION => fault(answer, |it: Migration| it.checked(&holder, &migration)),
            path::SERVICE_CONTRACT => fault(answer, |it: ServiceContract| it.checked(&holder, &service)),
            path::LINKAGES => fault(answer, |it: Linkages| it.checked(&holder)),
            path::SET_BINDING | path::BINDING => fault(answer, |it: Bound| it.checked(&holder)),
            _ => None,
        };
        for answer in answers.into_iter().filter(|_| !matches!(path, path::APPLY_LINKAGE | path::RELEASE_BINDING)) {
            assert_eq!(judge(answer.clone()), None, "{path}: {answer}");
            for mutant in mutants(&answer) {
                tried += 1;
                let nothing_bound = path::SET_BINDING == path || path::BINDING == path;
                if nothing_bound && mutant["binding"].is_null() && mutant.get("binding").is_some() {
                    continue;
                }
                assert!(judge(mutant.clone()).is_some(), "{path}: {mutant} was believed");
            }
        }
    }
    assert!(tried > 300, "{tried}");
}
