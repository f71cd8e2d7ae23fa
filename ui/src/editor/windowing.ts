// Which rows of a long panel are held: those around what is seen. Rows are taken in and left while one
// scrolls, and jumps go to rows that are not held yet.

import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { keptHead } from "./far";
import { rowsOf } from "./rowset";
import { Scrollbar } from "./scrollbar";
import { isDrawn, seenRows, toTop } from "./scrolling";

/** Other rows are asked for when so few of those held are left on one side of what is seen. */
const MARGIN = 150;
/** A request that was not answered is made again. */
const PATIENCE_MS = 2000;

/** A row to go to, by how many are above it. */
interface Goal {
  readonly ordinal: number;
  /** Whether the caret goes there, and takes the selection with it. */
  readonly caret: "stays" | "goes" | "selects";
}

export interface WindowHost {
  readonly view: EditorView;
  moveWindow(first: number): void;
}

export class Windowing {
  private readonly scrollbar: Scrollbar;
  private scroller: HTMLElement | null = null;
  private asked: { readonly first: number; readonly at_ms: number } | null = null;
  private goal: Goal | null = null;
  private frame: number | null = null;
  private readonly look = (): void => {
    this.frame ??= requestAnimationFrame(() => this.looked());
  };

  constructor(private readonly host: WindowHost) {
    this.scrollbar = new Scrollbar({
      goTo: (ordinal) => this.goTo({ ordinal, caret: "stays" }),
      left: () => host.view.focus(),
    });
  }

  mount(scroller: HTMLElement | null): void {
    this.scroller?.removeEventListener("scroll", this.look);
    this.scroller = scroller;
    scroller?.addEventListener("scroll", this.look, { passive: true });
    scroller?.after(this.scrollbar.dom);
    this.look();
  }

  destroy(): void {
    this.scroller?.removeEventListener("scroll", this.look);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.scrollbar.dom.remove();
  }

  /** The caret is on its way to a row that is not held. */
  get isGoing(): boolean {
    return this.goal !== null && this.goal.caret !== "stays";
  }

  /** The panel goes to another document. */
  leave(): void {
    this.goal = null;
  }

  private get isEarly(): boolean {
    return rowsOf(this.host.view.state).extent.early;
  }

  /** The core has sent rows. */
  received(): void {
    this.asked = null;
    if (this.goal) this.goTo(this.goal);
    this.look();
  }

  /** The caret to the first or the last row of all, or as far as the selection goes. */
  toEnd(end: "first" | "last", selects: boolean): boolean {
    const rows = rowsOf(this.host.view.state);
    if (rows.isWhole) return false;
    const ordinal = end === "first" ? 0 : Infinity;
    this.goTo({ ordinal, caret: selects ? "selects" : "goes" });
    return true;
  }

  private goTo(goal: Goal): void {
    const { view } = this.host;
    const rows = rowsOf(view.state);
    const isAtStart = goal.ordinal === 0 && rows.extent.first === 0;
    if (this.isEarly && !isAtStart) {
      this.goal = goal;
      return;
    }
    const ordinal = Math.max(Math.min(goal.ordinal, rows.extent.total - 1), 0);
    const at = ordinal - rows.extent.first;
    const { length } = rows.list;
    const enough = MARGIN / 2;
    const nearStart = at < enough && rows.extent.first > 0;
    const nearEnd = at > length - enough && rows.extent.first + length < rows.extent.total;
    const held = rows.holds(ordinal);
    if (held) this.show(goal, at);
    if (!this.isEarly && (!held || nearStart || nearEnd)) this.ask(ordinal - (length >> 1));
    this.goal = held ? null : goal;
  }

  private show({ caret }: Goal, at: number): void {
    const { view } = this.host;
    const line = view.state.doc.line(at + 1);
    if (caret === "stays") {
      view.dispatch({ effects: toTop(line.from) });
      return;
    }
    const rows = rowsOf(view.state);
    const head = rows.extent.first + at === 0 ? line.from : line.to;
    const { anchor } = view.state.selection.main;
    const selection = EditorSelection.range(caret === "selects" ? anchor : head, head);
    const effects = [
      ...(caret === "selects" ? [keptHead(view.state)] : []),
      EditorView.scrollIntoView(head, { y: "nearest", yMargin: 40 }),
    ];
    view.dispatch({ selection, effects, userEvent: "select" });
  }

  private ask(first: number): void {
    const { extent, list } = rowsOf(this.host.view.state);
    const wanted = Math.max(Math.min(first, extent.total - list.length), 0);
    const now = performance.now();
    const asking = this.asked !== null && now - this.asked.at_ms < PATIENCE_MS;
    if (asking || wanted === extent.first) return;
    this.asked = { first: wanted, at_ms: now };
    this.host.moveWindow(wanted);
  }

  private looked(): void {
    this.frame = null;
    const { view } = this.host;
    const rows = rowsOf(view.state);
    this.scroller?.classList.toggle("windowed", !rows.isWhole);
    const seen = seenRows(view);
    // The editor may have measured before it was scrolled, and draws nothing here then.
    if (seen && !isDrawn(view, seen)) view.requestMeasure();
    const { early } = rows.extent;
    this.scrollbar.show(rows.isWhole || early || !seen ? null : { ...rows.extent, ...seen });
    if (!seen || rows.isWhole || early || view.composing || this.goal) return;
    const { first, total } = rows.extent;
    const { length } = rows.list;
    const nearStart = first > 0 && seen.from < MARGIN;
    const nearEnd = first + length < total && length - seen.to < MARGIN;
    if (nearStart || nearEnd) this.ask(first + ((seen.from + seen.to) >> 1) - (length >> 1));
  }
}
