//! A real Chromium walks the pages: from the firm's mail in Dovecot to the answer at the SMTP sink, with what stands between
//! taken out of the mails, as a person would.

mod codes;
mod contract_system;
mod customer;
mod data;
mod demo;
mod linking;
mod look;
mod looks;
mod moving;
mod office;
mod outage;
mod owning;
mod plain;
mod returning;
mod scanners;
mod story;
mod words;
