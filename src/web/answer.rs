//! What a page answers: HTML, or the way to another page, and what happens to the cookies.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tracing::error;

use crate::flows::FlowError;
use crate::flows::sessions::SessionSecret;
use crate::flows::visit::Visit;
use crate::links;

/// What a page answers.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    cookies: Cookies,
}

/// What the reception is to do with the cookies.
#[derive(Clone, Debug, Default)]
pub(super) struct Cookies {
    pub(super) visit: Option<Visit>,
    pub(super) session: Option<Change>,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Begin(SessionSecret),
    End,
}

/// Why a page cannot be shown; the person sees an error page, or the page that comes first.
#[derive(Debug)]
pub struct Trouble(Instead);

/// What a person gets in a page's stead.
#[derive(Debug)]
enum Instead {
    /// The error page of this status.
    Error(StatusCode),
    /// Another page, which comes first or has taken its place.
    Page(&'static str),
}

/// What each handler gives.
pub type Outcome = Result<Answer, Trouble>;

impl Answer {
    /// A page.
    pub fn page(page: &impl Template) -> Self {
        Self::with_status(StatusCode::OK, page)
    }

    /// The page of a form again, with what is wrong in it.
    pub fn faulty(page: &impl Template) -> Self {
        Self::with_status(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    /// A page with another status, e.g. 429 where a limit is reached.
    pub fn with_status(status: StatusCode, page: &impl Template) -> Self {
        let response = match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                error!(%error, "a page cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        };
        Self { response, cookies: Cookies::default() }
    }

    /// Leads to another page of ours, to be asked for with GET (303): a reload never sends a form twice.
    #[must_use]
    pub fn see(path: &str) -> Self {
        let response = (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response();
        Self { response, cookies: Cookies::default() }
    }

    /// The browser asks for this path after so many seconds, without a script.
    #[must_use]
    pub fn refreshing(mut self, seconds: u32, path: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(&format!("{seconds}; url={path}")) {
            self.response.headers_mut().insert(header::REFRESH, value);
        }
        self
    }

    /// The visit goes on as this one.
    #[must_use]
    pub fn visiting(mut self, visit: Visit) -> Self {
        self.cookies.visit = Some(visit);
        self
    }

    /// The person is logged in from now on.
    #[must_use]
    pub fn logged_in(mut self, secret: SessionSecret) -> Self {
        self.cookies.session = Some(Change::Begin(secret));
        self
    }

    /// The person is not logged in any more.
    #[must_use]
    pub fn logged_out(mut self) -> Self {
        self.cookies.session = Some(Change::End);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(mut self) -> Response {
        self.response.extensions_mut().insert(self.cookies);
        self.response
    }
}

impl Trouble {
    /// There is no such page (for this person).
    pub const NOT_FOUND: Self = Self(Instead::Error(StatusCode::NOT_FOUND));
    /// Too much at once: later it works.
    pub const BUSY: Self = Self(Instead::Error(StatusCode::SERVICE_UNAVAILABLE));

    /// It is not this page's turn: this other page of ours is shown.
    #[must_use]
    pub const fn see(path: &'static str) -> Self {
        Self(Instead::Page(path))
    }
}

impl From<FlowError> for Trouble {
    /// What a flow could not do is told to the operator; the person learns that it is our fault and will pass.
    fn from(error: FlowError) -> Self {
        // Sharing was stopped while the page was open: the page of the firms shows it.
        if matches!(error, FlowError::NothingApproved) {
            return Self::see(links::MANAGE);
        }
        error!(%error, "a page cannot be shown");
        match error {
            // Its owner had it erased while the page was open.
            FlowError::NoAccount => Self::NOT_FOUND,
            FlowError::Store(_) => Self::BUSY,
            _ => Self(Instead::Error(StatusCode::INTERNAL_SERVER_ERROR)),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self.0 {
            Instead::Error(status) => status.into_response(),
            Instead::Page(path) => Answer::see(path).into_response(),
        }
    }
}
