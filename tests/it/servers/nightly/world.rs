//! A million linkages on both sides, written by statements over sets: four a customer, of two products with two firms, and
//! business data of every other customer.

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

/// So many linkages have a customer each.
pub const EACH: usize = 4;

/// The two databases, and how much is in them.
pub struct World {
    pub ours: String,
    pub theirs: String,
    pub customers: usize,
    /// So many customers lost one link over there.
    pub drifts: usize,
}

impl World {
    /// Fills both; the firms 1001 and 1002 are registered already.
    pub fn fill(&self, now: i64) {
        let Self { customers, drifts, .. } = self;
        let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {customers})");
        let products = "(SELECT 1 AS k, 'accounting_standard' AS product, '弥生会計 26 スタンダード' AS name
            UNION ALL SELECT 2, 'blue_return', 'やよいの青色申告 26') p";
        let contract = |k: u8| {
            let (product, name) =
                [("accounting_standard", "弥生会計 26 スタンダード"), ("blue_return", "やよいの青色申告 26")]
                    [usize::from(k - 1)];
            format!(r#"'{{"id":"C' || i || '-{k}","product":"{product}","name":"{name}","standing":"active"}}'"#)
        };
        let contracts = format!("'[' || {} || ',' || {} || ']'", contract(1), contract(2));
        run(
            &self.ours,
            &[
                format!(
                    "INSERT INTO contract_customer (account_id, address, locale, contracts, fetched_at, tries, wakes)
                     {numbers} SELECT 'a' || i, 'c' || i || '@example.jp', 'ja', {contracts}, {now}, 0, 0 FROM n"
                ),
                format!(
                    "INSERT INTO linkage (id, account_id, firm_id, contract_id, request_id, request_number, product,
                     product_name, state, state_at, wished_at, linked_at, repairs, calls, voucher_calls, version)
                     {numbers} SELECT 'l' || i || '-' || k || '-' || f.number, 'a' || i, f.id, 'C' || i || '-' || k, 'r', 1,
                     product, p.name, 'linked', {now}, {now}, {now}, 0, 1, 1, 0 FROM n CROSS JOIN firm f CROSS JOIN {products}"
                ),
                format!(
                    "INSERT INTO data_binding (id, account_id, firm_id, request_id, request_number, contract_id, office_name,
                     place, set_by, state, state_at, bound_at, repairs, calls, version)
                     {numbers} SELECT 'd' || i, 'a' || i, f.id, 'r', 1, 'C' || i || '-1', '見本', 'drive', 'customer', 'bound',
                     {now}, {now}, 0, 1, 0 FROM n JOIN firm f ON f.number = '1001' WHERE i % 2 = 0"
                ),
                // The night of today is over: nothing runs before the next one.
                format!("INSERT INTO reconcile_run VALUES ('everything', {now}, '', 0, 0, {now})"),
                "ANALYZE".to_owned(),
            ],
        );
        run(
            &self.theirs,
            &[
                format!(
                    "INSERT INTO ledger_contract (id, product, name, place, holder, standing)
                     {numbers} SELECT 'C' || i || '-' || k, product, p.name, 'listed', 'c' || i || '@example.jp', 'active'
                     FROM n CROSS JOIN {products}"
                ),
                format!(
                    "INSERT INTO ledger_linkage (holder, firm, subject, since) {numbers} SELECT 'c' || i || '@example.jp',
                     firm, CASE WHEN k = 0 THEN '' ELSE 'C' || i || '-' || k END, {now} FROM n
                     CROSS JOIN (SELECT '1001' AS firm UNION ALL SELECT '1002') f
                     CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2) s"
                ),
                format!(
                    "INSERT INTO ledger_binding (holder, data, contract_id, office_name, place) {numbers}
                     SELECT 'c' || i || '@example.jp', 'd' || i, 'C' || i || '-1', '見本', 'drive' FROM n WHERE i % 2 = 0"
                ),
                format!(
                    "DELETE FROM ledger_linkage WHERE firm = '1001' AND subject IN ({numbers}
                     SELECT 'C' || i || '-1' FROM n WHERE i % {} = 0)",
                    customers / drifts
                ),
                "ANALYZE".to_owned(),
            ],
        );
    }

    /// That the drifts were repaired, each with one call, and that nothing else changed on either side.
    pub fn assert_repaired(&self, begun: i64) {
        let Self { ours, theirs, customers, drifts } = self;
        let bound = customers / 2;
        for (url, sql, expected) in [
            (theirs, "SELECT COUNT(*) FROM ledger_linkage", customers * (EACH + 2)),
            (theirs, &format!("SELECT COUNT(*) FROM ledger_linkage WHERE since >= {begun}"), *drifts),
            (theirs, "SELECT COUNT(*) FROM ledger_call", *drifts),
            (theirs, "SELECT COUNT(*) FROM ledger_binding", bound),
            (theirs, "SELECT COUNT(*) FROM ledger_contract", customers * 2),
            (ours, "SELECT COUNT(*) FROM linkage WHERE state = 'linked'", customers * EACH),
            (ours, "SELECT COUNT(*) FROM linkage WHERE repairs = 1 AND calls = 2 AND version > 0", *drifts),
            (
                ours,
                "SELECT COUNT(*) FROM linkage WHERE repairs = 0 AND calls = 1 AND version = 0",
                customers * EACH - drifts,
            ),
            (ours, "SELECT COUNT(*) FROM data_binding WHERE state = 'bound' AND version = 0", bound),
            (ours, "SELECT COUNT(*) FROM contract_customer WHERE due_at IS NULL AND lease_until IS NULL", *customers),
            (ours, "SELECT COUNT(*) FROM outbound_mail", 0),
        ] {
            assert_eq!(number(url, sql), expected, "{sql}");
        }
    }
}

/// What a query of one number gives.
pub fn number(url: &str, sql: &str) -> usize {
    let query = async |database: &mut AnyConnection| {
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql.to_owned())).fetch_one(database).await.unwrap()
    };
    usize::try_from(on(url, query)).unwrap()
}

fn run(url: &str, statements: &[String]) {
    on(url, async |database: &mut AnyConnection| {
        for sql in statements {
            sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut *database).await.unwrap();
        }
    });
}

fn on<T>(url: &str, what: impl AsyncFnOnce(&mut AnyConnection) -> T) -> T {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut database = AnyConnection::connect(url).await.unwrap();
        let came = what(&mut database).await;
        database.close().await.unwrap();
        came
    })
}
