// Pages of a panel's text: as many whole lines as fit. Reads the screen, changes nothing.

import type { EditorView } from "@codemirror/view";

/** Of a line that is higher than a page, this much is seen again on the next one. */
const OVERLAP_PX = 56;

/** How far down the page reaches, from the scroller's top: no line is cut. */
export function pageEnd(view: EditorView, scroller: HTMLElement): number {
  const { clientHeight } = scroller;
  const box = scroller.getBoundingClientRect();
  const offset = box.top - view.documentTop;
  const edge = offset + clientHeight;
  if (edge >= view.contentHeight || edge <= 0) return clientHeight;
  const { top } = view.lineBlockAtHeight(edge);
  const end = top - offset;
  return end < OVERLAP_PX ? clientHeight : end;
}

/** Where to scroll for the next page: what was covered or cut comes to the top. */
export function nextPage(view: EditorView, scroller: HTMLElement): number {
  const { clientHeight, scrollTop } = scroller;
  const text = view.documentTop + view.contentHeight - scroller.getBoundingClientRect().top;
  if (text <= clientHeight) return scrollTop;
  const end = pageEnd(view, scroller);
  return scrollTop + (end === clientHeight ? end - OVERLAP_PX : end);
}

export function previousPage(view: EditorView, scroller: HTMLElement): number {
  const { clientHeight, scrollTop } = scroller;
  const target = Math.max(scrollTop - clientHeight + OVERLAP_PX, 0);
  const offset = scroller.getBoundingClientRect().top - view.documentTop;
  const height = offset - (scrollTop - target);
  if (height <= 0) return 0;
  const block = view.lineBlockAtHeight(height);
  // From the next whole line on, so that the page ends where the present one begins.
  return target + (block.bottom - height);
}
