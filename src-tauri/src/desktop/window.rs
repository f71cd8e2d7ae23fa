//! Windows: each shows the interface and holds one connection to the core, which ends with it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
};
use tideline_client::protocol::{Command, Message};
use tideline_client::{Core, Interface};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{link, linux};
use crate::interface::INDEX;

/// What a window shows is kept in the setting of that name, followed by the window's own.
const WINDOW_SETTING: &str = "window.";
const TITLE: &str = "Tideline";
/// The name of the first window; the others are made up.
pub const FIRST: &str = "main";
const OTHERS: &str = "window-";
const NAME_LENGTH_MAX: usize = 40;
const SIZE_PX: (f64, f64) = (1200.0, 800.0);
/// What a page that goes away hears in any browser.
const GOODBYE: &str = "window.dispatchEvent(new Event('pagehide'))";
const GOODBYE_MAX: Duration = Duration::from_secs(1);
const SIZE_MIN_PX: (f64, f64) = (420.0, 320.0);

/// The connections of the open windows, by window label.
pub struct Windows {
    core: Core,
    webview_data: PathBuf,
    interfaces: Mutex<HashMap<String, Interface>>,
    /// Windows that wait for their page before they close, and whether all were asked to then.
    closing: Mutex<HashMap<String, bool>>,
    /// All windows are being closed: each is to be opened again at the next start.
    ending: AtomicBool,
}

impl Windows {
    pub fn new(core: Core, webview_data: PathBuf) -> Self {
        Self {
            core,
            webview_data,
            interfaces: Mutex::default(),
            closing: Mutex::default(),
            ending: AtomicBool::new(false),
        }
    }

    /// Connects the window of that label, anew if it was connected.
    pub fn attach(&self, label: &str) -> UnboundedReceiver<Message> {
        let (interface, messages) = self.core.attach();
        self.interfaces().insert(label.to_owned(), interface);
        messages
    }

    /// Says whether that window is connected.
    pub fn send(&self, label: &str, command: Command) -> bool {
        match self.interfaces().get(label) {
            Some(interface) => {
                interface.send(command);
                true
            }
            None => false,
        }
    }

    /// Whether this is the first that is heard of the window's closing.
    fn begins_closing(&self, label: &str) -> bool {
        let ending = self.ending.load(Ordering::Relaxed);
        match self.closing().entry(label.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(ending);
                true
            }
        }
    }

    /// A window that was closed while others stay is not opened again at the next start. What counts
    /// is when it was asked to: the end may come while its page still says goodbye.
    fn closed(&self, label: &str) {
        let asked = self.closing().remove(label);
        let ending = asked.unwrap_or_else(|| self.ending.load(Ordering::Relaxed));
        let mut interfaces = self.interfaces();
        let Some(interface) = interfaces.remove(label) else {
            return;
        };
        if !interfaces.is_empty() && !ending {
            let name = format!("{WINDOW_SETTING}{label}");
            let value = serde_json::Value::Null;
            interface.send(Command::SetSetting { name, value });
        }
    }

    fn interfaces(&self) -> MutexGuard<'_, HashMap<String, Interface>> {
        self.interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn closing(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name that no window has had.
pub fn new_name() -> String {
    format!("{OTHERS}{:08x}", rand::random::<u32>())
}

/// Whether the interface may give a window this name: it is part of an address.
pub fn is_name(name: &str) -> bool {
    name.len() <= NAME_LENGTH_MAX
        && name.strip_prefix(OTHERS).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Opens a window of that name, or shows the one that has it.
///
/// # Errors
/// When the system gives no window.
pub fn open(app: &AppHandle, name: &str) -> Result<()> {
    if let Some(open) = app.get_webview_window(name) {
        return open.set_focus().context("the window cannot be shown");
    }
    let windows = app.state::<Windows>();
    let (width, height) = SIZE_PX;
    let (width_min, height_min) = SIZE_MIN_PX;
    // The interface reads from the fragment which window it is, and so what it showed last.
    let page = WebviewUrl::App(format!("{INDEX}#window={name}").into());
    let window = WebviewWindowBuilder::new(app, name, page)
        .title(TITLE)
        .inner_size(width, height)
        .min_inner_size(width_min, height_min)
        .data_directory(windows.webview_data.clone())
        .disable_drag_drop_handler()
        .on_navigation(|url| is_own_page(url) || refuse(url))
        .on_new_window(|url, _| {
            refuse(&url);
            NewWindowResponse::Deny
        })
        .on_document_title_changed(|window, title| {
            let _ = window.set_title(if title.is_empty() { TITLE } else { &title });
        })
        .build()
        .context("the system gave no window; every document is safe on disk")?;
    linux::enable_writing(&window);
    Ok(())
}

/// No page but our own is shown here: an address of the web goes to the system's browser.
fn refuse(url: &Url) -> bool {
    if let Err(error) = link::open(url.as_str()) {
        tracing::warn!(%error, "an address was not opened");
    }
    false
}

fn is_own_page(url: &Url) -> bool {
    matches!(
        (url.scheme(), url.host_str()),
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost"))
    )
}

pub fn on_event(window: &Window, event: &WindowEvent) {
    let windows = window.state::<Windows>();
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            if let Some(page) = window.get_webview_window(window.label())
                && windows.begins_closing(page.label())
                && say_goodbye(&page).is_ok()
            {
                api.prevent_close();
            }
        }
        WindowEvent::Destroyed => windows.closed(window.label()),
        _ => {}
    }
}

/// Asks all windows to close, and with the last one the application ends.
pub fn close_all(app: &AppHandle) {
    app.state::<Windows>().ending.store(true, Ordering::Relaxed);
    for window in app.webview_windows().into_values() {
        if let Err(error) = window.close() {
            tracing::warn!(%error, "a window could not be asked to close");
        }
    }
}

/// Lets the page hand over what was typed in the last frame, then closes its window. A page that
/// does not answer is closed all the same.
fn say_goodbye(page: &WebviewWindow) -> tauri::Result<()> {
    let answered = page.clone();
    page.eval_with_callback(GOODBYE, move |_| close(&answered))?;
    let silent = page.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(GOODBYE_MAX).await;
        close(&silent);
    });
    Ok(())
}

fn close(page: &WebviewWindow) {
    if let Err(error) = page.destroy() {
        tracing::debug!(%error, "a window was closed already");
    }
}

#[cfg(test)]
mod tests {
    use tideline_client::{CoreConfig, MissingFolder};

    use super::*;

    #[test]
    fn a_window_that_was_closed_before_the_end_is_forgotten_and_one_that_the_end_closed_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_owned();
        let missing = MissingFolder::Create;
        let core = Core::start(CoreConfig { data, missing }).expect("a core");
        let windows = Windows::new(core.clone(), folder.path().join("web"));
        let mut first = windows.attach(FIRST);
        let (closed, ended) = ("window-a", "window-b");
        let _messages = [closed, ended].map(|label| {
            let messages = windows.attach(label);
            let name = format!("{WINDOW_SETTING}{label}");
            let value = serde_json::json!({ "sidebar": true });
            assert!(windows.send(label, Command::SetSetting { name, value }));
            messages
        });

        assert!(windows.begins_closing(closed));
        windows.ending.store(true, Ordering::Relaxed);
        assert!(!windows.begins_closing(closed), "it waits for its page");
        assert!(windows.begins_closing(ended));
        windows.closed(closed);
        windows.closed(ended);

        assert!(windows.send(FIRST, Command::Hello));
        let kept = loop {
            if let Message::Boot { settings, .. } = first.blocking_recv().expect("a message") {
                break settings;
            }
        };
        let is_kept = |label| kept.contains_key(&format!("{WINDOW_SETTING}{label}"));
        assert_eq!([closed, ended].map(is_kept), [false, true]);
        core.stop().expect("everything is on disk");
    }

    #[test]
    fn a_window_has_a_name_that_is_safe_in_an_address() {
        assert!(is_name(&new_name()));
        for bad in [
            "main",
            "window-",
            "window-a&document=x",
            "window-é",
            "other-1",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(!is_name(&format!("window-{}", "a".repeat(NAME_LENGTH_MAX))));
    }
}
