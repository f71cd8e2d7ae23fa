//! Checks that the interface was built, and prepares the desktop shell when it is part of the build.

use std::path::Path;

const INTERFACE: &str = "../ui/dist";

fn main() {
    println!("cargo::rerun-if-changed={INTERFACE}");
    if !Path::new(INTERFACE).join("index.html").is_file() {
        println!(
            "cargo::error=the interface is not built: ui/dist/index.html is missing. \
             Run `./dev build`, or `npm ci && npm run build` in ui, and build again"
        );
        return;
    }
    prepare_desktop();
}

/// Every command a window may call is named here and in `capabilities/window.json`; nothing else
/// can be called.
#[cfg(feature = "desktop")]
fn prepare_desktop() {
    let manifest = tauri_build::AppManifest::new().commands(&[
        "attach",
        "command",
        "open_window",
        "open_link",
    ]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=the desktop shell cannot be prepared: {error:#}");
    }
}

#[cfg(not(feature = "desktop"))]
fn prepare_desktop() {}
