//! `renkei demo`: the daemon as `run` starts it, on embedded parts in one folder. The firm is a sample and its customer is
//! made up; everything between them is real: the intake reads a Maildir, the proof is verified, the outbox writes a Maildir.

mod letters;
mod sample_firm;
mod sample_ledger;
mod settings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::Failure;
use crate::config::Config;
use crate::{app, telemetry};
use sample_ledger::Paper;

/// Longest time that `--once` waits for the first customer mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Run the daemon on embedded parts in one folder, with a sample firm and one request.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The folder; made when it is not there, used on when it is.
    #[arg(long, default_value = "demo", value_name = "FOLDER")]
    dir: PathBuf,
    /// End when the first customer mail has left: with 0, or with 1 after 30 s without one.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        std::fs::create_dir_all(&self.dir).map_err(anyhow::Error::from)?;
        let dir = self.dir.canonicalize().map_err(anyhow::Error::from)?;
        let (file, listener) = settings::write(&dir).await?;
        let config = Config::load(Some(&file), std::iter::empty())?;
        telemetry::init(&config.log).map_err(anyhow::Error::from)?;

        let context = app::context(&config).await?;
        let (customer, ordinal) = sample_firm::ask(&context, &dir).await?;
        context.store.close().await;
        let papers = sample_ledger::fill(&config, &customer, ordinal).await?;

        println!("A sample firm has asked about {customer}. Its mail lies in {}.", dir.join("inbox").display());
        println!("renkei reads it now; every mail that leaves is printed here.\n");
        let printed = letters::print_all(&dir.join("outbox"));
        if self.once {
            return Box::pin(self.until_first(config, listener, printed)).await;
        }
        let reload_from = file.clone();
        let reload = move || Config::load(Some(&reload_from), std::iter::empty());
        let hint = tokio::spawn(hint(printed.first_notice(), config.web.listen.to_string(), file, papers));
        let done = app::run(config, Some(listener), reload).await;
        hint.abort();
        done?;
        Ok(ExitCode::SUCCESS)
    }

    async fn until_first(
        &self,
        config: Config,
        listener: TcpListener,
        printed: letters::Printed,
    ) -> Result<ExitCode, Failure> {
        let deadline = Instant::now() + PATIENCE;
        let daemon = app::run(config.clone(), Some(listener), move || Ok(config.clone()));
        tokio::select! {
            ended = daemon => ended.map(|()| ExitCode::FAILURE).map_err(Failure::from),
            found = tokio::time::timeout_at(deadline, printed.first_notice()) => if found.is_ok() {
                Ok(ExitCode::SUCCESS)
            } else {
                Err(anyhow::anyhow!("no customer mail left within {} s", PATIENCE.as_secs()).into())
            },
        }
    }
}

/// Says what to do next, once the customer's mail is printed.
async fn hint(first: impl Future<Output = ()>, listen: String, file: PathBuf, papers: [Paper; 3]) {
    first.await;
    let program = std::env::current_exe().map_or_else(|_| "renkei".to_owned(), |program| shown(&program));
    println!("What to do next:");
    println!(
        "  be the customer:        open the link above in your browser and follow the pages; the confirmation code"
    );
    println!(
        "                          that they ask for is mailed, so it is printed here, and so is the firm's answer"
    );
    println!("  migrate and link:       after the approval the pages ask for what stands on the products' papers:");
    for Paper { product, number, password } in &papers {
        println!("                            {product}: number {number}, password {password}");
    }
    println!(
        "                          the first two are migrated; the network product is added under 「製品を追加する」"
    );
    println!("  look at the request:    {program} --config {} request show 1", shown(&file));
    println!("  see that all is well:   curl http://{listen}/readyz");
    println!("  have another one asked: stop, and start the demo again");
    println!("  stop:                   Ctrl-C\n");
}

/// As short as it can be typed here.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).display().to_string()
}
