// A panel's conversation with the core, carried out: holds the state of it, sends what is due, and
// brings the screen to what the core says. What is shown is always what this state gives.

import type { EditorState, TransactionSpec } from "@codemirror/state";

import type { Command } from "../bridge/generated/Command";
import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Row } from "../bridge/generated/Row";
import { type Follow, reconcile } from "./reconcile";
import { RowMismatch } from "./rows";
import {
  composed,
  flush,
  type FarEdit,
  type History,
  isUnanswered,
  newSync,
  type PanelPatch,
  type PanelRows,
  type PanelSync,
  receivePatch,
  receiveRows,
  reconnecting,
  record,
  reopening,
  sendHistory,
  shownRows,
} from "./sync";

/** What the conversation needs of the editor. */
export interface Screen {
  readonly state: EditorState;
  /** An input method is composing at the caret. */
  readonly composing: boolean;
  dispatch(spec: TransactionSpec): void;
}

export class Conversation {
  private sync: PanelSync;
  document = "";
  private zoomed: string | null = null;
  private left = true;
  /** What was typed is sent when the page has finished with what it does now. */
  private due = false;
  /** Patches that would disturb a running composition, and those behind them. */
  private held: PanelPatch[] = [];
  /** Names what is written here through all connections, so that the core can say what it has taken. */
  private stream: string | null = null;

  constructor(
    private readonly panel: number,
    private readonly send: (command: Command) => void,
    private readonly screen: () => Screen,
    private readonly newStream: () => string,
  ) {
    this.sync = newSync(panel);
  }

  get root(): string | null {
    return this.sync.root;
  }

  get unanswered(): boolean {
    return isUnanswered(this.sync);
  }

  /** Rows of what was opened last are on the screen. */
  get shown(): boolean {
    return this.sync.revision > 0 && this.sync.opened === null;
  }

  /** The rows on the screen are of a document that was left; typing there would go astray. */
  get leaving(): boolean {
    return this.left;
  }

  open(document: string, root: string | null, near?: string): void {
    this.flush();
    this.left ||= document !== this.document;
    [this.document, this.zoomed] = [document, root];
    this.sync = reopening(this.sync);
    this.sendOpen(near);
  }

  /** The connection was lost and is there again; the core knows nothing of this panel. `folds`: the
   * rows are folded as they are told. */
  reconnected(folds: boolean): void {
    const { base, extent } = this.sync;
    const folded = base.filter((row) => folds && row.folded);
    const near = base.length < extent.total ? base[base.length >> 1]?.id : undefined;
    this.sync = reconnecting(this.sync);
    this.sendOpen(near, true);
    for (const { id } of folded) {
      this.send({ type: "setFold", panel: this.panel, line: id, folded: true });
    }
  }

  private sendOpen(near?: string, again = false): void {
    const { panel, document, zoomed } = this;
    const around = near === undefined ? {} : { near };
    const stream = (this.stream ??= this.newStream());
    this.send({ type: "openPanel", panel, document, root: zoomed, stream, again, ...around });
  }

  /** Has other rows held here: from the one with so many above it on. */
  moveWindow(first: number): void {
    this.flush();
    this.send({ type: "moveWindow", panel: this.panel, first });
  }

  /** Has the rows around a line held here. */
  showLine(line: string): void {
    this.flush();
    this.send({ type: "showLine", panel: this.panel, line });
  }

  zoom(root: string | null): void {
    this.flush();
    this.zoomed = root;
    this.send({ type: "zoom", panel: this.panel, root });
  }

  /** What the user did and sees already. Structural intents go at once, what one key typed together. */
  note(intents: readonly EditIntent[]): void {
    const typed = intents.every((intent) => intent.type === "editText");
    // What is sent together is undone together.
    if (!typed) this.flush();
    this.sync = record(this.sync, intents);
    if (!typed) this.flush();
    else if (!this.due) {
      this.due = true;
      queueMicrotask(() => this.flushTyping());
    }
  }

  /** Sends what was typed, unless an input method is still putting it together. */
  flushTyping(): void {
    this.due = false;
    if (this.screen().composing) return;
    this.sync = composed(this.sync);
    this.flush();
  }

  flush(): void {
    this.carryOn(flush(this.sync));
  }

  history(history: History | FarEdit): void {
    this.carryOn(sendHistory(this.sync, history));
  }

  private carryOn([sync, commands]: readonly [PanelSync, readonly Command[]]): void {
    this.sync = sync;
    commands.forEach((command) => this.send(command));
  }

  receiveRows(message: PanelRows): void {
    this.held = [];
    this.zoomed = message.root;
    const { left } = this;
    this.left = false;
    this.carryOn(receiveRows(this.sync, message));
    // New rows were asked for, or the old ones are gone: no composition keeps them.
    this.show(this.sync, { composing: false, follow: null });
    // Where the caret was in another document says nothing about this one.
    if (left) this.screen().dispatch({ selection: { anchor: 0 } });
    this.flush();
  }

  /** Whether the screen shows the patch now; otherwise it is held back for `release`. */
  receivePatch(message: PanelPatch): boolean {
    this.held.push(message);
    return this.release();
  }

  /** Shows what was held back, as far as nothing composes there any more. */
  release(): boolean {
    for (let next = this.held[0]; next; next = this.held[0]) {
      if (!this.takePatch(next)) return false;
      this.held.shift();
    }
    return true;
  }

  private takePatch(message: PanelPatch): boolean {
    const { pending } = this.sync;
    const undone = pending.some(
      ({ history, serial }) => typeof history === "string" && serial <= message.ack,
    );
    try {
      const { composing } = this.screen();
      const next = receivePatch(this.sync, message);
      const follow = undone ? movedIn(message.changes, this.sync.base) : null;
      return this.show(next, { composing, follow });
    } catch (error) {
      if (!(error instanceof RowMismatch)) throw error;
      // Panel and core disagree about the rows: what the core shows anew is right.
      this.open(this.document, this.zoomed);
      return true;
    }
  }

  private show(sync: PanelSync, how: { composing: boolean; follow: Follow | null }): boolean {
    const rows = shownRows(sync);
    const total = sync.extent.total + rows.length - sync.base.length;
    const extent = { ...sync.extent, total };
    const spec = reconcile(this.screen().state, { rows, root: sync.root, extent, ...how });
    if (spec === "postponed") return false;
    this.sync = sync;
    if (spec !== "shown") this.screen().dispatch(spec);
    return true;
  }
}

/** The rows that an undo put elsewhere. */
function movedIn(changes: PanelPatch["changes"], before: readonly Row[]): Follow {
  const known = new Set(before.map((row) => row.id));
  const inserted = changes.flatMap((change) => (change.type === "splice" ? change.insert : []));
  return { moved: inserted.map((row) => row.id).filter((id) => known.has(id)) };
}
