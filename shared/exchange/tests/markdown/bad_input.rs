//! Files that are damaged, or larger and deeper than anybody writes by hand.

use tideline_exchange::{ImportError, export_markdown, import_markdown};
use tideline_model::{Kind, Outline, OutlineLine};

use crate::support::{check_round_trip, import, show};

fn refuse(bytes: &[u8]) -> ImportError {
    import_markdown("folder/x.md", bytes).expect_err("these bytes are no text")
}

#[test]
fn a_binary_file_is_refused_with_the_place_and_what_to_do() {
    let error = refuse(b"GIF89a\0\xff");
    assert_eq!(
        error,
        ImportError::Binary {
            path: "folder/x.md".into(),
            at: 6
        }
    );
    for part in [
        "folder/x.md",
        "byte 6",
        "Nothing was imported",
        "import it again",
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn invalid_utf8_is_refused_with_the_place_and_what_to_do() {
    let error = refuse(
        "gr\u{fc}n "
            .as_bytes()
            .iter()
            .chain(b"gr\xfcn")
            .copied()
            .collect::<Vec<_>>()
            .as_slice(),
    );
    assert_eq!(
        error,
        ImportError::NotUtf8 {
            path: "folder/x.md".into(),
            at: 8,
            byte: 0xfc
        }
    );
    for part in ["byte 8 (0xfc)", "Nothing was imported", "Save it as UTF-8"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn utf16_is_named_for_what_it_is() {
    assert_eq!(
        refuse(b"\xff\xfea\0"),
        ImportError::Utf16 {
            path: "folder/x.md".into()
        }
    );
}

#[test]
fn a_byte_order_mark_and_all_line_ends_are_accepted() {
    let expected = show(&import("# a\n\nb\nc\n").outline.lines);
    for source in ["\u{feff}# a\r\n\r\nb\r\nc\r\n", "# a\r\rb\rc"] {
        assert_eq!(show(&import(source).outline.lines), expected);
    }
}

#[test]
fn an_empty_file_is_an_empty_document() {
    let outline = import("").outline;
    assert_eq!((outline.title.as_str(), outline.lines.len()), ("note", 0));
    assert_eq!(show(&import("\n \n\n").outline.lines), "");
}

#[test]
fn a_line_of_ten_megabytes_is_one_line() {
    let words = "*some* `words` [and](more) <b> & \\ ";
    let source = words.repeat(10_000_000 / words.len());
    let import = import(&source);
    assert_eq!(import.outline.lines.len(), 1);
    assert!(
        import.outline.lines[0].text == source,
        "the text is as it was"
    );
    assert!(export_markdown(&import.outline).ends_with(&(source + "\n")));
}

/// Deeper than a stack of frames would hold in the half megabyte that the tests below allow.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(test);
    let finished = thread.expect("a thread can be started").join();
    if let Err(panic) = finished {
        std::panic::resume_unwind(panic);
    }
}

/// Each line below the one before, of these kinds in turn.
fn nested(depth: u32, kinds: &[Kind]) -> Outline {
    let lines = (0..depth).map(|depth| OutlineLine {
        depth,
        kind: kinds[depth as usize % kinds.len()].clone(),
        text: format!("line {depth}"),
        ..OutlineLine::default()
    });
    Outline {
        title: "Deep".into(),
        lines: lines.collect(),
        ..Outline::default()
    }
}

/// List items, each in the one before.
fn stairs(levels: usize, marker: &str) -> String {
    let mut source = String::new();
    for level in 0..levels {
        source.extend([&" ".repeat(level * marker.len()), marker, "item\n"]);
    }
    source
}

fn deepest(outline: &Outline) -> u32 {
    outline
        .lines
        .iter()
        .map(|line| line.depth)
        .max()
        .unwrap_or_default()
}

#[test]
fn two_hundred_levels_of_every_nesting_come_in_and_back() {
    on_a_small_stack(|| {
        let lists = stairs(200, "- ");
        let numbered = stairs(200, "1. ");
        let quotes = format!("{}quote\n", "> ".repeat(200));
        for source in [lists, numbered, quotes] {
            let outline = import(&source).outline;
            assert!(deepest(&outline) == 199, "{}", deepest(&outline));
            check_round_trip(&outline);
        }
    });
}

#[test]
fn two_hundred_levels_of_kinds_in_turn_come_back() {
    on_a_small_stack(|| {
        let kinds = [Kind::Quote, Kind::Bullet, Kind::Text, Kind::Numbered];
        check_round_trip(&nested(200, &kinds));
    });
}

#[test]
fn outlines_deeper_than_markdown_can_hold_come_back() {
    on_a_small_stack(|| {
        let kinds = [
            Kind::Text,
            Kind::Bullet,
            Kind::Quote,
            Kind::Code,
            Kind::Heading(2),
        ];
        let outline = nested(2000, &kinds);
        assert!(
            export_markdown(&outline).len() < 2_000_000,
            "the file does not grow with the square"
        );
        check_round_trip(&outline);
    });
}

#[test]
fn nesting_that_only_an_attack_has_is_bounded() {
    on_a_small_stack(|| {
        let quotes = format!("{}\n{}", ">".repeat(100_000), "a\n".repeat(1000));
        let outline = import(&quotes).outline;
        assert!(deepest(&outline) < 300, "{}", deepest(&outline));
        let markers = import(&"- ".repeat(100_000)).outline;
        assert!(deepest(&markers) < 300);
        assert_eq!(deepest(&import(&stairs(1500, "- ")).outline), 1499);
    });
}
