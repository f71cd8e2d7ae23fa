//! Decides what to tell the web engine about this machine. Pure: the machine is passed in.

use std::path::Path;

const DMABUF_OFF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
const SHARED_MEMORY: &str = "WEBKIT_DMABUF_RENDERER_FORCE_SHM";

/// Any of these set means that the user chose.
const CHOSEN: [&str; 2] = [DMABUF_OFF, SHARED_MEMORY];

const NVIDIA: &str = "/proc/driver/nvidia/version";

/// Render nodes are numbered from 128; a machine with more than this many GPUs has one among them.
const RENDER_NODES: std::ops::Range<u32> = 128..136;

/// Environment variables to start with; none when the web engine does well by itself or the user chose.
///
/// Without a GPU its buffers on the GPU are slow and crash; with NVIDIA's driver they must
/// live in shared memory.
pub fn renderer_settings(
    is_set: impl Fn(&str) -> bool,
    exists: impl Fn(&Path) -> bool,
) -> Vec<(&'static str, &'static str)> {
    let has_gpu = || {
        RENDER_NODES
            .into_iter()
            .any(|node| exists(&render_node(node)))
    };
    if CHOSEN.into_iter().any(is_set) {
        Vec::new()
    } else if exists(Path::new(NVIDIA)) {
        vec![(SHARED_MEMORY, "1")]
    } else if has_gpu() {
        Vec::new()
    } else {
        vec![(DMABUF_OFF, "1")]
    }
}

fn render_node(number: u32) -> std::path::PathBuf {
    Path::new("/dev/dri").join(format!("renderD{number}"))
}

/// The languages to check spelling in, as `de_AT`, best first: the user's, or English.
pub fn languages(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    let list = set("LANGUAGE").into_iter().chain(locale);
    let mut languages: Vec<String> = Vec::new();
    for name in list.flat_map(|list| list.split(':').map(language).collect::<Vec<_>>()) {
        if let Some(name) = name.filter(|name| !languages.contains(name)) {
            languages.push(name);
        }
    }
    if languages.is_empty() {
        languages.push("en_US".to_owned());
    }
    languages
}

/// `de_AT.UTF-8@euro` is `de_AT`; `C` and `POSIX` are no languages.
fn language(locale: &str) -> Option<String> {
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    let is_language = !matches!(name, "" | "C" | "POSIX");
    is_language.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(set: &[&str], files: &[&str]) -> Vec<(&'static str, &'static str)> {
        renderer_settings(
            |name| set.contains(&name),
            |path| files.iter().any(|file| Path::new(file) == path),
        )
    }

    #[test]
    fn without_a_gpu_the_gpu_renderer_is_off() {
        assert_eq!(settings(&[], &[]), [(DMABUF_OFF, "1")]);
    }

    #[test]
    fn with_a_gpu_webkit_decides() {
        assert_eq!(settings(&[], &["/dev/dri/renderD129"]), []);
    }

    #[test]
    fn with_nvidia_buffers_live_in_shared_memory() {
        let files = [NVIDIA, "/dev/dri/renderD128"];
        assert_eq!(settings(&[], &files), [(SHARED_MEMORY, "1")]);
    }

    #[test]
    fn what_the_user_chose_stays() {
        for chosen in CHOSEN {
            assert_eq!(settings(&[chosen], &[]), []);
            assert_eq!(settings(&[chosen], &[NVIDIA]), []);
        }
    }

    fn check_languages(variables: &[(&str, &str)], expected: &[&str]) {
        let found = languages(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn spelling_is_checked_in_the_languages_of_the_user() {
        check_languages(&[("LANG", "de_AT.UTF-8")], &["de_AT"]);
        check_languages(&[("LANG", "C.UTF-8")], &["en_US"]);
        check_languages(&[], &["en_US"]);
        check_languages(
            &[("LANGUAGE", "nl:en"), ("LANG", "nl"), ("LC_ALL", "")],
            &["nl", "en"],
        );
    }
}
