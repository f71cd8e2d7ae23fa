//! The desktop application: windows over one core. Knows nothing of documents.

mod assets;
mod commands;
mod link;
mod linux;
mod second_start;
mod window;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tauri::App;
use tideline_client::Core;

use crate::stop::StopSignals;
use crate::with_core;
use second_start::{Door, has_opened_elsewhere};
use window::Windows;

/// Shows the first window, unless the program runs already and opens one there, and returns when the last one is closed and everything is on disk.
///
/// # Errors
/// When there is no display, or the data folder cannot be opened.
pub fn run(data: PathBuf) -> Result<()> {
    if has_opened_elsewhere(&data) {
        return Ok(());
    }
    linux::prepare_display()?;
    let folder = data.clone();
    with_core(data, |core| show(core.clone(), &folder))
}

fn show(core: Core, data: &Path) -> Result<()> {
    let mut context = tauri::generate_context!();
    context.set_assets(Box::new(assets::Interface));
    let app = tauri::Builder::default()
        .manage(Windows::new(core, data.join("webview")))
        .invoke_handler(tauri::generate_handler![
            commands::attach,
            commands::command,
            commands::open_window,
            commands::open_link
        ])
        .on_window_event(window::on_event)
        .setup(|app| Ok(prepare(app)?))
        .build(context)
        .context("the desktop window cannot be prepared")?;
    let handle = app.handle().clone();
    let door = Door::listen(data, move || {
        window::open(&handle, &window::new_name()).is_ok()
    });
    if let Err(error) = &door {
        tracing::warn!(%error, "a second start will not find this program");
    }
    app.run_return(|_, _| {});
    Ok(())
}

fn prepare(app: &mut App) -> Result<()> {
    window::open(app.handle(), window::FIRST)?;
    let handle = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(mut signals) = StopSignals::listen() {
            signals.received().await;
            window::close_all(&handle);
        }
    });
    Ok(())
}
