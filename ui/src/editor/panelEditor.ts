// One panel's editor: a CodeMirror view, the panel's conversation with the core, and the gestures.
// It draws first and tells the core after. Knows nothing of other panels, layout or transports.

import { EditorSelection, EditorState, type Extension, type Transaction } from "@codemirror/state";
import { EditorView, type KeyBinding } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Message } from "../bridge/generated/Message";
import type { Row } from "../bridge/generated/Row";
import { ownCaret, setCarets } from "./carets";
import { extensions } from "./extensions";
import { cycleTodo, type Outcome, type RowRange } from "./gestures";
import { intentsOf } from "./intents";
import { Planner } from "./planner";
import { reconcile } from "./reconcile";
import { RowMismatch } from "./rows";
import { rowsOf } from "./rowset";
import {
  flush,
  type History,
  newSync,
  type PanelSync,
  receivePatch,
  receiveRows,
  reconnecting,
  record,
  reopening,
  sendHistory,
  shownRows,
} from "./sync";
import { Timers } from "./timers";
import { indexOf, parentIndex, subtreeEnd } from "./tree";

export type PanelMessage = Extract<Message, { type: "panelRows" | "panelPatch" | "carets" }>;

/** What the status bar tells of a panel. */
export interface SelectionReport {
  readonly rows: number;
  /** Row of the caret, from 1. */
  readonly row: number;
  readonly selectedRows: number;
  readonly selectedCharacters: number;
}

export interface EditorHost {
  send(command: Command): void;
  newLine(): string;
  focused(): void;
  /** Says something the user must know. */
  warn(text: string): void;
  reports(report: SelectionReport): void;
}

type Timer = "caret" | "pause" | "composition";

/** Text is sent with the next frame, carets a little later: they follow the text they stand in. */
const CARET_DELAY_MS = 60;
/** A pause this long ends an undo step. */
const PAUSE_MS = 700;
const COMPOSITION_RETRY_MS = 50;

export class PanelEditor {
  readonly view: EditorView;
  private sync: PanelSync;
  private document = "";
  private root: string | null = null;
  private frame: number | null = null;
  private readonly timers = new Timers<Timer>((timer) => this.due(timer));
  private postponed = false;
  private undone = false;
  private reveal: string | null = null;
  /** A gesture that waits for the rows below a line that is being unfolded. */
  private waiting: (() => void) | null = null;
  private lastReport = "";
  private lastCaret = "";

  constructor(
    readonly panel: number,
    private readonly host: EditorHost,
    keys: (editor: PanelEditor) => readonly KeyBinding[],
  ) {
    this.sync = newSync(panel);
    this.view = new EditorView({
      state: EditorState.create({ extensions: this.extensions(keys(this)) }),
      dispatchTransactions: (transactions, view) => this.dispatched(transactions, view),
    });
  }

  private extensions(keys: readonly KeyBinding[]): Extension {
    return [
      extensions({
        keys,
        newLine: () => this.host.newLine(),
        clicks: {
          fold: (row) => this.setFold(row, !row.folded),
          toggle: (row) => this.toggleTodo(row),
          zoom: (row) => this.zoom(row.id),
        },
        history: (history) => this.history(history),
        warn: (text) => this.host.warn(text),
      }),
      EditorView.domEventHandlers({
        focus: () => {
          this.host.focused();
          this.timers.startOnce("caret", CARET_DELAY_MS);
        },
        blur: () => {
          this.settle();
          this.sendCaret(null);
        },
        compositionend: () => {
          this.timers.restart("composition", COMPOSITION_RETRY_MS);
        },
      }),
    ];
  }

  // What the core says.

  open(document: string, root: string | null): void {
    this.flush();
    this.document = document;
    this.root = root;
    this.sync = reopening(this.sync);
    this.host.send({ type: "openPanel", panel: this.panel, document, root });
  }

  /** The connection was lost and is there again; the core knows nothing of this panel. */
  reconnected(): void {
    const folded = this.sync.base.filter((row) => row.folded);
    this.sync = reconnecting(this.sync);
    this.host.send({
      type: "openPanel",
      panel: this.panel,
      document: this.document,
      root: this.root,
    });
    for (const { id } of folded) {
      this.host.send({ type: "setFold", panel: this.panel, line: id, folded: true });
    }
  }

  receive(message: PanelMessage): void {
    switch (message.type) {
      case "panelRows": {
        const [sync, commands] = receiveRows(this.sync, message);
        this.sync = sync;
        this.root = message.root;
        commands.forEach((command) => this.host.send(command));
        this.show();
        this.revealed();
        return;
      }
      case "panelPatch":
        this.receivePatch(message);
        return;
      case "carets":
        this.view.dispatch({ effects: setCarets.of(message.carets) });
    }
  }

  private receivePatch(message: Extract<Message, { type: "panelPatch" }>): void {
    const undone = this.sync.pending.some((batch) => batch.history && batch.serial <= message.ack);
    try {
      this.sync = receivePatch(this.sync, message);
    } catch (error) {
      if (!(error instanceof RowMismatch)) throw error;
      this.open(this.document, this.root);
      return;
    }
    this.undone ||= undone;
    this.show();
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.();
  }

  private show(): void {
    const spec = reconcile(this.view.state, {
      rows: shownRows(this.sync),
      root: this.sync.root,
      composing: this.view.composing,
      follow: this.undone,
    });
    this.postponed = spec === "postponed";
    if (spec === "postponed") {
      this.timers.restart("composition", COMPOSITION_RETRY_MS);
    } else {
      this.undone = false;
      if (spec !== "shown") this.view.dispatch(spec);
    }
  }

  // What the user does.

  private dispatched(transactions: readonly Transaction[], view: EditorView): void {
    view.update(transactions);
    for (const transaction of transactions) {
      const intents = intentsOf(transaction);
      if (intents.length > 0) this.noted(intents);
    }
    const moved = transactions.some((transaction) => transaction.selection ?? transaction.docChanged);
    if (moved) {
      this.report();
      if (view.hasFocus) this.timers.startOnce("caret", CARET_DELAY_MS);
    }
  }

  private noted(intents: readonly EditIntent[]): void {
    this.waiting = null;
    const typed = intents.every((intent) => intent.type === "editText");
    // A structural intent stands behind the keystrokes before it, in the same order.
    this.sync = record(this.sync, intents);
    if (typed) this.soon();
    else this.flush();
    this.timers.restart("pause", PAUSE_MS);
  }

  private soon(): void {
    if (document.hidden) {
      this.flush();
    } else {
      this.frame ??= requestAnimationFrame(() => this.flush());
    }
  }

  private flush(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    const [sync, commands] = flush(this.sync);
    this.sync = sync;
    commands.forEach((command) => this.host.send(command));
  }

  /** Sends everything and ends the undo step: before leaving the panel, the window, or for long. */
  settle(): void {
    this.flush();
    this.timers.cancel("pause");
    this.host.send({ type: "flush", panel: this.panel });
  }

  history(history: History): boolean {
    const [sync, commands] = sendHistory(this.sync, history);
    this.sync = sync;
    commands.forEach((command) => this.host.send(command));
    return true;
  }

  /** Carries out a gesture; false when it does not apply, so that the key goes on. */
  gesture(run: (planner: Planner, range: RowRange) => Outcome, userEvent = "input"): boolean {
    const planner = new Planner(this.view.state, () => this.host.newLine());
    const outcome = run(planner, this.selectedRange());
    if (typeof outcome === "object") {
      const { unfold } = outcome;
      const row = planner.row(unfold);
      if (row) this.setFold(row, false);
      this.waiting = () => this.gesture(run, userEvent);
      return true;
    }
    if (planner.intents.length > 0) this.view.dispatch(planner.transaction(userEvent));
    return outcome === "done";
  }

  /** Rows that the selection touches; a last row of which nothing is selected does not count. */
  selectedRange(): RowRange {
    const { doc, selection } = this.view.state;
    const from = doc.lineAt(selection.main.from).number - 1;
    const last = doc.lineAt(selection.main.to);
    const spare = last.number - 1 > from && selection.main.to === last.from ? 1 : 0;
    return { from, to: last.number - 1 - spare };
  }

  get hasSelection(): boolean {
    return this.view.hasFocus && !this.view.state.selection.main.empty;
  }

  /** The row of the caret. */
  row(): Row | undefined {
    return rowsOf(this.view.state).list[this.selectedRange().from];
  }

  private toggleTodo(row: Row): void {
    this.gesture((planner) => {
      const at = indexOf(planner.rows, row.id);
      return cycleTodo(planner, { from: at, to: at });
    });
  }

  /** Folds the caret's row, or the one above it in the tree. */
  fold(): boolean {
    const { list } = rowsOf(this.view.state);
    const at = this.selectedRange().from;
    const own = list[at];
    const row = own?.hasChildren && !own.folded ? own : list[parentIndex(list, at)];
    if (row && row.id !== this.sync.root) this.setFold(row, true);
    return true;
  }

  unfold(): boolean {
    const row = this.row();
    if (row?.folded) this.setFold(row, false);
    return true;
  }

  foldAll(folded: boolean): boolean {
    this.flush();
    this.host.send({ type: "foldAll", panel: this.panel, folded });
    return true;
  }

  private setFold(row: Row, folded: boolean): void {
    this.flush();
    if (folded) this.leaveSubtree(row);
    this.host.send({ type: "setFold", panel: this.panel, line: row.id, folded });
    this.announce(folded ? "Folded" : "Unfolded");
  }

  /** A caret that is about to be hidden goes to the end of the row that hides it. */
  private leaveSubtree(row: Row): void {
    const { list } = rowsOf(this.view.state);
    const at = indexOf(list, row.id);
    const { from } = this.selectedRange();
    if (from <= at || from >= subtreeEnd(list, at)) return;
    this.view.dispatch({ selection: { anchor: this.view.state.doc.line(at + 1).to } });
  }

  zoom(root: string | null): boolean {
    if (root === this.sync.root) return true;
    this.flush();
    this.reveal = root ?? this.sync.root;
    this.root = root;
    this.host.send({ type: "zoom", panel: this.panel, root });
    return true;
  }

  zoomIn(): boolean {
    const row = this.row();
    return row ? this.zoom(row.id) : true;
  }

  /** Puts the caret at a line, now or when its rows come; zooms to it where it is folded away. */
  revealLine(line: string): void {
    this.reveal = line;
    if (this.sync.revision > 0 && this.sync.opened === null) this.revealed();
  }

  private revealed(): void {
    const line = this.reveal;
    this.reveal = null;
    if (line === null) return;
    const rows = rowsOf(this.view.state);
    const at = rows.at(line);
    if (at < 0) {
      this.zoom(line);
      return;
    }
    const position = this.view.state.doc.line(at + 1).to;
    const y = line === rows.root ? "start" : "center";
    this.view.dispatch({
      selection: EditorSelection.cursor(position),
      effects: EditorView.scrollIntoView(position, { y, yMargin: 80 }),
    });
  }

  announce(text: string): void {
    this.view.dispatch({ effects: EditorView.announce.of(text) });
  }

  // The screen around it.

  mount(parent: HTMLElement): void {
    parent.appendChild(this.view.dom);
    this.view.requestMeasure();
  }

  focus(): void {
    this.view.focus();
  }

  focusStart(): void {
    this.view.dispatch({ selection: { anchor: 0 } });
    this.view.focus();
  }

  focusEnd(): void {
    const { length } = this.view.state.doc;
    this.view.dispatch({ selection: { anchor: length }, scrollIntoView: true });
    this.view.focus();
  }

  destroy(): void {
    this.flush();
    this.timers.cancelAll();
    this.view.destroy();
  }

  private report(): void {
    const { doc, selection } = this.view.state;
    const { from, to } = this.selectedRange();
    const report: SelectionReport = {
      rows: rowsOf(this.view.state).list.length,
      row: doc.lineAt(selection.main.head).number,
      selectedRows: selection.main.empty ? 0 : to - from + 1,
      selectedCharacters: selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0),
    };
    const text = JSON.stringify(report);
    if (text !== this.lastReport) this.host.reports(report);
    this.lastReport = text;
  }

  private sendCaret(caret: ReturnType<typeof ownCaret>): void {
    const text = JSON.stringify(caret);
    if (text === this.lastCaret) return;
    this.lastCaret = text;
    this.flush();
    this.host.send({ type: "caret", panel: this.panel, caret });
  }

  private due(timer: Timer): void {
    switch (timer) {
      case "caret":
        if (this.view.hasFocus) this.sendCaret(ownCaret(this.view.state));
        return;
      case "pause":
        this.settle();
        return;
      case "composition":
        if (this.postponed) this.show();
    }
  }
}
