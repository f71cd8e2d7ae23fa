//! What Linux needs before and behind a window: a display, a renderer that does not crash, input
//! methods and spell checking.

use std::env;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use gtk::glib;
use tauri::WebviewWindow;
use webkit2gtk::{InputMethodContextExt, WebContext, WebContextExt, WebViewExt};

use crate::display;

/// Reading dictionaries takes as long as a page: the first lines are there before.
const SPELLING_AFTER: Duration = Duration::from_millis(1500);

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
/// threads: nothing has been started yet.
fn settle_renderer() -> Result<()> {
    for (name, value) in
        display::renderer_settings(|name| env::var_os(name).is_some(), Path::exists)
    {
        glib::setenv(name, value, false)
            .with_context(|| format!("the display's setting {name} cannot be made"))?;
    }
    Ok(())
}

/// Switches on what wry leaves off: text in the making shown by input methods, and spell checking
/// in the user's languages.
pub fn enable_writing(window: &WebviewWindow) {
    let enabled = window.with_webview(move |webview| {
        let view = webview.inner();
        if let Some(input) = view.input_method_context() {
            input.set_enable_preedit(true);
        }
        if let Some(context) = view.context() {
            glib::timeout_add_local_once(SPELLING_AFTER, move || check_spelling(&context));
        }
    });
    if let Err(error) = enabled {
        tracing::warn!(%error, "input methods and spell checking keep the system's settings");
    }
}

/// Reads the dictionaries, once for all windows.
fn check_spelling(context: &WebContext) {
    if context.is_spell_checking_enabled() {
        return;
    }
    let languages = display::languages(|name| env::var(name).ok());
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    context.set_spell_checking_languages(&languages);
    context.set_spell_checking_enabled(true);
}
