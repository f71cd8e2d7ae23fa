//! A filtered panel shows what matches, what leads there, and what was done among it.

use proptest::prelude::*;
use tideline_model::TodoState;

use super::*;
use crate::protocol::FilterMark;

/// Looks at few lines at a time, so that others are written between.
const SLOW: Limits = Limits {
    looked_at: 3,
    ..SMALL
};

/// The rows of a filtered panel as an interface has them.
struct Screen {
    panel: Panel,
    rows: Vec<Row>,
    query: Query,
}

impl Screen {
    fn new(document: &Document, root: Option<LineId>, query: &str, limits: Limits) -> Self {
        let mut panel = Panel::with_limits(root, limits);
        let mut rows = panel.open(document);
        apply(&mut rows, panel.filter(document, query));
        while panel
            .filtered()
            .is_some_and(|filtered| filtered.more && limits.looked_at > 3)
        {
            apply(&mut rows, panel.look_on(document));
        }
        let query = Query::of(query).expect("something that is asked");
        Self { panel, rows, query }
    }

    fn lines(&self, document: &Document) -> Vec<LineId> {
        self.panel.lines(document, 0, usize::MAX)
    }

    /// Follows a patch; what was shown and is still there stays.
    fn follow(&mut self, document: &Document, patch: &Patch, own: bool) {
        let before = self.lines(document);
        let Ok(changes) = self.panel.update(document, patch, own) else {
            self.panel.zoom(None);
            self.rows = self.panel.open(document);
            return;
        };
        apply(&mut self.rows, changes);
        if self.panel.filtered().is_none() {
            return;
        }
        let now = self.lines(document);
        let top = self.panel.root.unwrap_or(LineId::ROOT);
        let mut stays = before.iter().filter(|&&line| is_below(document, line, top));
        assert!(stays.all(|line| now.contains(line)), "{patch:?}");
        if own {
            let mut came = patch
                .moved
                .iter()
                .filter(|&&line| is_below(document, line, top));
            assert!(came.all(|line| now.contains(line)), "{patch:?}");
        }
        self.check(document);
    }

    /// Looks at the next lines that were not looked at.
    fn look_on(&mut self, document: &Document) {
        if self.panel.filtered().is_some() {
            apply(&mut self.rows, self.panel.look_on(document));
            self.check(document);
        }
    }

    fn fold(&mut self, document: &Document, (number, folded): (u32, bool)) {
        let lines = self.lines(document);
        let Some(&line) = lines.get(number as usize % lines.len().max(1)) else {
            return;
        };
        let changes = self.panel.fold(document, line, folded);
        apply(&mut self.rows, changes);
        let now = self.lines(document);
        let is_shown = |line: LineId| now.contains(&line);
        if Some(line) != self.panel.root {
            let children = document.children(line);
            assert!(children.into_iter().all(|child| is_shown(child) != folded));
        }
        self.check_rows(document);
    }

    fn check(&self, document: &Document) {
        self.check_rows(document);
        let filtered = self.panel.filtered().unwrap_or_default();
        if filtered.more || filtered.is_cut {
            return;
        }
        let top = self.panel.root.unwrap_or(LineId::ROOT);
        let lines = self.lines(document);
        let is_missing = |&line: &LineId| {
            is_below(document, line, top)
                && self.query.matches(document, line)
                && !lines.contains(&line)
        };
        let displayed = (0..document.len()).filter_map(|row| document.line_at_row(row));
        let missing: Vec<LineId> = displayed.filter(is_missing).collect();
        assert_eq!(missing, []);
    }

    fn check_rows(&self, document: &Document) {
        let top = self.panel.root.unwrap_or(LineId::ROOT);
        let all = self.panel.rows(document, 0, usize::MAX);
        let Extent { total, first } = self.panel.extent();
        assert_eq!(total, all.len());
        assert_eq!(self.rows, all[first..first + self.rows.len()]);
        let lines = self.lines(document);
        let place = |line: LineId| document.row_of(line).expect("a displayed line");
        assert!(
            lines.is_sorted_by_key(|&line| place(line)),
            "in the document's order"
        );
        for (line, row) in lines.iter().zip(&all) {
            let parent = document.parent(*line).expect("a displayed line");
            let below = *line == top || parent == top || lines.contains(&parent);
            assert!(below, "a row without what leads to it");
            let mut children = document.children(*line).into_iter();
            let is_open = children.any(|child| lines.contains(&child));
            assert_eq!(row.folded, row.has_children && !is_open && *line != top);
        }
    }
}

fn is_below(document: &Document, line: LineId, top: LineId) -> bool {
    let parent = |line: &LineId| document.parent(*line);
    document.is_visible(line) && std::iter::successors(parent(&line), parent).any(|it| it == top)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn filtered_panels_show_what_matches_and_lose_nothing_from_sight(
        before in prop::collection::vec((0u32..8, any::<u32>(), any::<u32>()), 0..30),
        after in prop::collection::vec(((0u32..8, any::<u32>(), any::<u32>()), any::<bool>()), 1..30),
        folds in prop::collection::vec((any::<u32>(), any::<bool>()), 0..6),
    ) {
        let mut writer = Writer::new();
        writer.step((0, 0, 3));
        before.into_iter().for_each(|step| drop(writer.step(step)));
        let document = &writer.document;
        let root = document.line_at_row(0);
        let large = Limits::default();
        let mut viewers = [
            Screen::new(document, None, "text", large),
            Screen::new(document, root, "text", large),
            Screen::new(document, None, "-text", SMALL),
            Screen::new(document, root, "is:open \"b\"", SMALL),
            Screen::new(document, None, "text", SLOW),
            Screen::new(document, root, "-text", SLOW),
        ];
        viewers.iter().for_each(|viewer| viewer.check(document));
        for (step, own) in after {
            let Some(patch) = writer.step(step) else { continue };
            let document = &writer.document;
            for viewer in &mut viewers {
                viewer.follow(document, &patch, own);
                viewer.look_on(document);
            }
        }
        let document = &writer.document;
        for fold in folds {
            let filtered = viewers.iter_mut().filter(|viewer| viewer.panel.filtered().is_some());
            filtered.for_each(|viewer| viewer.fold(document, fold));
        }
        for viewer in &mut viewers {
            apply(&mut viewer.rows, viewer.panel.filter(document, ""));
            prop_assert_eq!(viewer.panel.filtered(), None);
            let Extent { total, first } = viewer.panel.extent();
            prop_assert_eq!(total, listed(&viewer.panel, document).len());
            let rows = viewer.panel.rows(document, first, viewer.rows.len());
            prop_assert_eq!(&viewer.rows, &rows);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Letter by letter, with an edit and some of the walk between, and with lines that an index gave.
    #[test]
    fn a_query_that_grew_shows_what_it_shows_when_asked_at_once(
        before in prop::collection::vec((0u32..8, any::<u32>(), any::<u32>()), 0..40),
        between in prop::collection::vec(((0u32..8, any::<u32>(), any::<u32>()), 0usize..3), 6..7),
        given in prop::collection::vec(any::<u32>(), 0..6),
        query in prop::sample::select(vec!["text b", "text -b", "is:open b", "\"text b\"", "b #te"]),
    ) {
        let mut writer = Writer::new();
        writer.step((0, 0, 3));
        before.into_iter().for_each(|step| drop(writer.step(step)));
        let tight = Limits { matches_max: 4, ..SLOW };
        let mut screens = [SLOW, tight].map(|limits| Screen::new(&writer.document, None, "t", limits));
        for (end, (step, looks)) in (1..=query.len()).zip(between.into_iter().cycle()) {
            let patch = writer.step(step);
            let document = &writer.document;
            for screen in &mut screens {
                if let Some(patch) = &patch {
                    screen.follow(document, patch, false);
                }
                let typed = &query[..end];
                apply(&mut screen.rows, screen.panel.filter(document, typed));
                let Some(query) = Query::of(typed) else { continue };
                screen.query = query;
                (0..looks).for_each(|_| screen.look_on(document));
                let given: Vec<LineId> = given.iter().map(|number| writer.line(*number)).collect();
                apply(&mut screen.rows, screen.panel.look_at(document, &given));
                screen.check_rows(document);
            }
        }
        let document = &writer.document;
        let [slow, tight] = &mut screens;
        while slow.panel.looks_on() {
            slow.look_on(document);
        }
        let fresh = Screen::new(document, None, query, Limits::default());
        prop_assert_eq!(slow.lines(document), fresh.lines(document));
        prop_assert_eq!(slow.panel.filtered(), fresh.panel.filtered());
        while tight.panel.looks_on() {
            tight.look_on(document);
        }
        let found = fresh.panel.filtered().map_or(0, |filtered| filtered.found);
        let told = tight.panel.filtered().unwrap_or_default();
        if told.is_cut {
            prop_assert!(told.found >= 4 && found > 4);
        } else {
            prop_assert_eq!(told.found, found);
        }
    }
}

fn matches(query: &str, kind: Kind, text: &str, tags: &[&str]) -> bool {
    let mut writer = Writer::new();
    let id = writer.new_line();
    let draft = DraftLine {
        id,
        depth: 0,
        kind,
        text: text.to_owned(),
        properties: Vec::new(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    };
    let placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };
    let lines = vec![draft];
    let intent = Intent::CreateLines { placement, lines };
    let changes = writer.document.plan(&intent).expect("a gesture that fits");
    writer.write(changes);
    Query::of(query).is_some_and(|query| query.matches(&writer.document, id))
}

#[test]
fn a_query_asks_for_words_names_and_kinds() {
    let says = |query, text| matches(query, Kind::Text, text, &[]);
    assert!(says("BREAD mil", "milk, and bread"));
    assert!(!says("bread beer", "milk, and bread"));
    assert!(says("\"and bread\"", "milk, and bread"));
    assert!(!says("\"bread and\"", "milk, and bread"));
    assert!(says("milk -beer", "milk, and bread"));
    assert!(!says("milk -bread", "milk, and bread"));
    assert!(says("日本", "東京は日本の首都"));
    assert!(says("#work", "call #Work!"));
    assert!(!says("#work", "the #workshop"));
    assert!(!says("@ann", "ask @anna"));
    assert!(says("a.b*", "a.b*c"));
    assert!(matches("#home", Kind::Text, "no name", &["Home"]));
    assert!(!matches("-#home", Kind::Text, "no name", &["home"]));
    let todo = |query, state| matches(query, Kind::Todo(state), "call", &[]);
    assert!(todo("is:open call", TodoState::Waiting));
    assert!(!todo("is:open", TodoState::Done));
    assert!(todo("-is:open", TodoState::Cancelled));
    assert!(says("is:nothing", "what is:nothing means"));
    assert!(Query::of("  \"\" ").is_none());
}

/// Lines, what is looked for in them, and what an interface is told to mark and marks.
#[derive(serde::Deserialize)]
struct Case {
    query: String,
    marks: Vec<FilterMark>,
    text: String,
    marked: Vec<String>,
}

#[test]
fn what_is_marked_is_what_matches() {
    let cases = include_str!("marks.json");
    let cases: Vec<Case> = serde_json::from_str(cases).expect("cases");
    for case in cases {
        let query = Query::of(&case.query).expect("something that is asked");
        assert_eq!(query.marks(), case.marks, "{}", case.query);
        assert_eq!(query.marked(&case.text), case.marked, "{}", case.text);
        let is_shown = matches(&case.query, Kind::Text, &case.text, &[]);
        assert!(is_shown || case.marked.is_empty(), "{}", case.text);
    }
}

#[test]
fn what_is_typed_that_matches_no_more_stays_in_sight() {
    let mut writer = Writer::new();
    writer.step((0, 0, 1));
    writer.step((5, 0, 0));
    let mut viewer = Screen::new(&writer.document, None, "text", Limits::default());
    let line = writer.line(0);
    let changes = writer.document.plan(&Intent::EditText {
        line,
        at: 0,
        delete: 4,
        insert: String::new(),
    });
    let patch = writer.write(changes.expect("a gesture that fits"));
    viewer.follow(&writer.document, &patch, true);
    let found = viewer.panel.filtered().map(|filtered| filtered.found);
    assert_eq!(found, Some(0));
    assert_eq!(viewer.lines(&writer.document), [line]);
}

#[test]
fn of_too_many_lines_that_match_the_first_are_shown() {
    let mut writer = Writer::new();
    let lines = (0..50).map(|_| writer.draft(0, 0)).collect();
    let placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };
    let intent = Intent::CreateLines { placement, lines };
    let changes = writer.document.plan(&intent).expect("a gesture that fits");
    writer.write(changes);
    let limits = Limits {
        matches_max: 20,
        ..Limits::default()
    };
    let screen = Screen::new(&writer.document, None, "a", limits);
    let expected = Filtered {
        found: 20,
        more: false,
        is_cut: true,
        marks: screen.query.marks(),
    };
    assert_eq!(screen.panel.filtered(), Some(expected));
    assert_eq!(
        screen.lines(&writer.document),
        (0..20).map(|row| writer.line(row)).collect::<Vec<_>>()
    );
}
