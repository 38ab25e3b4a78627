//! The client of another contract-management system, by the same suite as the ledger, asked over HTTP.

use super::contract_served::{Served, client};
use super::contract_suite as suite;
use super::house::House;

macro_rules! suite {
    ($($thought:ident),+ $(,)?) => {
        $(async fn $thought(house: &House) {
            let served = Served::ledger(house).await;
            suite::$thought(house, &client(house, served.port)).await;
        })+
        on_both_databases![$($thought),+];
    };
}

suite![
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
];
