//! Windows: each shows the interface and holds one connection to the core, which ends with it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
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

use super::linux;
use crate::interface::INDEX;

const TITLE: &str = "Tideline";
const FIRST: &str = "main";
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
    /// Labels of windows that wait for their page before they close.
    closing: Mutex<HashSet<String>>,
    opened: AtomicU32,
}

impl Windows {
    pub fn new(core: Core, webview_data: PathBuf) -> Self {
        Self {
            core,
            webview_data,
            interfaces: Mutex::default(),
            closing: Mutex::default(),
            opened: AtomicU32::new(0),
        }
    }

    /// The first window has a name of its own, all have one that is never used again.
    fn next_label(&self) -> String {
        match self.opened.fetch_add(1, Ordering::Relaxed) {
            0 => FIRST.to_owned(),
            number => format!("window-{}", number + 1),
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

    fn interfaces(&self) -> MutexGuard<'_, HashMap<String, Interface>> {
        self.interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn closing(&self) -> MutexGuard<'_, HashSet<String>> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a window, on `document` when one is named.
///
/// # Errors
/// When the system gives no window.
pub fn open(app: &AppHandle, document: Option<&str>) -> Result<()> {
    let windows = app.state::<Windows>();
    let (width, height) = SIZE_PX;
    let (width_min, height_min) = SIZE_MIN_PX;
    let window = WebviewWindowBuilder::new(app, windows.next_label(), page(document))
        .title(TITLE)
        .inner_size(width, height)
        .min_inner_size(width_min, height_min)
        .data_directory(windows.webview_data.clone())
        .disable_drag_drop_handler()
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_document_title_changed(|window, title| {
            let _ = window.set_title(if title.is_empty() { TITLE } else { &title });
        })
        .build()
        .context("the system gave no window; every document is safe on disk")?;
    linux::enable_writing(&window);
    Ok(())
}

/// The interface reads the document to open from the fragment.
fn page(document: Option<&str>) -> WebviewUrl {
    let path = match document {
        Some(document) => format!("{INDEX}#document={document}"),
        None => INDEX.to_owned(),
    };
    WebviewUrl::App(path.into())
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
                && windows.closing().insert(page.label().to_owned())
                && say_goodbye(&page).is_ok()
            {
                api.prevent_close();
            }
        }
        WindowEvent::Destroyed => {
            windows.interfaces().remove(window.label());
            windows.closing().remove(window.label());
        }
        _ => {}
    }
}

/// Asks all windows to close, and with the last one the application ends.
pub fn close_all(app: &AppHandle) {
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
