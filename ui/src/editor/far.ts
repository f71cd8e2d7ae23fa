// The ends of the main selection that are in rows which are not held: the caret that was scrolled away
// from, and what is selected across more rows than are there.

import {
  EditorSelection,
  type EditorState,
  StateEffect,
  StateField,
  type TransactionSpec,
} from "@codemirror/state";

import type { Span } from "../bridge/generated/Span";
import type { TextPoint } from "../bridge/generated/TextPoint";
import { pointsAt } from "./offsets";
import { rowsOf, setRows } from "./rowset";

/** A point in a line's text, in scalar values, and on which side of the rows held it is. */
export interface FarEnd {
  /** null: the first row's beginning, or the last row's end, whichever line that is. */
  readonly line: string | null;
  readonly at: number;
  /** Rows above it, when it was last held. */
  readonly ordinal: number;
  readonly side: "above" | "below";
}

export interface FarEnds {
  readonly anchor: FarEnd | null;
  readonly head: FarEnd | null;
}

export const NEAR: FarEnds = { anchor: null, head: null };

export const setFarEnds = StateEffect.define<FarEnds>();

export const farField = StateField.define<FarEnds>({
  create: () => NEAR,
  update(far, transaction) {
    for (const effect of transaction.effects) if (effect.is(setFarEnds)) return effect.value;
    if (far === NEAR || transaction.effects.some((effect) => effect.is(setRows))) return far;
    // What a selection leaves where it was stays far away.
    const before = transaction.startState.selection.main;
    const { main } = transaction.newSelection;
    const stays = (old: number, now: number): boolean => transaction.changes.mapPos(old) === now;
    const anchor = stays(before.anchor, main.anchor) ? far.anchor : null;
    const head = stays(before.head, main.head) ? far.head : null;
    return anchor || head ? { anchor, head } : NEAR;
  },
});

export function farEndsOf(state: EditorState): FarEnds {
  return state.field(farField, false) ?? NEAR;
}

/** Whether an end of the selection is in a row that is not held. */
export function isFar(state: EditorState): boolean {
  const { anchor, head } = farEndsOf(state);
  return anchor !== null || head !== null;
}

/** Whether the caret, with nothing selected, is in a row that is not held. */
export function isFarCaret(state: EditorState): boolean {
  const { anchor, head } = farEndsOf(state);
  if (!anchor || !head || head.line === null) return false;
  return head.line === anchor.line && head.at === anchor.at;
}

/** Keeps the anchor far away while the selection grows to another place. */
export function keptHead(state: EditorState): StateEffect<FarEnds> {
  return setFarEnds.of({ anchor: farEndsOf(state).anchor, head: null });
}

/** Selects everything, also what is not held. */
export function selectsAll(state: EditorState): TransactionSpec {
  const { extent, list } = rowsOf(state);
  const end = { line: null, at: 0 };
  const last = extent.total - 1;
  const above = extent.first > 0 ? { ...end, ordinal: 0, side: "above" as const } : null;
  const below =
    extent.first + list.length <= last ? { ...end, ordinal: last, side: "below" as const } : null;
  return {
    selection: EditorSelection.range(0, state.doc.length),
    effects: setFarEnds.of({ anchor: above, head: below }),
    userEvent: "select",
  };
}

/** One end of the main selection, in a row that is held or not. */
interface End {
  readonly line: string | null;
  readonly at: number;
  readonly ordinal: number;
}

/** The ends of the main selection, in the order of the rows. */
export function orderedEnds(state: EditorState): readonly [first: End | null, last: End | null] {
  const { main } = state.selection;
  const { anchor, head } = farEndsOf(state);
  const [a, b] = [anchor ?? nearEnd(state, main.anchor), head ?? nearEnd(state, main.head)];
  const swapped = a && b && (a.ordinal > b.ordinal || (a.ordinal === b.ordinal && a.at > b.at));
  return swapped ? [b, a] : [a, b];
}

function nearEnd(state: EditorState, position: number): End | null {
  const line = state.doc.lineAt(position);
  const { list, extent } = rowsOf(state);
  const row = list[line.number - 1];
  const at = pointsAt(line.text, position - line.from);
  return row ? { line: row.id, at, ordinal: extent.first + line.number - 1 } : null;
}

/** What is selected, as the core takes it. */
export function farSpan(state: EditorState): Span {
  const [first, last] = orderedEnds(state);
  return { from: pointOf(first), to: pointOf(last) };
}

function pointOf(end: End | null): TextPoint | null {
  return end && end.line !== null ? { line: end.line, offset: end.at } : null;
}
