//! Looks at a page as people with other eyes, hands and screens do: on a telephone, on a desktop and at the narrowest, in the
//! light and in the dark. Each look leaves pictures in `target/tmp/pages`.

use std::path::{Path, PathBuf};

use crate::support::axe;
use crate::support::browser::{Browser, DESKTOP, NARROW, PHONE, Scheme, Screen};

/// Finds nothing wrong with the page that `browser` shows, and keeps pictures of it under `name`.
///
/// # Panics
/// With everything that is wrong, on all screens at once.
#[track_caller]
pub fn at(browser: &Browser, name: &str) {
    let mut wrong: Vec<_> = browser.complaints().into_iter().map(|said| format!("console: {said}")).collect();
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.prefer(scheme);
        for screen in [DESKTOP, NARROW, PHONE] {
            browser.screen(screen);
            let mut found = [scrolled(browser), small(browser)].concat();
            if screen != NARROW {
                found.extend(axe::findings(browser));
                keep(&folder(), &browser.picture(), &format!("{name}-{}-{scheme}", screen.name));
            }
            wrong.extend(found.into_iter().map(|fault| format!("{} {scheme}: {fault}", screen.name)));
        }
    }
    browser.prefer(Scheme::Light);
    assert!(wrong.is_empty(), "{name} ({}):\n{}", browser.url(), wrong.join("\n"));
}

/// What makes the page wider than the window.
fn scrolled(browser: &Browser) -> Vec<String> {
    texts(browser, WIDER).into_iter().map(|element| format!("wider than the window: {element}")).collect()
}

/// What is too small to be touched (WCAG 2.2 2.5.8).
fn small(browser: &Browser) -> Vec<String> {
    texts(browser, SMALL).into_iter().map(|element| format!("smaller than 24 px: {element}")).collect()
}

fn texts(browser: &Browser, script: &str) -> Vec<String> {
    let found = browser.script(script, &[]);
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Pictures for the README: small ones, on a telephone in the light and in the dark and on a desktop.
pub fn picture(browser: &Browser, name: &str) {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
    for (screen, scheme) in [(PHONE, Scheme::Light), (PHONE, Scheme::Dark), (DESKTOP, Scheme::Light)] {
        browser.screen(Screen { scale: 1, ..screen });
        browser.prefer(scheme);
        keep(&docs, &browser.picture(), &format!("{name}-{}-{scheme}", screen.name));
    }
    browser.prefer(Scheme::Light);
    browser.screen(PHONE);
}

fn keep(folder: &Path, picture: &[u8], name: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

/// Where pictures are kept.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages")
}

const WIDER: &str = r"
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
        .map(one => one.outerHTML.slice(0, 120));
";
/// Links within a sentence may be as high as its lines, and what only the keyboard reaches is not touched.
const SMALL: &str = r"
    const inSentence = one => one.tagName === 'A' && getComputedStyle(one).display === 'inline';
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea, select, summary')]
        .filter(one => one.checkVisibility() && !inSentence(one))
        .filter(one => { const { width, height, bottom } = one.getBoundingClientRect();
            return bottom + scrollY > 0 && (width < 24 || height < 24); })
        .map(one => one.outerHTML.slice(0, 120));
";

#[test]
fn what_is_wrong_is_seen() {
    let page = "data:text/html,<!doctype html><html lang=ja><title>x</title><meta name=viewport content=width=device-width>\
                <main><h1>x</h1><div style=width:400px>wide</div><button style=width:20px;padding:0>x</button></main>";
    let browser = Browser::start();
    browser.open(page);
    browser.screen(NARROW);
    assert_eq!((scrolled(&browser).len(), small(&browser).len()), (1, 1));
    browser.screen(DESKTOP);
    assert_eq!(scrolled(&browser).len(), 0);
}
