//! The way out: how a letter can end, what the operator does about it, and how the daemon starts, reloads and stops meanwhile.

mod deferred;
mod held;
mod lanes;
mod operator;
mod refused;
mod reload;
mod smuggling;
mod standby;
mod stop;
mod unknown;
mod useless;
mod watchdog;
