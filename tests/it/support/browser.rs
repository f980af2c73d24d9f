//! A real Chromium for the tests that read like a story, driven through chromedriver, with and without script.
//!
//! One chromedriver per process, started by the first test that needs it; it ends with the process, whatever ends that.
//! Each `Browser` is a session with a profile of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

use super::left_out;

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

    /// Keeps a picture of the window as `target/tmp/screenshots/NAME.png`.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}.png"));
        self.driver.screenshot(&file).await.expect("a picture of the window");
        file
    }

    /// Closes the window. A test that fails before is tidied up after, a little slower.
    pub async fn close(self) {
        self.driver.quit().await.expect("the browser closes");
    }
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
