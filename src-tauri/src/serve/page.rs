//! Answers requests for the files of the interface.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::interface;

pub async fn show(uri: Uri) -> Response {
    match interface::file(uri.path().trim_start_matches('/')) {
        Some(file) => ([(header::CONTENT_TYPE, file.media_type)], file.bytes).into_response(),
        None => (StatusCode::NOT_FOUND, "Tideline has no such page.\n").into_response(),
    }
}
