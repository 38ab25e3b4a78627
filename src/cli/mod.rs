//! The command line: one file a command.
//!
//! Exit codes: 0 done · 1 it failed, trying again may help · 2 the command or the configuration is wrong, trying again
//! does not help (the unit's `RestartPreventExitStatus`).

mod account;
mod audit;
mod check;
mod demo;
mod failure;
mod firm;
mod firm_csv;
mod keys;
mod ledger;
mod outbox;
mod print;
mod quarantine;
mod reconcile;
mod replay;
mod request;
mod run;
mod suppression;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};
use crate::flows::Context;
use failure::Failure;

/// An accounting firm asks by mail for a client's contract information; renkei proves who wrote, and mails the customer a
/// link to decide.
#[derive(Debug, Parser)]
#[command(name = "renkei", version, about, max_term_width = 100)]
struct Arguments {
    /// The configuration file; without one the defaults and RENKEI__SECTION__KEY from the environment count.
    #[arg(long, short, global = true, env = "RENKEI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON instead of text, where a command lists or shows.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: watch the mailbox, mail the customers.
    Run,
    /// Run the daemon on embedded parts in one folder, with a sample firm and one request.
    Demo(demo::Demo),
    /// Check the configuration and say which key is wrong.
    Check,
    /// Register firms and change what is registered.
    #[command(subcommand)]
    Firm(Box<firm::Firm>),
    /// Look at requests, withdraw one, mail its customer again.
    #[command(subcommand)]
    Request(request::Request),
    /// People's accounts: look at them, let somebody in again, erase one.
    #[command(subcommand)]
    Account(account::Account),
    /// The server keys that mailed links are derived with.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The built-in contract-management system: fill it, show it, serve it to others.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Mails that have not left.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Mails that were not proven.
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    /// Bring together what customers want and what the contract-management system has, or print what differs.
    Reconcile(reconcile::Reconcile),
    /// Addresses that failed for good.
    #[command(subcommand)]
    Suppression(suppression::Suppression),
    /// Say what would become of mails in files, without a write and without a mail.
    Replay(replay::Replay),
    /// The audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
}

/// What every command gets.
#[derive(Debug)]
struct Invocation {
    config: Option<PathBuf>,
    json: bool,
}

impl Invocation {
    fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), config::environment())?)
    }

    /// The flows' context on the configured database.
    async fn context(&self) -> Result<(Config, Context), Failure> {
        let config = self.config()?;
        let context = crate::app::context(&config).await?;
        Ok((config, context))
    }
}

/// Reads the arguments, does what they say, tells how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let invocation = Invocation { config: arguments.config, json: arguments.json };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(dispatch(&invocation, arguments.command));
            // A thread that hangs in a parser must not keep the process from ending.
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(Failure::from(anyhow::Error::from(error))),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("renkei: {failure}");
            failure.code()
        }
    }
}

async fn dispatch(invocation: &Invocation, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Run => Box::pin(run::run(invocation)).await?,
        Command::Demo(demo) => return Box::pin(demo.run()).await,
        Command::Check => check::check(invocation)?,
        Command::Firm(command) => command.run(invocation).await?,
        Command::Request(command) => command.run(invocation).await?,
        Command::Account(command) => command.run(invocation).await?,
        Command::Keys(command) => command.run(invocation)?,
        Command::Ledger(command) => Box::pin(command.run(invocation)).await?,
        Command::Outbox(command) => command.run(invocation).await?,
        Command::Quarantine(command) => command.run(invocation).await?,
        Command::Reconcile(command) => command.run(invocation).await?,
        Command::Suppression(command) => command.run(invocation).await?,
        Command::Replay(command) => return command.run(invocation).await,
        Command::Audit(command) => command.run(invocation).await?,
    }
    Ok(ExitCode::SUCCESS)
}
