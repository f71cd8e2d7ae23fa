// The ends of the main selection that are in rows which are not held: the caret that was scrolled away
// from, and what is selected across more rows than are there.

import { type EditorState, StateEffect, StateField } from "@codemirror/state";

import { setRows } from "./rowset";

/** A point in a line's text, in scalar values, and on which side of the rows held it is. */
export interface FarEnd {
  readonly line: string;
  readonly at: number;
  readonly side: "above" | "below";
}

export interface FarEnds {
  readonly anchor: FarEnd | null;
  readonly head: FarEnd | null;
}

const NEAR: FarEnds = { anchor: null, head: null };

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
