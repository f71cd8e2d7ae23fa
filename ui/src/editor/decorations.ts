// How rows look: a line decoration for each row in sight. Depth is a border, never spaces; bullets,
// boxes and chevrons are painted by the style sheet from the classes set here, so that nothing
// stands between the caret and the text.

import { type Extension, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { strings } from "../strings/strings";
import { LANGUAGE } from "./code";
import { isHeading, isTodo } from "./kinds";
import { type RowSet, rowsOf } from "./rowset";

const say = strings.editor;

/** How far a row is indented on screen: below a zoomed line one step less. */
export function shownDepth(row: Row, rows: RowSet): number {
  return rows.root === null ? row.depth : Math.max(row.depth - 1, 0);
}

class RowDecorations {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorate(view);
  }

  update(update: ViewUpdate): void {
    const before = rowsOf(update.startState).structure;
    if (rowsOf(update.state).structure !== before || update.viewportChanged) {
      this.decorations = decorate(update.view);
    } else if (update.docChanged) {
      this.decorations = this.decorations.map(update.changes);
    }
  }
}

export const rowDecorations: Extension = ViewPlugin.fromClass(RowDecorations, {
  decorations: (plugin) => plugin.decorations,
});

function decorate(view: EditorView): DecorationSet {
  const rows = rowsOf(view.state);
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to;) {
      const line = view.state.doc.lineAt(position);
      const at = line.number - 1;
      const row = rows.list[at];
      if (row) {
        builder.add(line.from, line.from, lineDecoration(row, at, rows));
        const notes = notesOf(row);
        if (notes.length > 0) {
          const widget = new Notes(notes);
          builder.add(line.to, line.to, Decoration.widget({ widget, side: 1 }));
        }
      }
      position = line.to + 1;
    }
  }
  return builder.finish();
}

function lineDecoration(row: Row, at: number, rows: RowSet): Decoration {
  const attributes: Record<string, string> = {
    class: classesOf(row, at, rows).join(" "),
    // The first letter decides: a line may be right-to-left among others that are not.
    dir: row.kind === "code" ? "ltr" : "auto",
    "data-line": row.id,
    "data-kind": row.kind,
    "data-depth": String(row.depth),
    style: `--depth: ${shownDepth(row, rows)}`,
  };
  if (row.number !== null) attributes["data-number"] = `${row.number}.`;
  return Decoration.line({ attributes });
}

function classesOf(row: Row, at: number, rows: RowSet): string[] {
  const group = isTodo(row.kind) ? "todo" : isHeading(row.kind) ? "heading" : row.kind;
  const classes = ["row", `row-${group}`, `row-${row.kind}`];
  if (row.id === rows.root) classes.push("row-root");
  if (row.hasChildren) classes.push("row-parent");
  if (row.folded) classes.push("row-folded");
  if (at === 0) classes.push("row-top");
  if (row.kind === "code" || row.kind === "quote") classes.push(...blockEdges(row, at, rows));
  return classes;
}

/** Neighbouring rows of one kind and depth look like one block. */
function blockEdges(row: Row, at: number, rows: RowSet): string[] {
  const joins = (other: Row | undefined): boolean =>
    other?.kind === row.kind && other.parent === row.parent;
  const edges: string[] = [];
  if (!joins(rows.list[at - 1])) edges.push("block-first");
  if (!joins(rows.list[at + 1])) edges.push("block-last");
  return edges;
}

interface Note {
  readonly type: "tag" | "property" | "disagreement" | "newer";
  readonly text: string;
  readonly hint: string;
}

/** What is shown behind a row's text. */
function notesOf(row: Row): Note[] {
  const notes: Note[] = row.tags.map((tag) => ({ type: "tag", text: `#${tag}`, hint: say.tag }));
  for (const { name, values } of row.properties) {
    if (name === LANGUAGE && row.kind === "code" && values.length < 2) continue;
    const disagree = values.length > 1;
    notes.push({
      type: disagree ? "disagreement" : "property",
      text: `${name}: ${values.join(" | ")}`,
      hint: disagree ? say.disagreement : say.property,
    });
  }
  if (row.newerVersion) {
    notes.push({ type: "newer", text: say.newer, hint: say.newerHint });
  }
  return notes;
}

class Notes extends WidgetType {
  constructor(private readonly notes: readonly Note[]) {
    super();
  }

  override eq(other: Notes): boolean {
    return JSON.stringify(other.notes) === JSON.stringify(this.notes);
  }

  override toDOM(): HTMLElement {
    const box = document.createElement("span");
    box.className = "row-notes";
    for (const { type, text, hint } of this.notes) {
      const note = box.appendChild(document.createElement("span"));
      note.className = `note note-${type}`;
      note.textContent = text;
      note.title = hint;
    }
    return box;
  }
}
