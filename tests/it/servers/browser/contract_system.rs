//! A contract-management system elsewhere: the ledger of an installation of its own, served by a process that goes down and
//! comes back.

use std::path::PathBuf;

use super::office::{CUSTOMER, SOON};
use super::owning;
use crate::commands;
use crate::support::daemon::{Daemon, Installation};
use crate::support::{poll, port};

/// See above.
pub struct ContractSystem {
    installation: Installation,
    port: u16,
    token: PathBuf,
    served: Option<Daemon>,
}

impl ContractSystem {
    /// Starts it; these contracts stand in the customer's list.
    pub fn start(listed: &[&str]) -> Self {
        let installation = commands::with_key();
        let [products, customers] = owning::files(installation.path(), listed);
        installation.cli_ok(&["ledger", "import", &products, &customers]);
        let token = installation.secret("token", "a-token-of-this-test");
        let mut system = Self { installation, port: port::free(), token, served: None };
        system.comes_back();
        system
    }

    /// The settings of a daemon that asks it.
    pub fn settings(&self) -> String {
        let (port, token) = (self.port, self.token.display());
        format!(
            "[contracts]\nkind = \"http\"\n[contracts.http]\nurl = \"http://127.0.0.1:{port}\"\ntoken_file = \"{token}\"\n"
        )
    }

    /// It goes down at once, whatever it is doing.
    pub fn goes_down(&mut self) {
        let mut served = self.served.take().expect("it is up");
        served.kill();
    }

    /// It comes back and knows what it knew.
    pub fn comes_back(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let token = self.token.to_str().unwrap();
        self.served = Some(self.installation.serve(&["ledger", "serve", "--listen", &listen, "--token-file", token]));
        poll::until_true("the contract system to answer", SOON, || port::answers(self.port));
    }

    /// What it knows of the customer.
    pub fn shows(&self) -> String {
        self.installation.cli_ok(&["ledger", "show", "--account", CUSTOMER])
    }
}
