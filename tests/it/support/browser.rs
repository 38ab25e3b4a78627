//! What a person does with a browser: opens a page, reads it, fills fields by their labels, presses what has a name.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Locator;
use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};

use super::chromium::Chromium;
use super::poll;

/// How long a page may take to come, on a busy machine.
const PAGE: Duration = Duration::from_secs(20);

/// What is looked at: the size of the window in CSS pixels, and how many of the device's make one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
    pub scale: u32,
}

/// The narrowest that WCAG 2.2 1.4.10 asks for.
pub const NARROW: Screen = Screen { name: "narrow", width: 320, height: 568, scale: 1 };
/// A telephone.
pub const PHONE: Screen = Screen { name: "phone", width: 390, height: 844, scale: 2 };
/// A desktop computer.
pub const DESKTOP: Screen = Screen { name: "desktop", width: 1280, height: 900, scale: 1 };

/// What the person's system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

/// A person at a telephone-sized browser of their own.
pub struct Browser(Chromium);

impl Browser {
    /// Starts it: nothing was ever visited.
    pub fn start() -> Self {
        let browser = Self(Chromium::start());
        browser.screen(PHONE);
        browser
    }

    /// The same where no page may run a script.
    pub fn without_scripts() -> Self {
        let browser = Self::start();
        browser.0.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
        browser
    }

    /// The same where no style sheet is loaded either.
    pub fn plain() -> Self {
        let browser = Self::without_scripts();
        browser.0.devtools("Network.enable", &json!({}));
        browser.0.devtools("Network.setBlockedURLs", &json!({ "urls": ["*.css*"] }));
        browser
    }

    /// Takes another screen.
    pub fn screen(&self, screen: Screen) {
        let Screen { width, height, scale, .. } = screen;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.0.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// From now on prefers light or dark, and that nothing moves: a colour on its way is no colour to judge.
    pub fn prefer(&self, scheme: Scheme) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme.to_string() });
        let motion = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.0.devtools("Emulation.setEmulatedMedia", &json!({ "features": [scheme, motion] }));
    }

    /// Forgets all cookies, as a browser does that is closed.
    pub fn forget(&self) {
        self.0.devtools("Network.clearBrowserCookies", &json!({}));
    }

    /// Opens an address.
    #[track_caller]
    pub fn open(&self, url: &str) {
        let to = url.to_owned();
        let opened = self.0.ask(|client| async move { client.goto(&to).await });
        opened.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Loads the page anew.
    #[track_caller]
    pub fn reload(&self) {
        self.0.ask(|client| async move { client.refresh().await }).unwrap();
    }

    /// The page stays: it does not ask again by itself.
    pub fn hold(&self) {
        self.script("window.stop()", &[]);
    }

    /// Goes back a page.
    #[track_caller]
    pub fn back(&self) {
        self.0.ask(|client| async move { client.back().await }).unwrap();
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.script("return location.href", &[]).as_str().unwrap().to_owned()
    }

    /// The path of the page's address.
    pub fn path(&self) -> String {
        self.script("return location.pathname", &[]).as_str().unwrap().to_owned()
    }

    /// The page's title.
    pub fn title(&self) -> String {
        self.0.ask(|client| async move { client.title().await }).unwrap()
    }

    /// What stands in the page's only `h1`.
    #[track_caller]
    pub fn heading(&self) -> String {
        let headings = self.script("return [...document.querySelectorAll('h1')].map(h => h.textContent.trim())", &[]);
        assert_eq!(headings.as_array().map_or(0, Vec::len), 1, "one h1: {headings} on {}: {}", self.url(), self.text());
        headings[0].as_str().unwrap().to_owned()
    }

    /// All that can be read on the page.
    pub fn text(&self) -> String {
        self.script("return document.body?.innerText", &[]).as_str().unwrap_or_default().to_owned()
    }

    /// The names of everything that can be pressed, in order.
    pub fn names(&self) -> Vec<String> {
        let names = self.script(NAMES, &[]);
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Types into the field with this label, instead of what stands there.
    #[track_caller]
    pub fn fill(&self, label: &str, text: &str) {
        let (field, text) = (self.field(label), text.to_owned());
        let filled = self.0.ask(|_| async move {
            field.clear().await?;
            field.send_keys(&text).await
        });
        filled.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// What stands in the field with this label.
    #[track_caller]
    pub fn filled(&self, label: &str) -> String {
        let field = self.field(label);
        self.0.ask(|_| async move { field.prop("value").await }).unwrap().unwrap_or_default()
    }

    /// Ticks the box, or chooses the choice, with this label.
    #[track_caller]
    pub fn tick(&self, label: &str) {
        assert!(self.click(label), "{label} is ticked");
    }

    /// Takes the tick out of the box with this label.
    #[track_caller]
    pub fn untick(&self, label: &str) {
        assert!(!self.click(label), "{label} is not ticked any more");
    }

    /// Presses the button or link with this name, and waits for the page it leads to.
    #[track_caller]
    pub fn press(&self, name: &str) {
        let before = self.document();
        let target = self.element(PRESSABLE, name);
        self.0.ask(|_| async move { target.click().await }).unwrap_or_else(|error| panic!("{name}: {error}"));
        let after = poll::within(PAGE, || {
            self.document().filter(|document| Some(document) != before.as_ref() && self.is_complete())
        });
        assert!(after.is_some(), "{name} leads nowhere, on {}: {}", self.url(), self.text());
    }

    /// As [`Self::press`], past what the browser itself would refuse: an empty field that is required, for example.
    #[track_caller]
    pub fn press_unchecked(&self, name: &str) {
        self.script("for (const form of document.forms) form.noValidate = true", &[]);
        self.press(name);
    }

    /// Runs a script in the page, also where the page itself may run none.
    #[track_caller]
    pub fn script(&self, script: &str, arguments: &[Value]) -> Value {
        let (text, arguments) = (script.to_owned(), arguments.to_vec());
        self.0.ask(|client| async move { client.execute(&text, arguments).await }).unwrap_or_else(|e| panic!("{e}"))
    }

    /// As [`Self::script`], for one that calls its last argument when it is done.
    #[track_caller]
    pub fn script_async(&self, script: &str, arguments: &[Value]) -> Value {
        let (text, arguments) = (script.to_owned(), arguments.to_vec());
        self.0
            .ask(|client| async move { client.execute_async(&text, arguments).await })
            .unwrap_or_else(|e| panic!("{e}"))
    }

    /// What the console has said since it was last asked, but for answers that are no 200.
    pub fn complaints(&self) -> Vec<String> {
        let said = self.0.console().into_iter().filter(|entry| entry["source"] != "network");
        said.map(|entry| entry["message"].to_string()).collect()
    }

    /// A PNG of the whole page.
    pub fn picture(&self) -> Vec<u8> {
        let wanted = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.0.devtools("Page.captureScreenshot", &wanted);
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// The group of all its processes.
    pub fn process_group(&self) -> u32 {
        self.0.process_group()
    }

    /// The loaded document: another one has another.
    fn document(&self) -> Option<String> {
        let root = self.0.ask(|client| async move { client.find(Locator::XPath("/*")).await }).ok()?;
        Some(root.element_id().to_string())
    }

    fn is_complete(&self) -> bool {
        self.script("return document.readyState", &[]) == "complete"
    }

    /// Clicks on the box or choice with this label; gives whether it is ticked then.
    #[track_caller]
    fn click(&self, label: &str) -> bool {
        let field = self.field(label);
        let ticked = self.0.ask(|_| async move {
            field.click().await?;
            field.is_selected().await
        });
        ticked.unwrap_or_else(|error| panic!("{label}: {error}"))
    }

    #[track_caller]
    fn field(&self, label: &str) -> Element {
        self.element(FIELD, label)
    }

    #[track_caller]
    fn element(&self, script: &str, name: &str) -> Element {
        let found = self.script(&format!("{TIDY}{script}"), &[json!(name)]);
        let id = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("there is no {name} on {}: {}", self.url(), self.text()));
        let id = ElementRef::from(id.to_owned());
        self.0.ask(|client| async move { Element::from_element_id(client, id) })
    }
}

/// One line of what a person reads; and of several the one that is meant by a name: the same, else one that begins so.
const TIDY: &str = r"
    const tidy = text => text.replace(/\s+/g, ' ').trim();
    const meant = (all, read) => all.find(one => read(one) === arguments[0])
        ?? all.find(one => read(one).startsWith(arguments[0]));
    const seen = element => element.checkVisibility();
";
const FIELD: &str = r"
    return meant([...document.querySelectorAll('label')].filter(seen), label => tidy(label.textContent))?.control;
";
const PRESSABLE: &str = r"
    return meant([...document.querySelectorAll('button, a[href], summary')].filter(seen), one => tidy(one.textContent));
";
const NAMES: &str = r"
    return [...document.querySelectorAll('button, a[href], summary')]
        .filter(one => one.checkVisibility()).map(one => one.textContent.replace(/\s+/g, ' ').trim());
";
