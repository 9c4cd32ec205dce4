//! A real browser: headless Chromium, driven through Debian's `ChromeDriver`.

use std::{path::Path, process::Stdio, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{PATIENCE, eventually};

/// A running `ChromeDriver`; stopped when dropped.
#[derive(Debug)]
pub struct Driver {
    address: String,
    _child: Child,
}

impl Driver {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed (Debian's package chromium-driver)");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("it prints text").expect("it says its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { address: format!("http://127.0.0.1:{port}"), _child: child }
    }

    /// Opens a browser of its own, with its own cookies, for one person.
    pub async fn person(&self) -> Person {
        self.person_who_prefers(&[]).await
    }

    /// The same for somebody whose browser is started with further arguments.
    pub async fn person_who_prefers(&self, further: &[&str]) -> Person {
        let profile = tempfile::tempdir().expect("a directory for the profile");
        let mut arguments = vec![
            "--headless=new",
            // Whoever clicks does not wait for a page that glides there.
            "--force-prefers-reduced-motion",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,900",
        ];
        arguments.extend(further);
        let directory = format!("--user-data-dir={}", profile.path().display());
        arguments.push(&directory);
        let options = json!({
            "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" },
        });
        let serde_json::Value::Object(options) = options else { unreachable!("an object was written above") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(options);
        let window =
            builder.connect(&self.address).await.expect("Chromium starts (Debian's package chromium)");
        Person { window, _profile: profile }
    }
}

/// Somebody in front of a browser.
#[derive(Debug)]
pub struct Person {
    /// The browser's window.
    pub window: Client,
    _profile: TempDir,
}

impl Person {
    /// Opens an address.
    pub async fn open(&self, address: &str) {
        self.window.goto(address).await.expect("the address opens");
    }

    /// Follows a one-time sign-in link and sets a password.
    pub async fn sign_in_for_the_first_time(&self, link: &str) {
        self.open(link).await;
        self.fill("password", "seven green umbrellas").await;
        self.click("Set password and sign in").await;
    }

    /// Connects the simulated Zoom on the clinician's own page, which is open.
    pub async fn connect_zoom(&self) {
        self.see("My room").await;
        self.click("Connect Zoom").await;
        self.see("Allow this app to use your Zoom account?").await;
        self.click("Allow").await;
        self.see("connected").await;
    }

    /// What axe-core finds wrong with the page by WCAG 2.2 AA, a line for each.
    pub async fn barriers(&self) -> Vec<String> {
        const AXE: &str = include_str!("../support/axe.min.js");
        self.window.execute(AXE, vec![]).await.expect("axe-core runs");
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(
                found => done(found.violations.map(one => one.id + ' at ' + one.nodes.map(node => node.target).join(', '))),
                error => done(['axe-core failed: ' + error]))";
        let found = self.window.execute_async(script, vec![]).await.expect("axe-core answers");
        serde_json::from_value(found).expect("a list of lines")
    }

    /// By how many pixels the page is wider than its window.
    pub async fn overflow(&self) -> i64 {
        let script = "return document.scrollingElement.scrollWidth - innerWidth";
        self.window.execute(script, vec![]).await.ok().and_then(|wide| wide.as_i64()).unwrap_or(i64::MAX)
    }

    /// How many bytes the page and everything that it loaded take on the way.
    pub async fn weight(&self) -> u64 {
        let script = "return ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
            .reduce((sum, one) => sum + one.encodedBodySize, 0)";
        self.window.execute(script, vec![]).await.ok().and_then(|bytes| bytes.as_u64()).unwrap_or(u64::MAX)
    }

    /// What is in the clipboard, as pasting shows it.
    pub async fn pasted(&self) -> String {
        let make = "const field = document.createElement('textarea'); field.id = 'pasted-here';
            document.body.append(field); field.focus()";
        self.window.execute(make, vec![]).await.expect("a field can be made");
        let field = self.window.find(Locator::Id("pasted-here")).await.expect("the field is there");
        field.send_keys("\u{e009}v\u{e000}").await.expect("the field takes keys");
        let pasted = field.prop("value").await.ok().flatten().unwrap_or_default();
        let drop = "document.getElementById('pasted-here').remove()";
        self.window.execute(drop, vec![]).await.expect("the field can be removed");
        pasted
    }

    /// Waits until the words stand on the page, in any element that is shown.
    pub async fn see(&self, words: &str) {
        let seen = async {
            while !self.text().await.contains(words) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, seen).await.is_err() {
            let (address, text) = (self.address().await, self.text().await);
            panic!("waited in vain for {words:?} at {address}, which says:\n{text}");
        }
    }

    /// Waits until the board's row of somebody shows this state.
    pub async fn see_state(&self, name: &str, state: &str) {
        let script = "return [...document.querySelectorAll('li.row')]
            .filter(row => row.querySelector('.who').innerText.includes(arguments[0]))
            .map(row => row.querySelector('.state .word').innerText.trim()).join('; ')";
        let mut shown = String::new();
        let seen = async {
            loop {
                let states = self.window.execute(script, vec![json!(name)]).await;
                shown = states.ok().and_then(|states| states.as_str().map(str::to_owned)).unwrap_or_default();
                if shown.starts_with(state) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, seen).await.is_ok();
        assert!(in_time, "waited in vain for {name} to be {state:?} on the board, which shows {shown:?}");
    }

    /// What the page says, as a person reads it.
    pub async fn text(&self) -> String {
        let text = self.window.execute("return document.body ? document.body.innerText : ''", vec![]).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits for an element that is shown.
    pub async fn find(&self, css: &str) -> Element {
        eventually(&format!("an element {css}"), async || {
            for element in self.window.find_all(Locator::Css(css)).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    /// Clicks the first shown button or link that says this (as a whole, white space aside).
    pub async fn click(&self, label: &str) {
        let xpath = format!(
            "//*[self::a or self::button or self::summary or @role='menuitem'][normalize-space()={label:?} \
             or @aria-label={label:?}] | //input[@type='submit'][@value={label:?}]"
        );
        eventually(&format!("a button {label:?}"), async || {
            for element in self.window.find_all(Locator::XPath(&xpath)).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) && element.click().await.is_ok() {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// Clicks an element as soon as it can be clicked.
    pub async fn press(&self, css: &str) {
        eventually(&format!("{css} to be clicked"), async || self.find(css).await.click().await.ok()).await;
    }

    /// Types into the field of this name, in place of what stood there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("[name={name:?}]")).await;
        let kind = field.attr("type").await.ok().flatten().unwrap_or_default();
        if matches!(kind.as_str(), "date" | "time" | "datetime-local") {
            // The browser's own pickers take keys in the reader's locale; a value is the same everywhere.
            let element = serde_json::to_value(&field).expect("an element has a reference");
            let script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))";
            self.window.execute(script, vec![element, json!(value)]).await.expect("the field takes a value");
        } else {
            field.clear().await.ok();
            field.send_keys(value).await.expect("the field takes keys");
        }
    }

    /// Chooses an entry of a list by its words.
    pub async fn choose(&self, name: &str, label: &str) {
        let list = self.find(&format!("select[name={name:?}]")).await;
        list.select_by_label(label).await.expect("the list has the entry");
    }

    /// The value of a field.
    pub async fn value(&self, css: &str) -> String {
        self.find(css).await.prop("value").await.ok().flatten().unwrap_or_default()
    }

    /// Where the browser is.
    pub async fn address(&self) -> String {
        self.window.current_url().await.expect("a window has an address").to_string()
    }

    /// Takes a picture of the page.
    pub async fn picture(&self, to: &Path) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let png = self.window.screenshot().await.expect("the browser draws");
        std::fs::write(to, png).expect("the picture is kept");
    }

    /// Takes a picture under this name, when somebody wants to look at pictures: into the directory that
    /// `ANTEROOM_TEST_PICTURES` names.
    pub async fn pictured(&self, name: &str) {
        if let Some(directory) = std::env::var_os("ANTEROOM_TEST_PICTURES") {
            let directory = std::path::PathBuf::from(directory);
            std::fs::create_dir_all(&directory).expect("the directory can be made");
            self.picture(&directory.join(format!("{name}.png"))).await;
        }
    }

    /// Goes to the tab that was opened last.
    pub async fn follow_to_new_tab(&self) {
        let tab = eventually("another tab", async || {
            let tabs = self.window.windows().await.ok()?;
            (tabs.len() > 1).then(|| tabs.last().cloned()).flatten()
        })
        .await;
        self.window.switch_to_window(tab).await.expect("the tab is there");
    }

    /// Closes this tab and goes back to the first.
    pub async fn close_tab(&self) {
        self.window.close_window().await.expect("the tab closes");
        let tabs = self.window.windows().await.expect("there are tabs");
        let first = tabs.into_iter().next().expect("one is left");
        self.window.switch_to_window(first).await.expect("the tab is there");
    }

    /// Closes the browser.
    pub async fn leave(self) {
        self.window.close().await.ok();
    }
}
