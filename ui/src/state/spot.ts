// Where one is in a panel: the caret, and the line at the top of what is seen. Read from an editor,
// and brought back in one.

import { EditorSelection, type EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import type { Caret } from "../bridge/generated/Caret";
import { ownCaret } from "../editor/carets";
import { unitAt } from "../editor/offsets";
import type { PanelEditor } from "../editor/panelEditor";
import { rowsOf } from "../editor/rowset";
import { scrollerOf } from "../editor/scrolling";

export interface Spot {
  readonly caret: Caret | null;
  /** The line at the top; null at the beginning. */
  readonly top: string | null;
  /** So much of it is above what is seen. */
  readonly above_px: number;
}

export function spotOf(editor: PanelEditor): Spot {
  const { view } = editor;
  const caret = ownCaret(view.state);
  const scroller = scrollerOf(view);
  const { extent } = rowsOf(view.state);
  if (!scroller || (scroller.scrollTop === 0 && extent.first === 0))
    return { caret, top: null, above_px: 0 };
  const seen = scroller.getBoundingClientRect().top - view.documentTop;
  if (seen <= 0) return { caret, top: null, above_px: 0 };
  const block = view.lineBlockAtHeight(seen);
  const row = rowsOf(view.state).list[view.state.doc.lineAt(block.from).number - 1];
  return { caret, top: row?.id ?? null, above_px: Math.round(seen - block.top) };
}

/** Puts the caret back, and shows what was seen; lines that are gone are left out. */
export function returnTo(editor: PanelEditor, spot: Spot): void {
  const { view } = editor;
  const caret = spot.caret && selectionOf(view.state, spot.caret);
  if (caret) view.dispatch({ selection: EditorSelection.create([caret]) });
  const top = spot.top === null ? 0 : (placeOf(view.state, spot.top, 0) ?? null);
  if (spot.top === null) scrollerOf(view)?.scrollTo({ top: 0 });
  else if (top !== null) {
    const effects = EditorView.scrollIntoView(top, { y: "start", yMargin: -spot.above_px });
    view.dispatch({ effects });
  }
}

/** Shows a line without moving the caret there. */
export function showLine(editor: PanelEditor, line: string): void {
  const { view } = editor;
  const place = placeOf(view.state, line, 0);
  if (place === null) return editor.revealLine(line);
  view.dispatch({ effects: EditorView.scrollIntoView(place, { y: "nearest", yMargin: 120 }) });
}

function selectionOf(state: EditorState, caret: Caret): ReturnType<typeof range> | null {
  const head = placeOf(state, caret.line, caret.offset);
  const anchor = placeOf(state, caret.anchorLine, caret.anchorOffset);
  return head === null ? null : range(anchor ?? head, head);
}

function range(anchor: number, head: number): ReturnType<typeof EditorSelection.range> {
  return EditorSelection.range(anchor, head);
}

function placeOf(state: EditorState, line: string, offset: number): number | null {
  const at = rowsOf(state).at(line);
  if (at < 0 || at >= state.doc.lines) return null;
  const { from, text } = state.doc.line(at + 1);
  return from + Math.min(unitAt(text, offset), text.length);
}
