//! The table of pages. What is in it has the reception before it, and what is not in it is not served.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing;

use super::reception::{self, Desk};

/// The table of pages.
#[derive(Debug, Default)]
pub struct Pages {
    router: Router,
    shown: Vec<&'static str>,
    taken: Vec<&'static str>,
}

impl Pages {
    /// A page that is shown (GET; HEAD is the same without its body) and takes nothing.
    #[must_use]
    pub fn show<T: 'static>(self, path: &'static str, get: impl Handler<T, ()>) -> Self {
        Self { router: self.router.route(path, routing::get(get)), ..self }.shows(path)
    }

    /// A form that is shown elsewhere and sent here (POST).
    #[must_use]
    pub fn take<T: 'static>(self, path: &'static str, post: impl Handler<T, ()>) -> Self {
        Self { router: self.router.route(path, routing::post(post)), ..self }.takes(path)
    }

    /// A page with a form that is sent to the page itself.
    #[must_use]
    pub fn form<G: 'static, P: 'static>(
        self,
        path: &'static str,
        get: impl Handler<G, ()>,
        post: impl Handler<P, ()>,
    ) -> Self {
        Self { router: self.router.route(path, routing::get(get).post(post)), ..self }.shows(path).takes(path)
    }

    /// The paths that answer GET.
    #[must_use]
    pub fn shown(&self) -> &[&'static str] {
        &self.shown
    }

    /// The paths that answer POST.
    #[must_use]
    pub fn taken(&self) -> &[&'static str] {
        &self.taken
    }

    pub(super) fn behind(self, desk: Desk) -> Router {
        self.router.layer(from_fn_with_state(desk, reception::receive))
    }

    fn shows(mut self, path: &'static str) -> Self {
        self.shown.push(path);
        self
    }

    fn takes(mut self, path: &'static str) -> Self {
        self.taken.push(path);
        self
    }
}
