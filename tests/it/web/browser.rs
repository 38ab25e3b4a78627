//! A browser without eyes: keeps cookies as browsers do, sends forms with the fields that the page gave it, and reads pages.

use std::collections::BTreeMap;
use std::future::ready;
use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use renkei::domain::ids::AccountId;
use renkei::domain::product_choice::Exclusivity;
use renkei::domain::session::Life;
use renkei::flows::sessions;
use renkei::web::{self, Guide, Health, Limits, Peer, Recent, Site, Terms};
use tower::ServiceExt;

use crate::flows::house::{BASE_URL, House};

/// See above.
pub struct Browser {
    pub router: Router,
    /// The cookies, by name.
    pub jar: BTreeMap<String, String>,
    /// The token of the page that was seen last.
    pub token: String,
    /// What a browser says of a form that it sends.
    pub says: Vec<(&'static str, String)>,
    /// Who the connection comes from.
    pub peer: IpAddr,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// The pages of a house, as they are set up by default.
pub fn site(house: &House) -> Site {
    Site {
        context: house.context.clone(),
        name: "マイポータル".to_owned(),
        brand: "弥生".to_owned(),
        contact: "03-0000-0000".to_owned(),
        sender: "noreply@renkei.example".to_owned(),
        terms: Terms {
            version: "2026-04-01".to_owned(),
            terms_url: Some("https://www.example.jp/terms".to_owned()),
            privacy_url: Some("https://www.example.jp/privacy".to_owned()),
        },
        exclusivity: Exclusivity::OneFirm,
        guide: Guide {
            news: Some("https://www.example.jp/news".to_owned()),
            customer_number: Some("https://www.example.jp/customer-number".to_owned()),
            service_contract: Some("https://www.example.jp/service-contract".to_owned()),
            network_faq: Some("https://www.example.jp/faq".to_owned()),
        },
        base_url: BASE_URL.to_owned(),
        proxies: vec![IpAddr::from(Ipv4Addr::LOCALHOST).into()],
        life: Life::default(),
        time_zone: chrono_tz::Tz::Asia__Tokyo,
        forms: Recent::default(),
    }
}

impl Browser {
    /// A new one, that knows nothing.
    pub fn new(house: &House) -> Self {
        let (keeper, door) = site(house).open();
        // the site is never exchanged: what stands last is served
        drop(keeper);
        Self {
            router: web::router(door, Health::new(|| ready(true), Vec::new), Limits::default()),
            jar: BTreeMap::new(),
            token: String::new(),
            says: vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", BASE_URL.to_owned())],
            peer: IpAddr::from([203, 0, 113, 5]),
        }
    }

    /// One in which this account is logged in.
    pub async fn logged_in(house: &House, account: &AccountId) -> Self {
        let secret = sessions::begin(&house.context, account, None, None).await.unwrap();
        let mut browser = Self::new(house);
        browser.jar.insert(web::cookies::SESSION.to_owned(), secret.to_text());
        browser.token = sessions::form_token(&house.context, &secret);
        browser
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Seen {
        self.ask(Method::GET, path, &[], String::new()).await
    }

    /// Asks for a page and goes where it leads.
    pub async fn go(&mut self, path: &str) -> Seen {
        let seen = self.get(path).await;
        self.follow(seen).await
    }

    /// Sends a form with the token of the page that was seen last.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token.clone();
        let with_token: Vec<_> = fields.iter().copied().chain([(web::TOKEN, token.as_str())]).collect();
        self.send(path, &with_token).await
    }

    /// Sends a form and goes where it leads.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let seen = self.post(path, fields).await;
        self.follow(seen).await
    }

    /// Sends these fields alone.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let says = self.says.clone();
        self.ask(Method::POST, path, &says, encode(fields)).await
    }

    /// Sends whatever it is told to.
    pub async fn ask(&mut self, method: Method, path: &str, says: &[(&'static str, String)], body: String) -> Seen {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "renkei.example");
        if !self.jar.is_empty() {
            let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        for (name, value) in says {
            request = request.header(*name, value);
        }
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(self.peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        self.keep_cookies(&parts.headers);
        let seen = Seen { status: parts.status, headers: parts.headers, body };
        if let Some(token) = seen.between("name=\"csrf\" value=\"", "\"") {
            self.token = token;
        }
        seen
    }

    async fn follow(&mut self, mut seen: Seen) -> Seen {
        for _ in 0..5 {
            let Some(path) = seen.leads_to() else { return seen };
            seen = self.get(&path).await;
        }
        panic!("it leads in circles: {:?}", seen.headers);
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Seen {
    /// Where a redirect leads.
    pub fn leads_to(&self) -> Option<String> {
        let place = self.headers.get(header::LOCATION)?.to_str().unwrap().to_owned();
        assert_eq!(self.status, StatusCode::SEE_OTHER);
        Some(place)
    }

    /// The page's heading.
    pub fn heading(&self) -> String {
        self.between("<h1>", "</h1>").unwrap_or_else(|| panic!("no heading: {} {}", self.status, self.body))
    }

    /// What stands between two pieces of text, the first time.
    pub fn between(&self, before: &str, after: &str) -> Option<String> {
        Some(self.body.split_once(before)?.1.split_once(after)?.0.to_owned())
    }

    /// Whether the page says this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }

    /// Whether the page does not say this.
    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }
}

fn encode(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}
