//! axe-core in the browser: whether a page keeps WCAG 2.2 AA, as far as a program can tell.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::browser::Browser;

/// The rules of WCAG 2.0 to 2.2, A and AA, and what axe recommends beside them.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// Its version and the digest of its package.
const PIN: &str = include_str!("../../axe-core");

static SOURCE: LazyLock<String> = LazyLock::new(|| {
    let path = path();
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; tests/run fetches it", path.display()))
});

/// What axe finds on the page as it is shown now, a sentence each.
pub fn findings(browser: &Browser) -> Vec<String> {
    if browser.script("return typeof axe", &[]) == "undefined" {
        browser.script(&SOURCE, &[]);
    }
    let found = browser.script_async(RUN, &[json!(RULES)]);
    let found = found.as_array().unwrap_or_else(|| panic!("axe did not run: {found}"));
    found.iter().map(|finding| format!("{}: {} ({})", text(finding, 0), text(finding, 1), text(finding, 2))).collect()
}

fn text(finding: &Value, at: usize) -> &str {
    finding[at].as_str().unwrap_or_default()
}

/// Where `tests/run` keeps it.
fn path() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|cache| !cache.is_empty()).map_or_else(home, PathBuf::from);
    let version = PIN.split(' ').next().unwrap();
    cache.join("renkei-tests").join(format!("axe-core-{version}.js"))
}

/// Gives `[rule, what is wanted, where]` for each violation, or what went wrong.
const RUN: &str = r"
    const [tags, done] = arguments;
    const lines = list => list.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => [id, help, html.slice(0, 200)]));
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
        .then(({ violations }) => done(lines(violations)), error => done(String(error)));
";
