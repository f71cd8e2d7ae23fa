//! The path a document is exported to: its folder, and a name that every system can hold.
//! Knows nothing of disks: which paths are taken, the caller says.

use std::collections::HashSet;
use std::hash::BuildHasher;

use tideline_model::{Outline, Value};

/// The document property that keeps a file's name when its title does not give it.
pub(crate) const FILE_NAME: &str = "file-name";

/// What the names of text files end with; the first is what a new file gets.
const ENDINGS: [&str; 5] = [".md", ".markdown", ".mdown", ".mkd", ".txt"];
const UNTITLED: &str = "Untitled";
/// Systems hold 255 bytes; a number and an ending are put behind.
const NAME_BYTES_MAX: usize = 200;
/// Names of devices on Windows, whatever stands behind their first dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// The paths given out in one export, so that no document lands on another: not on systems that
/// take upper and lower case for the same, either.
#[derive(Debug, Clone, Default)]
pub struct FileNames {
    taken: HashSet<String>,
}

impl FileNames {
    /// A path for `outline` that was not given out before.
    pub fn claim(&mut self, outline: &Outline) -> String {
        let path = file_name(outline, &self.taken);
        self.taken.insert(path.to_lowercase());
        path
    }
}

/// The path for `outline`, relative to the folder that is exported to, with `/` between its parts.
///
/// It never leads out of that folder, whatever title and folder say. `taken` holds paths in lower
/// case; a number is added to the name until it is not among them.
pub fn file_name<S: BuildHasher>(outline: &Outline, taken: &HashSet<String, S>) -> String {
    let folder = safe_folder(&outline.folder);
    let name = name_of(outline);
    let (stem, ending) = split_ending(&name).unwrap_or((&name, ENDINGS[0]));
    let numbered = (2_u64..).map(|number| format!("{folder}{stem} {number}{ending}"));
    let is_free = |path: &String| !taken.contains(path) && !taken.contains(&path.to_lowercase());
    std::iter::once(format!("{folder}{name}"))
        .chain(numbered)
        .find(is_free)
        .unwrap_or_else(|| unreachable!("a set that holds every number does not fit in memory"))
}

/// The property that keeps the name of the file at `path`, if `title` does not give it.
pub(crate) fn property_for(path: &str, title: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if name.is_empty() || name == name_from_title(title) {
        return None;
    }
    let stem = name
        .strip_suffix(ENDINGS[0])
        .filter(|stem| with_ending(stem) == name);
    Some(stem.unwrap_or(name).to_owned())
}

/// Whether the file's name alone makes an import find this property.
pub(crate) fn is_told_by_name(property: &str, title: &str) -> bool {
    let name = with_ending(property);
    safe_name(&name).as_deref() == Some(&name)
        && property_for(&name, title).as_deref() == Some(property)
}

/// The folder of the file at `path`, as an outline holds it.
pub(crate) fn folder_of(path: &str) -> String {
    let (folder, _) = path.rsplit_once(['/', '\\']).unwrap_or_default();
    let parts = folder
        .split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

fn name_of(outline: &Outline) -> String {
    let kept = outline
        .properties
        .iter()
        .find_map(|(name, value)| match value {
            Value::Text(text) if name == FILE_NAME => safe_name(&with_ending(text)),
            _ => None,
        });
    kept.unwrap_or_else(|| name_from_title(&outline.title))
}

fn name_from_title(title: &str) -> String {
    let stem = safe_name(title).unwrap_or_else(|| UNTITLED.to_owned());
    stem + ENDINGS[0]
}

fn with_ending(name: &str) -> String {
    if split_ending(name).is_some() {
        name.to_owned()
    } else {
        format!("{name}{}", ENDINGS[0])
    }
}

fn split_ending(name: &str) -> Option<(&str, &'static str)> {
    let split = |ending: &&'static str| Some((name.strip_suffix(*ending)?, *ending));
    ENDINGS
        .iter()
        .find_map(split)
        .filter(|(stem, _)| !stem.is_empty())
}

fn safe_folder(folder: &str) -> String {
    folder
        .split('/')
        .filter_map(safe_name)
        .map(|part| part + "/")
        .collect()
}

/// `name` without what any system refuses or takes for something else, unless nothing is left.
fn safe_name(name: &str) -> Option<String> {
    let replaced: String = name.chars().map(safe_character).collect();
    let trimmed = replaced.trim().trim_start_matches('.').trim_start();
    let ending = split_ending(trimmed).map_or("", |(_, ending)| ending);
    let stem = cut(&trimmed[..trimmed.len() - ending.len()]);
    let stem = stem.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    if stem.is_empty() {
        return None;
    }
    let mark = if is_device(stem) { "_" } else { "" };
    let (base, behind) = stem.split_at(stem.find('.').unwrap_or(stem.len()));
    Some(format!("{base}{mark}{behind}{ending}"))
}

fn safe_character(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '-',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    }
}

fn is_device(stem: &str) -> bool {
    let base = stem
        .split('.')
        .next()
        .unwrap_or(stem)
        .trim_end()
        .to_lowercase();
    let mut chars = base.chars();
    let number = chars.next_back();
    DEVICES.contains(&base.as_str())
        || (NUMBERED_DEVICES.contains(&chars.as_str())
            && number.is_some_and(|number| "0123456789¹²³".contains(number)))
}

fn cut(name: &str) -> &str {
    let fits = |&(at, c): &(usize, char)| at + c.len_utf8() <= NAME_BYTES_MAX;
    let end = name.char_indices().take_while(fits).last();
    end.map_or("", |(at, c)| &name[..at + c.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folder: &str, title: &str, path: &str) {
        let outline = Outline {
            title: title.into(),
            folder: folder.into(),
            ..Outline::default()
        };
        assert_eq!(file_name(&outline, &HashSet::new()), path);
    }

    #[test]
    fn a_path_never_leaves_the_folder() {
        check("../..//etc/.", "../passwd", "etc/-passwd.md");
        check("C:\\x", "/root", "C--x/-root.md");
        check("", "..", "Untitled.md");
        check("a/ /b", "\u{0}x\ny", "a/b/x y.md");
    }

    #[test]
    fn names_that_a_system_keeps_for_itself_are_changed() {
        check("", "con", "con_.md");
        check("aux", "Com1.notes", "aux_/Com1_.notes.md");
        check("", "trailing. .", "trailing.md");
        check("", "what: \"this\"?", "what- -this--.md");
        check("", ".hidden", "hidden.md");
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        check("", &"é".repeat(300), &format!("{}.md", "é".repeat(100)));
    }

    #[test]
    fn two_documents_never_get_one_path() {
        let mut names = FileNames::default();
        let outline = |title: &str| Outline {
            title: title.into(),
            ..Outline::default()
        };
        assert_eq!(names.claim(&outline("Plan")), "Plan.md");
        assert_eq!(names.claim(&outline("plan")), "plan 2.md");
        assert_eq!(names.claim(&outline("Plan 2")), "Plan 2 2.md");
    }

    #[test]
    fn the_name_of_an_imported_file_is_kept() {
        for name in ["ch01.md", "spec.txt", "a.txt.md", "x.y.md"] {
            let property = property_for(name, "Title").expect("differs from the title");
            assert!(is_told_by_name(&property, "Title"));
            let properties = vec![(FILE_NAME.to_owned(), Value::Text(property))];
            let outline = Outline {
                title: "Title".into(),
                properties,
                ..Outline::default()
            };
            assert_eq!(file_name(&outline, &HashSet::new()), name);
        }
        assert_eq!(property_for("folder/Title.md", "Title"), None);
    }
}
