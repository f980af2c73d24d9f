//! axe-core in the browser: its script as `tests/run` fetched it, and what it finds on the page that is open.

use std::path::Path;

use answerwell::web::guard::SESSION_COOKIE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thirtyfour::Cookie;

use crate::support::{Browser, Visitor, eventually, left_out};

/// The version, and the SHA-256 of `axe.min.js` in its package.
const PIN: &str = include_str!("axe.pin");
/// What depends on colours: all else was found in the light page already.
const COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];
const WIDE: u32 = 1280;
const PHONE: u32 = 390;

/// Folds everything open, so that all of the page is looked at; of rows that are built alike one stays.
const UNFOLD: &str = "
    document.querySelectorAll('main details').forEach((one) => (one.open = true));
    for (const list of document.querySelectorAll('ol, ul, tbody, select, datalist')) {
        const known = new Set();
        for (const row of [...list.children]) {
            const parts = [row, ...row.querySelectorAll('*')];
            const looks = parts.map((part) => `${part.localName} ${part.getAttribute('class')}`).join();
            if (known.has(looks)) row.remove();
            known.add(looks);
        }
    }";

/// How far the page is wider than its window.
const OVER: &str = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// Lets axe look. A list of faults comes back.
const LOOK: &str = "
    const [options, done] = arguments;
    axe.run(document, { resultTypes: ['violations'], preload: false, iframes: false, ...options }).then(
        ({ violations }) => done(violations.flatMap(({ id, help, nodes }) =>
            nodes.slice(0, 3).map(({ target, html }) => `${id}: ${help}: ${target.join(' ')}: ${html.slice(0, 160)}`))),
        (error) => done([`axe fails: ${error}`]),
    );";

/// Sends the first form that asks for something, empty, as a browser does that does not look at it itself.
const SEND_EMPTY: &str = "
    const form = [...document.querySelectorAll('main form[method=post]')].find((one) => one.querySelector('[required]'));
    form.noValidate = true;
    for (const field of form.elements) if (field.required && field.type !== 'radio') field.value = '';
    form.requestSubmit();";

/// Lets `LOOK` find axe on every page from now on. `None` where it was not fetched, which was then told: the test returns.
pub async fn ready(browser: &Browser, test: &str) -> Option<()> {
    let (version, hash) = PIN.trim().split_once(' ').expect("a version and a hash");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-{version}.min.js"));
    let Ok(script) = std::fs::read_to_string(&file) else {
        left_out(test, &format!("there is no {}; tests/run fetches it", file.display()));
        return None;
    };
    let digest: String = Sha256::digest(script.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, hash, "{} is not what was pinned", file.display());
    browser
        .cdp()
        .send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
        .await
        .expect("a script");
    Some(())
}

/// Lets the window be this person's, or nobody's.
pub async fn become_reader(browser: &Browser, address: &str, who: &Visitor) {
    browser.visit(&format!("{address}/robots.txt")).await;
    browser.delete_all_cookies().await.expect("cookies can be forgotten");
    if let Some(session) = who.cookie(SESSION_COOKIE) {
        let mut cookie = Cookie::new(SESSION_COOKIE, session);
        cookie.path = Some("/".to_owned());
        browser.add_cookie(cookie).await.expect("a cookie");
    }
}

/// What is wrong on the page at this address: light by every rule, dark by those of colours, and too wide for a phone.
pub async fn faults(browser: &Browser, address: &str, place: &str) -> Vec<String> {
    see(browser, "light", WIDE).await;
    browser.visit(&format!("{address}{place}")).await;
    faults_here(browser, place).await
}

/// As [`faults`], of what comes back when the form of that page is sent empty.
pub async fn faults_when_refused(browser: &Browser, address: &str, place: &str) -> Vec<String> {
    see(browser, "light", WIDE).await;
    browser.visit(&format!("{address}{place}")).await;
    browser.execute(SEND_EMPTY, vec![]).await.unwrap_or_else(|error| panic!("{place} has no form to send: {error}"));
    eventually(&format!("the empty form of {place} comes back with problems"), async || {
        let has = "return document.readyState === 'complete' && document.activeElement?.matches('.problems')";
        browser.execute(has, vec![]).await.is_ok_and(|told| told.json().as_bool() == Some(true))
    })
    .await;
    faults_here(browser, &format!("{place}, sent empty")).await
}

/// As [`faults`], of the page as it stands.
pub async fn faults_here(browser: &Browser, name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    see(browser, "light", PHONE).await;
    for folded in ["as it comes", "unfolded"] {
        if folded == "unfolded" {
            browser.execute(UNFOLD, vec![]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let over = browser.execute(OVER, vec![]).await.expect("a page").json().as_i64().unwrap_or_default();
        if over > 0 {
            faults.push(format!("{name}, {folded}: {over} px wider than a phone"));
        }
    }
    for (scheme, options) in [("light", json!({})), ("dark", json!({ "runOnly": COLOURS }))] {
        see(browser, scheme, WIDE).await;
        let told = browser.execute_async(LOOK, vec![options]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let told: Vec<String> = serde_json::from_value(told.json().clone()).expect("a list of faults");
        faults.extend(told.into_iter().map(|fault| format!("{name}, {scheme}: {fault}")));
    }
    faults
}

/// The device has this scheme and a window of this width; nothing moves on it.
async fn see(browser: &Browser, scheme: &str, width: u32) {
    let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
    let features = [feature("prefers-color-scheme", scheme), feature("prefers-reduced-motion", "reduce")];
    let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE });
    for (command, settings) in
        [("Emulation.setEmulatedMedia", json!({ "features": features })), ("Emulation.setDeviceMetricsOverride", size)]
    {
        let _nothing: Value = browser.cdp().send_raw(command, settings).await.expect("a setting of the window");
    }
}
