// Where a panel is scrolled to, told in rows. What is seen stays where it is when rows above it come or
// go, also when other rows of a long document are taken in.

import type { ChangeSet, StateEffect, TransactionSpec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { rowsOf, setRows } from "./rowset";

/** Rows from the top that are looked at for one that stays. */
const ANCHORS_MAX = 60;

/** The element that scrolls an editor; none while it is off the page. */
export function scrollerOf(view: EditorView): HTMLElement | null {
  return view.dom.closest<HTMLElement>("[data-scroller]");
}

export interface Seen {
  /** Places of the first and the last row that is seen, among those held. */
  readonly from: number;
  readonly to: number;
}

/** The rows that are seen; null while the editor is off the page, or not measured. */
export function seenRows(view: EditorView): Seen | null {
  const scroller = scrollerOf(view);
  if (!scroller || scroller.clientHeight === 0 || view.contentHeight === 0) return null;
  const above_px = scroller.getBoundingClientRect().top - view.documentTop;
  return {
    from: rowAtHeight(view, above_px),
    to: rowAtHeight(view, above_px + scroller.clientHeight),
  };
}

/** Whether the editor has drawn all that is seen. */
export function isDrawn({ state, viewport }: EditorView, seen: Seen): boolean {
  const isFirstDrawn = state.doc.line(seen.from + 1).from >= viewport.from;
  return isFirstDrawn && state.doc.line(seen.to + 1).to <= viewport.to;
}

function rowAtHeight(view: EditorView, height_px: number): number {
  const block = view.lineBlockAtHeight(Math.max(height_px, 0));
  return view.state.doc.lineAt(block.from).number - 1;
}

/** The transaction that changes rows, with what keeps in place what is seen. */
export function keepingSeen(view: EditorView, spec: TransactionSpec): TransactionSpec {
  const effects = [spec.effects ?? []].flat();
  const next = effects.find((effect) => effect.is(setRows));
  const anchor = next?.is(setRows) && seenAnchor(view, spec, (line) => next.value.at(line));
  if (!anchor || !next?.is(setRows)) return spec;
  const changes = view.state.changes(spec.changes);
  const doc = changes.apply(view.state.doc);
  const { from } = doc.line(anchor.at + 1);
  return { ...spec, changes, effects: [...effects, toTop(from, anchor.top_px)] };
}

/** Brings a position to the top of what is seen, or so far below it. */
export function toTop(position: number, below_px = 0): StateEffect<unknown> {
  return EditorView.scrollIntoView(position, { y: "start", yMargin: below_px });
}

interface Anchor {
  /** Where the row will be. */
  readonly at: number;
  /** Its text below the top of what is seen. */
  readonly top_px: number;
}

/** The first row that is seen and stays; none is needed where nothing changes above it. */
function seenAnchor(
  view: EditorView,
  spec: TransactionSpec,
  placeOf: (line: string) => number,
): Anchor | null {
  const seen = spec.scrollIntoView ? null : seenRows(view);
  const scroller = scrollerOf(view);
  if (!seen || !scroller) return null;
  const { doc } = view.state;
  const rows = rowsOf(view.state);
  if (firstChange(view.state.changes(spec.changes)) >= doc.line(seen.from + 1).from) return null;
  // The beginning stays the beginning.
  if (rows.extent.first === 0 && scroller.scrollTop === 0) return null;
  for (let at = seen.from; at < Math.min(seen.from + ANCHORS_MAX, doc.lines); at++) {
    const row = rows.list[at];
    const place = row ? placeOf(row.id) : -1;
    const rect = place < 0 ? null : view.coordsAtPos(doc.line(at + 1).from, 1);
    if (rect) return { at: place, top_px: rect.top - scroller.getBoundingClientRect().top };
  }
  return null;
}

function firstChange(changes: ChangeSet): number {
  let first = Infinity;
  changes.iterChangedRanges((from) => (first = Math.min(first, from)));
  return first;
}
