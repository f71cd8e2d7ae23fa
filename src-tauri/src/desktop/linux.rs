//! What Linux needs before and behind a window: a display, a renderer that does not crash, input
//! methods and spell checking.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, anyhow, bail};
use tauri::WebviewWindow;
use webkit2gtk::{InputMethodContextExt, WebContextExt, WebViewExt};

use crate::display;

/// Settles the renderer and reaches the display. Must come before anything else of the desktop.
///
/// # Errors
/// When there is no display.
pub fn prepare_display() -> Result<()> {
    settle_renderer()?;
    gtk::init().map_err(|_| {
        anyhow!(
            "there is no display to open a window on; no document was touched. \
             `tideline serve` offers the same interface to a browser"
        )
    })
}

/// The web engine reads its settings from the environment, which a program may not change once it has
/// threads; so the program starts itself once more with them.
fn settle_renderer() -> Result<()> {
    let settings = display::renderer_settings(|name| env::var_os(name).is_some(), Path::exists);
    if settings.is_empty() {
        return Ok(());
    }
    let mut again = Command::new(env::current_exe()?);
    let mut words = env::args_os();
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    let error = again.args(words).envs(settings).exec();
    bail!("cannot start again with the settings for this display: {error}")
}

/// Switches on what wry leaves off: text in the making shown by input methods, and spell checking
/// in the user's languages.
pub fn enable_writing(window: &WebviewWindow) {
    let languages = display::languages(|name| env::var(name).ok());
    let enabled = window.with_webview(move |webview| {
        let view = webview.inner();
        if let Some(input) = view.input_method_context() {
            input.set_enable_preedit(true);
        }
        if let Some(context) = view.context() {
            let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
            context.set_spell_checking_languages(&languages);
            context.set_spell_checking_enabled(true);
        }
    });
    if let Err(error) = enabled {
        tracing::warn!(%error, "input methods and spell checking keep the system's settings");
    }
}
