// What a screen reader hears besides the text: what kind of line the caret came to, how deep it
// stands, whether something is folded below it.

import { EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { strings } from "../strings/strings";
import { shownDepth } from "./decorations";
import { KIND_TITLES } from "./kinds";
import { rowAt, rowsOf, type RowSet } from "./rowset";

const say = strings.lineFacts;

/** A pause after which a line is told: not every line that the caret passes. */
const DELAY_MS = 120;

/** What distinguishes a row; a plain line says nothing of its kind. */
export function labelOf(row: Row, rows: RowSet): readonly string[] {
  const facts: string[] = [];
  if (row.kind === "numbered" && row.number !== null) facts.push(say.number(row.number));
  else if (row.kind !== "text") facts.push(KIND_TITLES[row.kind] ?? row.kind);
  facts.push(say.level(shownDepth(row, rows) + 1));
  if (row.folded) facts.push(say.folded);
  for (const tag of row.tags) facts.push(say.tag(tag));
  return facts;
}

/** Tells what is different about the row that the caret came to. */
export const lineAnnouncements = ViewPlugin.fromClass(
  class {
    private told: readonly string[] = [];
    private timer: number | undefined;

    constructor(private readonly view: EditorView) {}

    update(update: ViewUpdate): void {
      if (!update.selectionSet && !update.docChanged) return;
      if (!update.view.hasFocus) return;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.tell(), DELAY_MS);
    }

    private tell(): void {
      const { state } = this.view;
      const row = rowAt(state, state.selection.main.head);
      if (!row) return;
      const facts = labelOf(row, rowsOf(state));
      const news = facts.filter((fact) => !this.told.includes(fact));
      this.told = facts;
      if (news.length > 0) this.view.dispatch({ effects: EditorView.announce.of(news.join(", ")) });
    }

    destroy(): void {
      window.clearTimeout(this.timer);
    }
  },
);
