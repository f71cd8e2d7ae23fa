//! A filtered panel shows what matches, what leads there, and what was done among it.

use proptest::prelude::*;
use tideline_model::TodoState;

use super::*;

/// The rows of a filtered panel as an interface has them.
struct Filtered {
    panel: Panel,
    rows: Vec<Row>,
    query: Query,
}

impl Filtered {
    fn new(document: &Document, root: Option<LineId>, query: &str, limits: Limits) -> Self {
        let mut panel = Panel::with_limits(root, limits);
        let mut rows = panel.open(document);
        apply(&mut rows, panel.filter(document, query));
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
        self.check(document, true);
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
        self.check(document, false);
    }

    fn check(&self, document: &Document, shows_matches: bool) {
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
        let is_missing = |&line: &LineId| {
            is_below(document, line, top)
                && self.query.matches(document, line)
                && !lines.contains(&line)
        };
        let displayed = (0..document.len()).filter_map(|row| document.line_at_row(row));
        let missing: Vec<LineId> = displayed.filter(is_missing).collect();
        assert!(!shows_matches || missing.is_empty(), "{missing:?}");
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
            Filtered::new(document, None, "text", large),
            Filtered::new(document, root, "text", large),
            Filtered::new(document, None, "-text", SMALL),
            Filtered::new(document, root, "is:open \"b\"", SMALL),
        ];
        viewers.iter().for_each(|viewer| viewer.check(document, true));
        for (step, own) in after {
            let Some(patch) = writer.step(step) else { continue };
            let document = &writer.document;
            viewers.iter_mut().for_each(|viewer| viewer.follow(document, &patch, own));
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

#[test]
fn what_is_typed_that_matches_no_more_stays_in_sight() {
    let mut writer = Writer::new();
    writer.step((0, 0, 1));
    writer.step((5, 0, 0));
    let mut viewer = Filtered::new(&writer.document, None, "text", Limits::default());
    let line = writer.line(0);
    let changes = writer.document.plan(&Intent::EditText {
        line,
        at: 0,
        delete: 4,
        insert: String::new(),
    });
    let patch = writer.write(changes.expect("a gesture that fits"));
    viewer.follow(&writer.document, &patch, true);
    assert_eq!(viewer.panel.filtered(), Some((0, false)));
    assert_eq!(viewer.lines(&writer.document), [line]);
}
