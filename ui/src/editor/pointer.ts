// Clicks beside a row's text: the chevron folds, the box of a todo toggles, the bullet zooms.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { shownDepth } from "./decorations";
import { isTodo } from "./kinds";
import { rowsOf } from "./rowset";

/** Widths in pixels, as in the style sheet. */
const COLUMN = 24;

export interface MarkerClicks {
  fold(row: Row): void;
  toggle(row: Row): void;
  zoom(row: Row): void;
}

export function markerClicks(clicks: MarkerClicks): Extension {
  return EditorView.domEventHandlers({
    mousedown(event, view) {
      if (event.button !== 0 || event.shiftKey || event.altKey) return false;
      const hit = markerUnder(event, view);
      if (!hit) return false;
      event.preventDefault();
      clicks[hit.action](hit.row);
      return true;
    },
  });
}

function markerUnder(
  event: MouseEvent,
  view: EditorView,
): { readonly row: Row; readonly action: keyof MarkerClicks } | null {
  const line = event.target instanceof Element ? event.target.closest<HTMLElement>(".row") : null;
  const rows = rowsOf(view.state);
  const row = rows.list[rows.at(line?.dataset["line"] ?? "")];
  if (!line || !row || row.id === rows.root) return null;
  const x = event.clientX - line.getBoundingClientRect().left - shownDepth(row, rows) * COLUMN;
  if (x < 0 || x >= 2 * COLUMN) return null;
  if (x < COLUMN) return row.hasChildren ? { row, action: "fold" } : null;
  if (isTodo(row.kind)) return { row, action: "toggle" };
  return row.kind === "code" ? null : { row, action: "zoom" };
}
