//! `/healthz`: the process answers. `/readyz`: it can do its work; if not, what hinders it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::time::timeout;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whom to ask how things are.
#[derive(Clone)]
pub struct Health {
    database: Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
    stuck: Arc<dyn Fn() -> Vec<&'static str> + Send + Sync>,
}

impl Health {
    /// `database` says whether the database answers, `stuck` names the loops that stand still.
    pub fn new<F: Future<Output = bool> + Send + 'static>(
        database: impl Fn() -> F + Send + Sync + 'static,
        stuck: impl Fn() -> Vec<&'static str> + Send + Sync + 'static,
    ) -> Self {
        Self { database: Arc::new(move || Box::pin(database())), stuck: Arc::new(stuck) }
    }

    async fn problems(&self) -> Vec<String> {
        let stuck = (self.stuck)().into_iter().map(|name| format!("the loop {name} stands still"));
        let answers = timeout(PATIENCE, (self.database)()).await.unwrap_or(false);
        let database = (!answers).then(|| "the database does not answer".to_owned());
        database.into_iter().chain(stuck).collect()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Health")
    }
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    problems: Vec<String>,
}

pub(super) async fn live() -> &'static str {
    "ok\n"
}

pub(super) async fn ready(State(health): State<Health>) -> Response {
    let problems = health.problems().await;
    let ready = problems.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match serde_json::to_string(&Readiness { ready, problems }) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
