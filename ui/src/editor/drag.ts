// Dragging rows: shows where they would go, at which depth, scrolls at the edges, and drops them.
// Escape puts everything back. What a drop does to the outline is decided in dropping.ts.

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { strings } from "../strings/strings";
import { draggedRows, type DropTarget, dropTarget } from "./dropping";
import { plainText } from "./inline";
import { rowsOf } from "./rowset";

export interface DragHost {
  /** The lines that move when this one is pulled. */
  linesWith(row: Row): readonly string[];
  dropped(lines: readonly string[], target: DropTarget): void;
}

/** Of the style sheet, in pixels. */
const COLUMN = 24;
/** So near to an edge the panel scrolls, … */
const EDGE = 56;
/** … at most by so many pixels a frame. */
const SCROLL_MAX = 18;

const setDragged = StateEffect.define<ReadonlySet<string>>();
const DIMMED = Decoration.line({ class: "row-dragged" });

/** Rows under way are dimmed. */
export const draggedField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setDragged)) continue;
      const { doc } = transaction.state;
      const rows = rowsOf(transaction.state).list;
      const ranges = rows.flatMap((row, at) =>
        effect.value.has(row.id) ? [DIMMED.range(doc.line(at + 1).from)] : [],
      );
      return Decoration.set(ranges);
    }
    return shown.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export class Drag {
  private readonly lines: readonly string[];
  private readonly ended = new AbortController();
  private readonly line = document.createElement("div");
  private readonly ghost = document.createElement("div");
  private readonly scroller: Element;
  private x = 0;
  private y = 0;
  private target: DropTarget | null = null;

  constructor(
    private readonly view: EditorView,
    row: Row,
    private readonly host: DragHost,
    event: PointerEvent,
  ) {
    this.lines = host.linesWith(row);
    this.scroller = view.dom.closest("[data-scroller]") ?? view.scrollDOM;
    this.line.className = "drop-line";
    this.ghost.className = "drag-ghost";
    const more = this.lines.length > 1 ? ` +${this.lines.length - 1}` : "";
    this.ghost.textContent = (plainText(row.text).trim() || strings.emptyLine).slice(0, 60) + more;
    view.dom.append(this.line);
    document.body.append(this.ghost);
    document.documentElement.classList.add("dragging");
    view.dispatch({ effects: setDragged.of(this.dragged) });
    this.listen(event.pointerId);
    this.moved(event);
    this.scroll();
  }

  private get dragged(): ReadonlySet<string> {
    return draggedRows(rowsOf(this.view.state).list, this.lines);
  }

  private listen(pointer: number): void {
    const { signal } = this.ended;
    const mine = (run: (event: PointerEvent) => void) => (event: PointerEvent) => {
      if (event.pointerId === pointer) run(event);
    };
    const capture = { signal, capture: true };
    window.addEventListener(
      "pointermove",
      mine((event) => this.moved(event)),
      capture,
    );
    window.addEventListener(
      "pointerup",
      mine(() => this.drop()),
      capture,
    );
    window.addEventListener(
      "pointercancel",
      mine(() => this.end()),
      capture,
    );
    window.addEventListener("blur", () => this.end(), { signal });
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        this.end();
      },
      capture,
    );
  }

  private moved(event: PointerEvent): void {
    [this.x, this.y] = [event.clientX, event.clientY];
    this.aim();
  }

  /** Finds the place under the pointer and shows it. */
  private aim(): void {
    const { view } = this;
    const rows = rowsOf(view.state);
    const content = view.contentDOM.getBoundingClientRect();
    const block = view.lineBlockAtHeight(this.y - view.documentTop);
    const at = view.state.doc.lineAt(block.from).number - 1;
    const lower = this.y - view.documentTop > (block.top + block.bottom) / 2;
    const gap = Math.min(lower ? at + 1 : at, rows.list.length);
    const zoomed = rows.root === null ? 0 : 1;
    const wanted = Math.round((this.x - content.left - COLUMN * 1.5) / COLUMN) + zoomed;
    this.target = dropTarget({ rows: rows.list, root: rows.root }, this.dragged, gap, wanted);
    const edge = lower ? block.bottom : block.top;
    const top = edge + view.documentTop - view.dom.getBoundingClientRect().top;
    const inset = COLUMN * (this.target.depth - zoomed + 1.5);
    this.line.style.transform = `translateY(${top}px)`;
    this.line.style.insetInlineStart = `${inset}px`;
    this.ghost.style.transform = `translate(${this.x + 14}px, ${this.y + 10}px)`;
  }

  private scroll(): void {
    if (this.ended.signal.aborted) return;
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const above = Math.max(top + EDGE - this.y, 0);
    const below = Math.max(this.y - (bottom - EDGE), 0);
    const by = (Math.min(Math.max(above, below) / EDGE, 1) * SCROLL_MAX) | 0;
    if (by > 0) {
      this.scroller.scrollBy(0, above > 0 ? -by : by);
      this.aim();
    }
    requestAnimationFrame(() => this.scroll());
  }

  private drop(): void {
    const { target } = this;
    this.end();
    if (target) this.host.dropped(this.lines, target);
  }

  private end(): void {
    this.ended.abort();
    this.line.remove();
    this.ghost.remove();
    document.documentElement.classList.remove("dragging");
    this.view.dispatch({ effects: setDragged.of(new Set()) });
  }
}
