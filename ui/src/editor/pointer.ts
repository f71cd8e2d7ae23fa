// The pointer beside a row's text: the chevron folds, the box of a to-do toggles, the bullet zooms;
// pulled away, any of them drags the row with what is below it.

import type { Extension } from "@codemirror/state";
import { Direction, EditorView } from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { shownDepth } from "./decorations";
import { Drag, type DragHost } from "./drag";
import { isTodo } from "./kinds";
import { rowsOf } from "./rowset";

/** Of the style sheet, in pixels. */
const COLUMN = 24;
/** A press that moves less is a click. */
const DRAG_DISTANCE = 4;

export interface MarkerClicks extends DragHost {
  fold(row: Row): void;
  toggle(row: Row): void;
  /** The next of the five states of a todo. */
  nextState(row: Row): void;
  zoom(row: Row): void;
}

type Action = "fold" | "toggle" | "nextState" | "zoom";

interface Marker {
  readonly row: Row;
  /** What a click does; a row of code has nothing to click, but can be dragged. */
  readonly action: Action | null;
}

export function markerClicks(clicks: MarkerClicks): Extension {
  return EditorView.domEventHandlers({
    // The editor must not take the press for a new selection.
    mousedown(event, view) {
      if (event.button !== 0 || event.shiftKey || !markerUnder(event, view)) return false;
      event.preventDefault();
      return true;
    },
    pointerdown(event, view) {
      const marker = event.button === 0 && !event.shiftKey ? markerUnder(event, view) : null;
      if (marker) press(event, view, marker, clicks);
      return false;
    },
    contextmenu(event, view) {
      const marker = markerUnder(event, view);
      if (marker?.action !== "toggle") return false;
      event.preventDefault();
      clicks.nextState(marker.row);
      return true;
    },
  });
}

/** Follows a press until it is a click or a drag. */
function press(start: PointerEvent, view: EditorView, marker: Marker, clicks: MarkerClicks): void {
  const ended = new AbortController();
  const { signal } = ended;
  const move = (event: PointerEvent): void => {
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (event.pointerId !== start.pointerId || far < DRAG_DISTANCE) return;
    ended.abort();
    new Drag(view, marker.row, clicks, event);
  };
  const up = (event: PointerEvent): void => {
    if (event.pointerId !== start.pointerId) return;
    ended.abort();
    if (!marker.action) return;
    const action = marker.action === "toggle" && start.altKey ? "nextState" : marker.action;
    clicks[action](marker.row);
  };
  window.addEventListener("pointermove", move, { signal });
  window.addEventListener("pointerup", up, { signal });
  window.addEventListener("pointercancel", () => ended.abort(), { signal });
}

function markerUnder(event: MouseEvent, view: EditorView): Marker | null {
  const line = event.target instanceof Element ? event.target.closest<HTMLElement>(".row") : null;
  const rows = rowsOf(view.state);
  const row = rows.list[rows.at(line?.dataset["line"] ?? "")];
  if (!line || !row || row.id === rows.root) return null;
  const { left, right } = line.getBoundingClientRect();
  const rightToLeft = view.textDirectionAt(view.posAtDOM(line)) === Direction.RTL;
  const inset = rightToLeft ? right - event.clientX : event.clientX - left;
  const x = inset - shownDepth(row, rows) * COLUMN;
  if (x < 0 || x >= 2 * COLUMN) return null;
  if (x < COLUMN) return row.hasChildren ? { row, action: "fold" } : null;
  if (isTodo(row.kind)) return { row, action: "toggle" };
  return { row, action: ["code", "table", "divider"].includes(row.kind) ? null : "zoom" };
}
