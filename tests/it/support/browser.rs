//! A real Chromium for the tests that read like a story, driven through chromedriver, with and without script.
//!
//! One chromedriver per process, started by the first test that needs it; it ends with the process, whatever ends that.
//! Each `Browser` is a session with a profile of its own. A story finds what it uses as a person does, by the words that
//! are to be seen; all that it does waits until those words are there.

use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use futures_util::FutureExt;
use tempfile::TempDir;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{
    By, CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities, PageLoadStrategy, WebDriver, WebElement,
};

use super::answer::one_line;
use super::{eventually, left_out};

/// Runs the driver until its own standard input closes, which the system does when the tests are gone.
const UNTIL_WE_END: &str = r#""$0" --port=0 & exec >&-; read -r _; kill $!; wait"#;

const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// A browser window. Everything that thirtyfour's `WebDriver` can do, it can; its errors are for `expect`.
pub struct Browser {
    driver: WebDriver,
    /// The profile, removed when the browser is closed.
    _folder: TempDir,
}

impl std::ops::Deref for Browser {
    type Target = WebDriver;
    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

impl Browser {
    /// Opens a window with script on or off. `None` where Chromium is not installed, which was then told already: the
    /// test returns.
    pub async fn open(javascript: bool) -> Option<Self> {
        Self::open_as(javascript, PageLoadStrategy::Normal).await
    }

    /// Opens a window with script for a story that types keys. Where the driver waits for pages to load, it types a key
    /// once more on the page to which it led; here it waits for none, each key is typed once, and the story waits.
    pub async fn open_for_keys() -> Option<Self> {
        Self::open_as(true, PageLoadStrategy::None).await
    }

    async fn open_as(javascript: bool, waits: PageLoadStrategy) -> Option<Self> {
        static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
        let Some(driver) = DRIVER.get_or_init(Driver::start) else {
            let test = std::thread::current().name().unwrap_or("a browser test").to_owned();
            left_out(&test, "Chromium is not installed");
            return None;
        };
        // The second call finds the first one's provider in place, which is what we want.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().expect("a temporary folder");
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&driver.chromium.to_string_lossy()).expect("a setting");
        wanted.set_page_load_strategy(waits).expect("a setting");
        wanted.add_arg(&format!("--user-data-dir={}", folder.path().display())).expect("a setting");
        for flag in FLAGS {
            wanted.add_arg(flag).expect("a setting");
        }
        if !javascript {
            let prefs = serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
            wanted.add_experimental_option("prefs", prefs).expect("a setting");
        }
        let address = format!("http://127.0.0.1:{}", driver.port);
        let driver = WebDriver::new(address, wanted).await.expect("Chromium starts");
        Some(Self { driver, _folder: folder })
    }

    /// Tells a story in this window, then closes it. Of a story that fails, a picture of the window is kept as
    /// `target/tmp/screenshots/NAME.png`.
    pub async fn tell(self, name: &str, story: impl AsyncFnOnce(&Self)) {
        let told = AssertUnwindSafe(story(&self)).catch_unwind().await;
        if told.is_err() {
            match self.picture(name).await {
                Ok(file) => eprintln!("{name} failed on this page: {}", file.display()),
                Err(error) => eprintln!("{name} failed, and the window gives no picture: {error}"),
            }
        }
        // First of all: a window that is left open by a failure holds up the end of the test.
        self.close().await;
        if let Err(failure) = told {
            resume_unwind(failure);
        }
    }

    async fn picture(&self, name: &str) -> WebDriverResult<PathBuf> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}.png"));
        self.driver.screenshot(&file).await?;
        Ok(file)
    }

    /// Closes the window. A test that fails before is tidied up after, a little slower.
    pub async fn close(self) {
        self.driver.quit().await.expect("the browser closes");
    }
}

/// What a person does at a window.
impl Browser {
    /// Types an address.
    pub async fn visit(&self, address: &str) {
        self.goto(address).await.unwrap_or_else(|error| panic!("{address} does not open: {error}"));
    }

    /// Clicks the link with these words. Where it opens a window of its own, the story goes on there.
    pub async fn follow(&self, words: &str) {
        let link =
            self.seen(&format!("the link {words:?}"), &format!("//a[normalize-space()={}]", quoted(words))).await;
        let opens_window = link.attr("target").await.expect("a link").is_some_and(|target| target == "_blank");
        let before = self.windows().await.expect("windows").len();
        link.click().await.unwrap_or_else(|error| panic!("the link {words:?} cannot be clicked: {error}"));
        if opens_window {
            eventually("the link opens a window", async || {
                self.windows().await.is_ok_and(|windows| windows.len() > before)
            })
            .await;
            let newest = self.windows().await.expect("windows").pop().expect("the new one");
            self.switch_to_window(newest).await.expect("the new window");
        }
    }

    /// Replaces what stands in the field whose label begins with these words.
    pub async fn fill(&self, label: &str, text: &str) {
        let labels = format!("//label[starts-with(normalize-space(),{})]", quoted(label));
        let fields = format!("{labels}//*[self::input or self::textarea]|//*[@id={labels}/@for]");
        let field = self.seen(&format!("the field {label:?}"), &fields).await;
        field.clear().await.unwrap_or_else(|error| panic!("{label:?} cannot be emptied: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{label:?} takes no text: {error}"));
    }

    /// Clicks the button with these words.
    pub async fn press(&self, words: &str) {
        let button = self.button(words).await;
        button.click().await.unwrap_or_else(|error| panic!("the button {words:?} cannot be pressed: {error}"));
    }

    /// Double-clicks the button with these words, as some people do with everything.
    pub async fn press_twice(&self, words: &str) {
        let button = self.button(words).await;
        button.scroll_into_view().await.expect("a button can be scrolled to");
        let clicks = self.action_chain().double_click_element(&button);
        clicks.perform().await.unwrap_or_else(|error| panic!("the button {words:?} cannot be pressed: {error}"));
    }

    /// Opens what is folded under these words.
    pub async fn unfold(&self, words: &str) {
        self.open_summary(words, "").await;
    }

    /// Opens what is folded under these words in the post that holds `text`.
    pub async fn unfold_in(&self, text: &str, words: &str) {
        self.open_summary(words, &format!("//article[contains(normalize-space(),{})]", quoted(text))).await;
    }

    /// All that is to be seen on the page, white space as single spaces.
    pub async fn read(&self) -> String {
        self.read_each("body").await.concat()
    }

    /// What is to be seen in each element of this name.
    pub async fn read_each(&self, tag: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.find_all(By::Tag(tag)).await.expect("a page") {
            texts.push(one_line(&element.text().await.expect("a page that stays")));
        }
        texts
    }

    /// Waits until the page says these words.
    pub async fn expect_text(&self, words: &str) {
        eventually(&format!("the page says {words:?}"), async || self.says(words).await).await;
    }

    /// Loads the page again until it says these words.
    pub async fn reload_until(&self, words: &str) {
        eventually(&format!("the page, loaded again, says {words:?}"), async || {
            self.says(words).await || {
                self.refresh().await.expect("the page loads again");
                false
            }
        })
        .await;
    }

    /// A page that just goes says nothing.
    async fn says(&self, words: &str) -> bool {
        let Ok(page) = self.find(By::Tag("body")).await else { return false };
        page.text().await.is_ok_and(|text| one_line(&text).contains(words))
    }

    async fn button(&self, words: &str) -> WebElement {
        let buttons = format!("//button[normalize-space()={}]", quoted(words));
        self.seen(&format!("the button {words:?}"), &buttons).await
    }

    async fn open_summary(&self, words: &str, place: &str) {
        let summaries = format!("{place}//summary[contains(normalize-space(),{})]", quoted(words));
        let summary = self.seen(&format!("{words:?}, to be opened"), &summaries).await;
        summary.click().await.unwrap_or_else(|error| panic!("{words:?} cannot be opened: {error}"));
    }

    /// The first element of this path that a person sees.
    async fn seen(&self, what: &str, path: &str) -> WebElement {
        let mut found = None;
        eventually(&format!("{what} is to be seen"), async || {
            for element in self.find_all(By::XPath(path)).await.unwrap_or_default() {
                if element.is_displayed().await.is_ok_and(|displayed| displayed) {
                    found = Some(element);
                    break;
                }
            }
            found.is_some()
        })
        .await;
        found.expect("found a moment ago")
    }
}

/// Words as XPath writes them, which knows no escapes.
fn quoted(words: &str) -> String {
    let quote = if words.contains('"') { '\'' } else { '"' };
    assert!(!words.contains(quote), "{words} has both quotes");
    format!("{quote}{words}{quote}")
}

struct Driver {
    chromium: PathBuf,
    port: u16,
    /// Holds the standard input that keeps the driver alive.
    _process: Child,
}

impl Driver {
    /// `None` where Chromium or its driver is not installed.
    fn start() -> Option<Self> {
        let chromium = in_path("chromium").or_else(|| in_path("google-chrome"))?;
        let binary = in_path("chromedriver")?;
        let mut process = Command::new("sh")
            .args(["-c", UNTIL_WE_END])
            .arg(binary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
        });
        Some(Self { chromium, port: port.expect("chromedriver says its port"), _process: process })
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
