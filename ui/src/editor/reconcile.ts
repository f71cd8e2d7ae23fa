// Brings the editor from what it shows to what it should show, without disturbing who is writing:
// the smallest change, carets kept at their lines, nothing under a running composition.

import {
  type ChangeSet,
  EditorSelection,
  type EditorState,
  type Text,
  type TransactionSpec,
} from "@codemirror/state";

import type { Row } from "../bridge/generated/Row";
import { rowChanges } from "./diff";
import { type FarEnd, type FarEnds, farEndsOf, setFarEnds } from "./far";
import { pointsAt, unitAt } from "./offsets";
import { type Extent, RowSet, rowsOf, setRows } from "./rowset";

export interface Reconciling {
  readonly rows: readonly Row[];
  readonly root: string | null;
  readonly extent: Extent;
  /** The line an input method is composing in; nothing may change there. */
  readonly composing: boolean;
  /** The caret goes to what changed: after an undo. */
  readonly follow: Follow | null;
}

export interface Follow {
  /** Lines that stand elsewhere now. */
  readonly moved: readonly string[];
}

/** The transaction that shows the rows; null when they are shown, or must wait for a composition. */
export function reconcile(
  state: EditorState,
  { rows, root, extent, composing, follow }: Reconciling,
): TransactionSpec | "shown" | "postponed" {
  const shown = rowsOf(state);
  const difference = compare(shown.list, rows);
  const sameExtent = isSame(shown.extent, extent);
  if (difference === "same" && shown.root === root && sameExtent) return "shown";
  const changes = state.changes(rowChanges(state.doc, shown.list, rows));
  const keeps = difference !== "structure" && shown.root === root && sameExtent;
  const next = keeps ? shown.replaced(rows) : new RowSet(rows, root, extent);
  if (composing && touchesCaretRow(state, changes, shown, next)) return "postponed";
  const selection = follow && followed(state, changes, shown, next, follow);
  if (selection) return { changes, selection, effects: setRows.of(next), scrollIntoView: true };
  const [kept, far] = keptSelection(state, changes, shown, next);
  return { changes, selection: kept, effects: [setRows.of(next), setFarEnds.of(far)] };
}

function isSame(a: Extent, b: Extent): boolean {
  return a.total === b.total && a.first === b.first && a.early === b.early;
}

function compare(before: readonly Row[], after: readonly Row[]): "same" | "texts" | "structure" {
  if (before.length !== after.length) return "structure";
  let texts = false;
  for (let at = 0; at < before.length; at++) {
    const [a, b] = [before[at], after[at]];
    if (a === b || !a || !b) continue;
    if (!sameHead(a, b)) return "structure";
    texts ||= a.text !== b.text;
  }
  return texts ? "texts" : "same";
}

function sameHead(a: Row, b: Row): boolean {
  return (
    a.id === b.id &&
    a.parent === b.parent &&
    a.depth === b.depth &&
    a.kind === b.kind &&
    a.hasChildren === b.hasChildren &&
    a.folded === b.folded &&
    a.number === b.number &&
    a.newerVersion === b.newerVersion &&
    (a.tags === b.tags || JSON.stringify(a.tags) === JSON.stringify(b.tags)) &&
    (a.properties === b.properties || JSON.stringify(a.properties) === JSON.stringify(b.properties))
  );
}

function touchesCaretRow(
  state: EditorState,
  changes: ChangeSet,
  shown: RowSet,
  next: RowSet,
): boolean {
  const line = state.doc.lineAt(state.selection.main.head);
  if (changes.touchesRange(line.from, line.to)) return true;
  const row = shown.list[line.number - 1];
  const after = row && next.list[next.at(row.id)];
  return !row || !after || !sameHead(row, after);
}

/** Where the caret goes after an undo; nowhere else where its own line is what was moved. */
function followed(
  state: EditorState,
  changes: ChangeSet,
  shown: RowSet,
  next: RowSet,
  { moved }: Follow,
): EditorSelection | null {
  const caret = shown.list[state.doc.lineAt(state.selection.main.head).number - 1];
  if (caret && moved.includes(caret.id)) return null;
  const at = next.at(moved.at(0) ?? "");
  if (at < 0) return changedEnd(changes);
  return EditorSelection.single(changes.apply(state.doc).line(at + 1).to);
}

function changedEnd(changes: ChangeSet): EditorSelection | null {
  let end: number | null = null;
  changes.iterChangedRanges((_fromA, _toA, _fromB, toB) => (end = toB));
  return end === null ? null : EditorSelection.single(end);
}

/**
 * Every caret stays at its line, wherever that is now. An end of the main selection whose row is no
 * longer held stays at the line too; the editor's own selection then ends where the rows do.
 */
function keptSelection(
  state: EditorState,
  changes: ChangeSet,
  shown: RowSet,
  next: RowSet,
): readonly [EditorSelection, FarEnds] {
  const doc = changes.apply(state.doc);
  const position = (old: number): number => {
    const line = state.doc.lineAt(old);
    const mapped = changes.mapPos(old, -1);
    const row = shown.list[line.number - 1];
    const at = row ? next.at(row.id) : -1;
    const landed = doc.lineAt(mapped);
    if (at < 0) return row && landed.from > 0 ? landed.from - 1 : mapped;
    if (landed.number === at + 1) return mapped;
    const moved = doc.line(at + 1);
    return moved.from + Math.min(old - line.from, moved.length);
  };
  const far = farEndsOf(state);
  const end = (old: number, end: FarEnd | null): readonly [number, FarEnd | null] => {
    const away = end ?? unloaded(state, old, shown, next);
    if (!away) return [position(old), null];
    const at = away.line === null ? -1 : next.at(away.line);
    if (away.line === null && endIsHeld(away, next)) return [edge(away, doc), null];
    if (at < 0) return [edge(away, doc), away];
    return [doc.line(at + 1).from + unitAt(next.list[at]?.text ?? "", away.at), null];
  };
  const { main, mainIndex } = state.selection;
  const [anchor, farAnchor] = end(main.anchor, far.anchor);
  const [head, farHead] = end(main.head, far.head);
  const ranges = state.selection.ranges.map((range, index) =>
    index === mainIndex
      ? EditorSelection.range(anchor, head)
      : EditorSelection.range(position(range.anchor), position(range.head)),
  );
  return [EditorSelection.create(ranges, mainIndex), { anchor: farAnchor, head: farHead }];
}

function edge({ side }: FarEnd, doc: Text): number {
  return side === "above" ? 0 : doc.length;
}

function endIsHeld({ side }: FarEnd, { extent, list }: RowSet): boolean {
  return side === "above" ? extent.first === 0 : extent.first + list.length >= extent.total;
}

/** Where a position is whose row is not held any more; null where it is, or where the row is gone. */
function unloaded(state: EditorState, old: number, shown: RowSet, next: RowSet): FarEnd | null {
  const line = state.doc.lineAt(old);
  const row = shown.list[line.number - 1];
  if (!row || next.at(row.id) >= 0 || shown.root !== next.root || next.isWhole) return null;
  const ordinal = shown.extent.first + line.number - 1;
  const { first } = next.extent;
  if (ordinal >= first && next.holds(ordinal)) return null;
  const at = pointsAt(line.text, old - line.from);
  return { line: row.id, at, ordinal, side: ordinal < first ? "above" : "below" };
}
