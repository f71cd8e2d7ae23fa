// What is selected in a panel, told in rows.

import type { EditorState } from "@codemirror/state";

import { farEndsOf, isFar, isFarCaret, orderedEnds } from "./far";
import { rowsOf } from "./rowset";

/** What the status bar tells of a panel. */
export interface SelectionReport {
  /** 0 while it is not known. */
  readonly rows: number;
  /** Row of the caret, from 1. */
  readonly row: number;
  readonly selectedRows: number;
  readonly selectedCharacters: number;
  /** What was typed here has not reached the core yet: it is not on disk. */
  readonly unanswered: boolean;
}

/** Rows `from..=to`, by index. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Rows that a range touches; a last row of which nothing is selected does not count. */
export function rangeOf(state: EditorState, range: { from: number; to: number }): RowRange {
  const from = state.doc.lineAt(range.from).number - 1;
  const last = state.doc.lineAt(range.to);
  const spare = last.number - 1 > from && range.to === last.from ? 1 : 0;
  return { from, to: last.number - 1 - spare };
}

export function reportOf(state: EditorState, unanswered: boolean): SelectionReport {
  const { doc, selection } = state;
  const { extent } = rowsOf(state);
  const { from, to } = rangeOf(state, selection.main);
  const { head } = farEndsOf(state);
  const ordinal = head?.ordinal ?? extent.first + doc.lineAt(selection.main.head).number - 1;
  const [first, last] = orderedEnds(state);
  const farRows = isFarCaret(state) ? 0 : (last?.ordinal ?? 0) - (first?.ordinal ?? 0) + 1;
  return {
    rows: extent.early ? 0 : extent.total,
    row: ordinal + 1,
    selectedRows: isFar(state) ? farRows : selection.main.empty ? 0 : to - from + 1,
    selectedCharacters: selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0),
    unanswered,
  };
}
