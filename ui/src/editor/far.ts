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
  return head !== null && anchor !== null && head.line === anchor.line && head.at === anchor.at;
}

/** Keeps the anchor far away while the selection grows to another place. */
export function keptHead(state: EditorState): StateEffect<FarEnds> {
  return setFarEnds.of({ anchor: farEndsOf(state).anchor, head: null });
}

/** Selects everything, also what is not held. */
export function selectsAll(state: EditorState): TransactionSpec {
  const { extent, list } = rowsOf(state);
  const above = extent.first > 0 ? END_ABOVE : null;
  const below = extent.first + list.length < extent.total ? END_BELOW : null;
  return {
    selection: EditorSelection.range(0, state.doc.length),
    effects: setFarEnds.of({ anchor: above, head: below }),
    userEvent: "select",
  };
}

const END_ABOVE: FarEnd = { line: null, at: 0, side: "above" };
const END_BELOW: FarEnd = { line: null, at: 0, side: "below" };

/** What is selected, as the core takes it. */
export function farSpan(state: EditorState): Span {
  const { main } = state.selection;
  const far = farEndsOf(state);
  const anchorFirst = isFirst(far.anchor, far.head, main.anchor <= main.head);
  const point = (end: FarEnd | null, position: number): TextPoint | null => {
    if (end) return end.line === null ? null : { line: end.line, offset: end.at };
    const line = state.doc.lineAt(position);
    const row = rowsOf(state).list[line.number - 1];
    return row ? { line: row.id, offset: pointsAt(line.text, position - line.from) } : null;
  };
  const anchor = point(far.anchor, main.anchor);
  const head = point(far.head, main.head);
  return anchorFirst ? { from: anchor, to: head } : { from: head, to: anchor };
}

/** Two ends on one side stand there in an order that only the core knows; it takes either. */
function isFirst(anchor: FarEnd | null, head: FarEnd | null, near: boolean): boolean {
  if (anchor) return anchor.side === "above";
  return head ? head.side === "below" : near;
}
