//! Everything that the page in a window may ask of the shell: a connection to the core, a command to
//! it, another window, an address for the system's browser. The list is repeated in `build.rs` and `capabilities/window.json`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands its commands their arguments by value"
)]

use anyhow::Result;
use serde::Serialize;
use tauri::{AppHandle, State, WebviewWindow};
use tideline_client::protocol::{Command, Message};
use tokio::sync::mpsc::UnboundedReceiver;

use super::link;
use super::window::{self, Windows};

/// Connects a window to the core. Repeated when the page is loaded again: the connection before it
/// ends then, and its panels with it. What was on its way to the page before, `page` tells apart.
#[tauri::command]
pub fn attach(window: WebviewWindow, windows: State<'_, Windows>, page: u64) {
    let messages = windows.attach(window.label());
    tauri::async_runtime::spawn(forward(messages, window, page));
}

/// Runs on the main thread, so commands arrive in the order in which they were sent.
#[tauri::command]
pub fn command(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    command: Command,
) -> Result<(), &'static str> {
    if windows.send(window.label(), command) {
        Ok(())
    } else {
        Err("This window is not connected to Tideline. Close it and open another one.")
    }
}

#[tauri::command]
pub async fn open_window(app: AppHandle, name: String) -> Result<(), String> {
    if !window::is_name(&name) {
        return Err("A window cannot have this name.".to_owned());
    }
    window::open(&app, &name).map_err(|error| format!("{error:#}"))
}

/// Opens an address of the web or of mail in the program that the system has for it.
#[tauri::command]
pub fn open_link(address: String) -> Result<(), String> {
    link::open(&address).map_err(|error| error.to_string())
}

/// What a page is told at once.
#[derive(Serialize)]
struct Told {
    page: u64,
    messages: Vec<Message>,
}

async fn forward(mut coming: UnboundedReceiver<Message>, window: WebviewWindow, page: u64) {
    while let Some(message) = coming.recv().await {
        let mut messages = vec![message];
        while let Ok(message) = coming.try_recv() {
            messages.push(message);
        }
        if tell(&window, &Told { page, messages }).is_err() {
            return;
        }
    }
}

/// Hands messages to the page as a program of one call, whose argument the engine reads as fast as
/// JSON. Tauri's own channel has the page fetch what is long, in pieces of eight kilobytes.
fn tell(window: &WebviewWindow, told: &Told) -> Result<()> {
    let told = serde_json::to_string(told)?;
    window.eval(format!("tellTideline({told})"))?;
    Ok(())
}
