//! Whatever an outline holds, Markdown brings it back; whatever a file holds, reading it ends well.

use crate::support::{check_round_trip, import, show};
use proptest::prelude::*;
use tideline_exchange::{export_markdown, import_markdown};
use tideline_model::{Kind, Outline, OutlineLine, TodoState, Value};

/// Pieces that mean something to Markdown, or to Tideline in Markdown.
const PIECES: &[&str] = &[
    "a",
    "word",
    " ",
    "  ",
    "    ",
    "\t",
    "\u{2028}",
    "\u{2028}",
    "\u{2028}  ",
    "\u{2028}\t",
    "\n",
    "\r",
    "\0",
    "é",
    "\u{feff}",
    "\u{a0}",
    "-",
    "--",
    "---",
    "- ",
    "*",
    "**",
    "***",
    "+",
    "+ ",
    "_",
    "___",
    "#",
    "# ",
    "## ",
    "####### ",
    " #",
    ">",
    "> ",
    "```",
    "~~~~",
    "`",
    "1. ",
    "12) ",
    "7",
    "=",
    "===",
    "[ ] ",
    "[x]",
    "[?] ",
    "[a]: b",
    "[^1]: c",
    "[",
    "]",
    "|",
    "|-|",
    "a | b",
    "<",
    "<div>",
    "</div>",
    "<b>",
    "<!--",
    "-->",
    "--\\>",
    "<?",
    "<![CDATA[",
    "<script>",
    "key:: value",
    "tags:: x",
    "::",
    ": ",
    "\\",
    "\\\\",
    "&nbsp;",
    "&#32;",
    "&#9;",
    "&#8232;",
    "&",
    "tideline {",
    "<!-- tideline {\"kind\":\"code\"} -->",
    "title: x",
    "\"",
    "'",
    "{",
    "}",
    "true",
    "42",
    "👩‍👩‍👧",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(proptest::sample::select(PIECES), 0..6)
            .prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        1 => "[a-z ]{0,12}",
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    let todo = proptest::sample::select(vec![
        TodoState::Open,
        TodoState::Started,
        TodoState::Waiting,
        TodoState::Done,
        TodoState::Cancelled,
    ]);
    prop_oneof![
        6 => Just(Kind::Text),
        3 => (1..=3_u8).prop_map(Kind::Heading),
        2 => todo.prop_map(Kind::Todo),
        3 => Just(Kind::Bullet),
        2 => Just(Kind::Numbered),
        2 => Just(Kind::Quote),
        4 => Just(Kind::Code),
        1 => Just(Kind::Comment),
        1 => Just(Kind::Divider),
        2 => Just(Kind::Table),
        1 => text().prop_map(Kind::Other),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let names = vec![
        "rust",
        "rust,ignore",
        "{.c}",
        "```",
        "````",
        "~~~",
        "indent",
        "table",
        "html",
        "definition",
        "-",
        "*",
        "+",
        ".",
        ")",
    ];
    let leaf = prop_oneof![
        text().prop_map(Value::Text),
        proptest::sample::select(names).prop_map(|name| Value::Text(name.to_owned())),
        any::<i64>().prop_map(Value::Integer),
        (0..7_i64).prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        proptest::collection::vec(inner, 0..3).prop_map(Value::List)
    })
}

fn property() -> impl Strategy<Value = (String, Value)> {
    let names = vec![
        "due",
        "language",
        "info",
        "fence",
        "marker",
        "number",
        "loose",
        "heading-level",
        "markdown",
        "tags",
        "title",
        "front-matter",
        "folder",
        "file-name",
    ];
    let name = prop_oneof![
        4 => proptest::sample::select(names).prop_map(str::to_owned),
        1 => text(),
    ];
    let structural = proptest::sample::select(vec![
        ("language", Value::Text("rust".into())),
        ("fence", Value::Text("indent".into())),
        ("fence", Value::Text("```".into())),
        ("markdown", Value::Text("table".into())),
        ("markdown", Value::Text("html".into())),
        ("markdown", Value::Text("definition".into())),
        ("marker", Value::Text("*".into())),
        ("marker", Value::Text(")".into())),
        ("number", Value::Integer(3)),
        ("loose", Value::Boolean(true)),
        ("heading-level", Value::Integer(5)),
    ]);
    prop_oneof![
        (name, value()),
        structural.prop_map(|(name, value)| (name.to_owned(), value)),
    ]
}

fn line() -> impl Strategy<Value = OutlineLine> {
    let properties = prop_oneof![
        3 => Just(Vec::new()),
        2 => proptest::collection::vec(property(), 1..3),
    ];
    let tags = prop_oneof![
        5 => Just(Vec::new()),
        1 => proptest::collection::vec(text(), 1..3),
        1 => proptest::collection::vec("[a-z]{1,5}", 1..3),
    ];
    (0..5_u32, kind(), text(), properties, tags).prop_map(
        |(depth, kind, text, properties, tags)| OutlineLine {
            depth,
            kind,
            text,
            properties,
            tags,
        },
    )
}

/// Lines of one kind or two next to each other: where blocks run into one another.
fn lines() -> impl Strategy<Value = Vec<OutlineLine>> {
    let alike = (
        kind(),
        kind(),
        proptest::collection::vec((line(), any::<bool>()), 0..8),
    )
        .prop_map(|(one, other, lines)| {
            let give = |(line, is_other): (OutlineLine, bool)| {
                let kind = if is_other { other.clone() } else { one.clone() };
                OutlineLine {
                    kind,
                    depth: line.depth / 2,
                    ..line
                }
            };
            lines.into_iter().map(give).collect()
        });
    prop_oneof![2 => proptest::collection::vec(line(), 0..12), 1 => alike]
}

fn outline() -> impl Strategy<Value = Outline> {
    (text(), proptest::collection::vec(property(), 0..3), lines()).prop_map(
        |(title, properties, lines)| Outline {
            title,
            folder: String::new(),
            properties,
            lines,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn an_outline_comes_back_from_markdown_as_it_was(outline in outline()) {
        check_round_trip(&outline);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = import_markdown("a/b.md", &bytes);
    }

    #[test]
    fn what_is_read_from_any_text_comes_back_from_an_export(
        pieces in proptest::collection::vec(
            prop_oneof![3 => proptest::sample::select(PIECES), 1 => Just("\n"), 1 => Just("\n\n"), 1 => Just("\n  ")],
            0..40,
        ),
    ) {
        let source = pieces.concat().replace('\0', "");
        let read = import(&source).outline;
        let again = import(&export_markdown(&read)).outline;
        prop_assert_eq!(show(&again.lines), show(&read.lines), "{}", source);
        prop_assert_eq!(&again.title, &read.title);
        prop_assert_eq!(&again.properties, &read.properties);
        prop_assert_eq!(export_markdown(&again), export_markdown(&read));
    }
}
