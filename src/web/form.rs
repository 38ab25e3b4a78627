//! What a form brought.

use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest, FromRequestParts};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use ring::digest::{Context, SHA256};
use zeroize::Zeroize;

/// The fields of a form, as they came. Never logged: there are passwords among them.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields")
    }
}

/// What was typed does not stay in memory.
impl Drop for Fields {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl Fields {
    /// The field's value exactly as it came; empty where it is missing.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// Every value that came under this name, as boxes of one question do.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The field's value without the blanks around it, ideographic ones too.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn is_ticked(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }

    /// Tells this form from every other, without keeping it.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        for text in self.0.iter().flat_map(|(name, value)| [name, value]) {
            context.update(&text.len().to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        digest
    }

    /// `None` for what is no form.
    pub(super) async fn parse(body: Bytes) -> Option<Self> {
        let form = Request::post("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = form.body(Body::from(body)).ok()?;
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(form, &()).await.ok()?;
        Some(Self(pairs))
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // Only a route that was not built by `Pages` has no reception before it.
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fields_come_as_they_were_typed() {
        let fields = Fields::parse("a=+x%E3%80%80&b=%E5%B1%B1&b=2&c=&d=on&%00=1".into()).await.unwrap();
        assert_eq!((fields.raw("a"), fields.text("a")), (" x\u{3000}", "x"));
        assert_eq!((fields.text("b"), fields.text("missing")), ("山", ""));
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["山", "2"]);
        assert!(fields.is_ticked("d") && !fields.is_ticked("c") && !fields.is_ticked("e"));
        assert!(Fields::parse("".into()).await.is_some());
    }
}
