//! How much of us one client can have (threat T28).

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

/// The limits of the web port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// How long a connection may be silent before its request, or take to send the head of one.
    pub head: Duration,
    /// Bytes of a request's head.
    pub head_size: usize,
    /// How long the body of a request may take to arrive.
    pub receive: Duration,
    /// How long an answer may take once its request is here: longer than the two calls to the contract-management
    /// system that a page makes at most, so that it can say itself that the system does not answer.
    pub answer: Duration,
    /// Bytes of a request's body.
    pub body: usize,
    /// How long a connection is kept.
    pub life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            head_size: 16 * 1024,
            receive: Duration::from_secs(10),
            answer: Duration::from_secs(75),
            body: 64 * 1024,
            life: Duration::from_mins(1),
        }
    }
}

/// Refuses a body that is announced too large before a byte of it is read, reads it whole within its time, and ends an
/// answer that takes too long.
pub(super) async fn within(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limits.body) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let (head, body) = request.into_parts();
    let body = match timeout(limits.receive, to_bytes(body, limits.body)).await {
        Ok(Ok(bytes)) => Body::from(bytes),
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    match timeout(limits.answer, next.run(Request::from_parts(head, body))).await {
        Ok(answer) => answer,
        // Not 408: a client may send a request again after that (RFC 9110 §15.5.9), and this one may have acted.
        Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
    }
}
