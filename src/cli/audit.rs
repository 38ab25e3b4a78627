//! `renkei audit`: the audit trail.

use clap::Subcommand;

use super::{Failure, Invocation};
use crate::flows::audit;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that no row of the audit trail was changed or taken out.
    Verify,
}

impl Audit {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        let Self::Verify = self;
        match audit::first_break(&context).await? {
            None => println!("the audit trail holds"),
            Some(seq) => return Err(anyhow::anyhow!("the audit trail is broken at row {seq}").into()),
        }
        Ok(())
    }
}
