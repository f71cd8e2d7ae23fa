//! The desktop application: windows over one core. Knows nothing of documents.

mod assets;
mod commands;
mod linux;
mod window;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tauri::App;
use tideline_client::Core;

use crate::stop::StopSignals;
use crate::with_core;
use window::Windows;

/// Shows the first window and returns when the last one is closed and everything is on disk.
///
/// # Errors
/// When there is no display, or the data folder cannot be opened.
pub fn run(data: PathBuf) -> Result<()> {
    linux::prepare_display()?;
    let webview_data = data.join("webview");
    with_core(data, |core| show(core.clone(), &webview_data))
}

fn show(core: Core, webview_data: &Path) -> Result<()> {
    let mut context = tauri::generate_context!();
    context.set_assets(Box::new(assets::Interface));
    let app = tauri::Builder::default()
        .manage(Windows::new(core, webview_data.to_owned()))
        .invoke_handler(tauri::generate_handler![
            commands::attach,
            commands::command,
            commands::open_window
        ])
        .on_window_event(window::on_event)
        .setup(|app| Ok(prepare(app)?))
        .build(context)
        .context("the desktop window cannot be prepared")?;
    app.run_return(|_, _| {});
    Ok(())
}

fn prepare(app: &mut App) -> Result<()> {
    window::open(app.handle(), None)?;
    let handle = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(mut signals) = StopSignals::listen() {
            signals.received().await;
            window::close_all(&handle);
        }
    });
    Ok(())
}
