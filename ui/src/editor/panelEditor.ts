// One panel's editor: a CodeMirror view, the panel's conversation with the core, and the gestures.
// It draws first and tells the core after. Knows nothing of other panels, layout or transports.

import {
  EditorSelection,
  EditorState,
  type Extension,
  Prec,
  type Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import { EditorView, type KeyBinding } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Message } from "../bridge/generated/Message";
import type { Row } from "../bridge/generated/Row";
import { strings } from "../strings/strings";
import { setLanguage } from "./code";
import { Conversation, type Screen } from "./conversation";
import { drop, type DropTarget } from "./dropping";
import { extensions } from "./extensions";
import { cycleTodo, type Lines, nextTodo, type Outcome } from "./gestures";
import { Filter } from "./filter";
import { openFind } from "./find";
import { Folding } from "./folding";
import { HeldKeys } from "./heldKeys";
import { intentsOf } from "./intents";
import { followTarget, targetAt, type Ways } from "./livePreview";
import { Planner } from "./planner";
import { Presence } from "./presence";
import { type RowSet, rowsOf } from "./rowset";
import type { History } from "./sync";
import { rangeOf, reportOf, type RowRange, type SelectionReport } from "./selection";
import { keepingSeen, scrollerOf } from "./scrolling";
import { Timers } from "./timers";
import { isFar } from "./far";
import { longKeys, type LongMessage, LongPanel } from "./longPanel";

export type PanelMessage =
  Extract<Message, { type: "panelRows" | "panelPatch" | "carets" | "filtered" }> | LongMessage;

export interface EditorHost {
  send(command: Command): void;
  newLine(): string;
  focused(): void;
  /** Says something the user must know. */
  warn(text: string): void;
  /** Opens an address outside of the document. */
  openLink(address: string): void;
  reports(report: SelectionReport): void;
}

type Timer = "pause" | "composition";

/** A pause this long ends an undo step. */
const PAUSE_MS = 700;
const COMPOSITION_RETRY_MS = 50;

export class PanelEditor {
  readonly view: EditorView;
  /** Bars above the rows, where they do not scroll away. */
  private readonly bars = document.createElement("div");
  private readonly conversation: Conversation;
  readonly folding: Folding;
  readonly filter: Filter;
  private readonly presence: Presence;
  private readonly long: LongPanel;
  private readonly timers = new Timers<Timer>((timer) => this.due(timer));
  /** Keys that were pressed before the rows of a document came. */
  private readonly ahead = new HeldKeys();
  private readonly ways: Ways = {
    openLink: (address) => this.openLink(address),
    openName: (name) => this.filter.open(name),
  };
  private reveal: string | null = null;
  /** A gesture that waits for the rows below a line that is being unfolded. */
  private waiting: { readonly line: string; readonly run: () => void } | null = null;
  private lastReport = "";

  constructor(
    readonly panel: number,
    private readonly host: EditorHost,
    keys: (editor: PanelEditor) => readonly KeyBinding[],
  ) {
    this.conversation = new Conversation(
      panel,
      (command) => host.send(command),
      () => this.screen(),
      () => host.newLine(),
    );
    this.view = new EditorView({
      state: EditorState.create({ extensions: this.extensions(keys(this)) }),
      dispatchTransactions: (transactions, view) => this.dispatched(transactions, view),
    });
    const { view } = this;
    const send = (command: Command): void => this.sendBehindTyping(command);
    this.folding = new Folding({ panel, view, send });
    this.filter = new Filter({ panel, view, send, container: this.bars });
    this.presence = new Presence({ panel, view, send });
    this.long = new LongPanel({
      panel,
      view,
      send: (command) => host.send(command),
      moveWindow: (first) => this.conversation.moveWindow(first),
      showLine: (line) => this.conversation.showLine(line),
      edit: (edit) => {
        this.settle();
        this.conversation.history(edit);
      },
      warn: (text) => host.warn(text),
    });
  }

  private screen(): Screen {
    const { view } = this;
    return {
      state: view.state,
      composing: view.composing,
      dispatch: (spec) => view.dispatch(keepingSeen(view, spec)),
    };
  }

  private extensions(keys: readonly KeyBinding[]): Extension {
    return [
      extensions({
        keys,
        newLine: () => this.host.newLine(),
        clicks: {
          fold: (row) => this.folding.set(row, !row.folded),
          toggle: (row) => this.toggleTodo(row, false),
          nextState: (row) => this.toggleTodo(row, true),
          zoom: (row) => this.zoom(row.id),
          linesWith: (row) => this.linesWith(row),
          dropped: (lines, target) => this.dropped(lines, target),
        },
        history: (history) => this.history(history),
        warn: (text) => this.host.warn(text),
        document: () => this.conversation.document,
        ways: this.ways,
        chooseLanguage: (line, language) => {
          this.gesture((planner) => setLanguage(planner, line, language));
        },
        copyFar: () => this.long.editing.copy(),
        cutFar: () => this.long.replace(""),
        find: {
          finder: () => this.long.finder,
          container: this.bars,
          alone: (run) => this.alone(run),
          unfoldAll: () => this.folding.all(false),
        },
      }),
      Prec.highest(EditorView.domEventHandlers({ keydown: (event) => this.holds(event) })),
      longKeys(() => this.long),
      EditorView.domEventHandlers({
        focus: () => {
          this.host.focused();
          this.presence.moved();
        },
        blur: () => {
          this.settle();
          this.presence.left();
        },
        compositionend: () => {
          this.timers.restart("composition", COMPOSITION_RETRY_MS);
        },
      }),
    ];
  }

  // What the core says.

  /** `near`: the line around which rows are wanted when there are too many to hold all. */
  open(document: string, root: string | null, near?: string): void {
    this.ahead.forget();
    this.filter.leave();
    if (document !== this.conversation.document) this.long.leave();
    this.conversation.open(document, root, near);
  }

  reconnected(): void {
    this.conversation.reconnected(!this.filter.isOn);
    this.long.reconnected();
  }

  receive(message: PanelMessage): void {
    switch (message.type) {
      case "panelRows":
        this.conversation.receiveRows(message);
        this.filter.rowsCame();
        this.revealed();
        this.report();
        this.long.rowsCame();
        return;
      case "panelPatch":
        this.shows(this.conversation.receivePatch(message));
        this.long.rowsCame();
        return;
      case "lineShown":
      case "spanRows":
      case "found":
      case "matches":
        this.long.received(message);
        return;
      case "filtered":
        this.filter.received(message);
        return;
      case "carets":
        this.presence.received(message.carets);
    }
  }

  /** The caret stands where it belongs in the rows that came: what was typed meanwhile is typed. */
  caretReturned(): void {
    this.ahead.release(this.view);
  }

  /** Sends what the input method put together, and shows what waited for it. */
  compositionEnded(): void {
    this.conversation.flushTyping();
    this.shows(this.conversation.release());
    this.presence.show();
  }

  /** `all`: nothing is held back because of a composition. */
  private shows(all: boolean): void {
    if (!all) this.timers.restart("composition", COMPOSITION_RETRY_MS);
    this.report();
    const { waiting } = this;
    if (!waiting || this.rows.list[this.rows.at(waiting.line)]?.folded !== false) return;
    this.waiting = null;
    waiting.run();
  }

  // What the user does.

  /** Whether a key waits for the rows of the document that was gone to. */
  private holds(event: KeyboardEvent): boolean {
    const waits = this.conversation.leaving || !this.ahead.isEmpty;
    return waits && !event.isComposing && this.ahead.hold(event);
  }

  private dispatched(transactions: readonly Transaction[], view: EditorView): void {
    const changes = transactions.some((transaction) => intentsOf(transaction).length > 0);
    // The rows on the screen are of another document.
    if (changes && this.conversation.leaving) return;
    if (changes && isFar(view.state)) {
      // Nobody sees what they would change.
      this.long.bringCaret();
      return;
    }
    view.update(transactions);
    for (const transaction of transactions) {
      const intents = intentsOf(transaction);
      if (intents.length > 0) this.noted(intents);
    }
    const moved = transactions.some(
      (transaction) => transaction.selection ?? transaction.docChanged,
    );
    if (moved) {
      this.report();
      if (view.hasFocus) this.presence.moved();
    }
  }

  private noted(intents: readonly EditIntent[]): void {
    this.waiting = null;
    this.conversation.note(intents);
    this.timers.restart("pause", PAUSE_MS);
  }

  /** Sends everything and ends the undo step: before leaving the panel, the window, or for long. */
  settle(): void {
    this.conversation.flushTyping();
    this.timers.cancel("pause");
    this.host.send({ type: "flush", panel: this.panel });
  }

  history(history: History): boolean {
    this.conversation.history(history);
    return true;
  }

  /** Carries out a gesture; false when it does not apply, so that the key goes on. */
  gesture(run: (planner: Planner, lines: Lines) => Outcome, userEvent = "input"): boolean {
    if (this.long.gesture(run)) return true;
    const planner = new Planner(this.view.state, () => this.host.newLine());
    const outcome = run(planner, this.selectedLines());
    if (typeof outcome === "object") {
      const { unfold } = outcome;
      const row = planner.row(unfold);
      if (row) this.folding.set(row, false);
      this.waiting = { line: unfold, run: () => this.gesture(run, userEvent) };
      return true;
    }
    if (planner.intents.length > 0) this.view.dispatch(planner.transaction(userEvent));
    return outcome === "done";
  }

  /** Changes text in a way that is undone by itself. */
  change(spec: TransactionSpec): void {
    this.alone(() => this.view.dispatch({ userEvent: "input", scrollIntoView: true, ...spec }));
  }

  /** What `run` changes is undone by itself. */
  private alone(run: () => void): void {
    this.settle();
    run();
    this.settle();
  }

  /** Rows that the main selection touches; a last row of which nothing is selected does not count. */
  selectedRange(): RowRange {
    return rangeOf(this.view.state, this.view.state.selection.main);
  }

  /** The lines that any selection or caret touches. */
  selectedLines(): Lines {
    const { state } = this.view;
    const selected = new Set<number>();
    for (const range of state.selection.ranges) {
      const { from, to } = rangeOf(state, range);
      for (let at = from; at <= to; at++) selected.add(at);
    }
    const { list } = this.rows;
    return [...selected].sort((a, b) => a - b).flatMap((at) => list[at]?.id ?? []);
  }

  /** The zoomed line; null for the whole document. */
  get root(): string | null {
    return this.conversation.root;
  }

  private get rows(): RowSet {
    return rowsOf(this.view.state);
  }

  get hasSelection(): boolean {
    return this.view.hasFocus && !this.view.state.selection.main.empty;
  }

  /** The row of the caret. */
  row(): Row | undefined {
    return this.rows.list[this.selectedRange().from];
  }

  private toggleTodo(row: Row, next: boolean): void {
    this.gesture((planner) => (next ? nextTodo : cycleTodo)(planner, [row.id]));
  }

  /** The whole selection when the row is a part of it. */
  private linesWith(row: Row): Lines {
    const selected = this.selectedLines();
    return selected.length > 1 && selected.includes(row.id) ? selected : [row.id];
  }

  private dropped(lines: Lines, target: DropTarget): void {
    if (this.gesture((planner) => drop(planner, lines, target), "move.drop")) {
      this.announce(strings.editor.moved(lines.length));
    }
  }

  zoom(root: string | null): boolean {
    if (root === this.root) return true;
    this.reveal = root ?? this.root;
    this.filter.leave();
    this.conversation.zoom(root);
    return true;
  }

  zoomIn(): boolean {
    const row = this.row();
    return row ? this.zoom(row.id) : true;
  }

  /** Puts the caret at a line, now or when its rows come; zooms to it where it is folded away. */
  revealLine(line: string): void {
    this.reveal = line;
    if (this.conversation.shown) this.revealed();
  }

  private revealed(): void {
    const line = this.reveal;
    this.reveal = null;
    if (line === null) return;
    const { rows } = this;
    const at = rows.at(line);
    if (at < 0) {
      const zoom = (): void => void this.zoom(line);
      if (rows.isWhole) zoom();
      else this.long.whenShown(line, () => this.revealLine(line), zoom);
      return;
    }
    const position = this.view.state.doc.line(at + 1).to;
    const y = line === rows.root ? "start" : "center";
    this.view.dispatch({
      selection: EditorSelection.cursor(position),
      effects: EditorView.scrollIntoView(position, { y, yMargin: 80 }),
    });
  }

  private openLink(address: string): void {
    if (/^(?:https?:\/\/|mailto:)/i.test(address)) this.host.openLink(address);
    else {
      this.host.warn(strings.editor.linkRefused(address));
    }
  }

  /** Opens the link at the caret; of a tag or a person, the lines that name it. */
  openLinkHere(): boolean {
    const { state } = this.view;
    const target = targetAt(state, state.selection.main.head);
    if (target) followTarget(target, this.ways);
    return target !== null;
  }

  find(): boolean {
    return openFind(this.view);
  }

  announce(text: string): void {
    this.view.dispatch({ effects: EditorView.announce.of(text) });
  }

  // The screen around it.

  mount(parent: HTMLElement): void {
    parent.appendChild(this.view.dom);
    const scroller = scrollerOf(this.view);
    if (scroller) scroller.before(this.bars);
    else parent.prepend(this.bars);
    this.long.mount(scroller);
    this.view.requestMeasure();
  }

  focus(): void {
    this.view.focus();
  }

  focusStart(): void {
    this.long.toEnd("first", false);
    this.view.dispatch({ selection: { anchor: 0 } });
    this.view.focus();
  }

  focusEnd(): void {
    const { length } = this.view.state.doc;
    if (!this.long.toEnd("last", false)) {
      this.view.dispatch({ selection: { anchor: length }, scrollIntoView: true });
    }
    this.view.focus();
  }

  destroy(): void {
    this.conversation.flush();
    this.timers.cancelAll();
    this.presence.destroy();
    this.bars.remove();
    this.long.destroy();
    this.view.destroy();
  }

  private report(): void {
    const report = reportOf(this.view.state, this.conversation.unanswered);
    const text = JSON.stringify(report);
    if (text !== this.lastReport) this.host.reports(report);
    this.lastReport = text;
  }

  private sendBehindTyping(command: Command): void {
    this.conversation.flush();
    this.host.send(command);
  }

  private due(timer: Timer): void {
    switch (timer) {
      case "pause":
        if (this.view.composing) this.timers.restart("pause", PAUSE_MS);
        else this.settle();
        return;
      case "composition":
        this.compositionEnded();
    }
  }
}
