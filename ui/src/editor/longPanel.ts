// What a panel does in rows that are not held: jumps, keys, selections and searches that reach them.

import { EditorSelection, type Extension, Prec } from "@codemirror/state";
import { EditorView, type KeyBinding, keymap } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { Message } from "../bridge/generated/Message";
import { farSpan, isFar, NEAR, setFarEnds } from "./far";
import { FAR_GESTURES, FarEditing } from "./farEditing";
import { FarKeys } from "./farKeys";
import { Finder } from "./finder";
import { unitAt } from "./offsets";
import { rowsOf } from "./rowset";
import type { FarEdit } from "./sync";
import { Windowing } from "./windowing";

export type LongMessage = Extract<
  Message,
  { type: "lineShown" | "spanRows" | "found" | "matches" }
>;

export interface LongHost {
  readonly panel: number;
  readonly view: EditorView;
  send(command: Command): void;
  moveWindow(first: number): void;
  showLine(line: string): void;
  /** Carries out what only the core can do, undone by itself. */
  edit(edit: FarEdit): void;
  warn(text: string): void;
}

/** What waits for rows that are not held. */
interface Awaited {
  readonly line: string;
  readonly run: () => void;
  /** The panel has no row for the line. */
  readonly gone: () => void;
}

export class LongPanel {
  readonly finder: Finder;
  readonly editing: FarEditing;
  private readonly windowing: Windowing;
  private readonly keys: FarKeys;
  private awaited: Awaited | null = null;

  constructor(private readonly host: LongHost) {
    const { view } = host;
    const whenShown = (line: string, run: () => void): void => this.whenShown(line, run);
    this.windowing = new Windowing(host);
    this.finder = new Finder({
      panel: host.panel,
      view,
      send: (command) => host.send(command),
      edit: (edit) => host.edit(edit),
      whenShown,
    });
    this.editing = new FarEditing(host);
    this.keys = new FarKeys(view, { whenShown, replace: (insert) => this.replace(insert) });
  }

  mount(scroller: HTMLElement | null): void {
    this.windowing.mount(scroller);
  }

  destroy(): void {
    this.windowing.destroy();
  }

  /** The core has sent rows. */
  rowsCame(): void {
    this.windowing.received();
    this.finder.rowsCame();
    this.arrived();
  }

  /** The connection was lost and is there again: nobody answers what was asked before. */
  reconnected(): void {
    if (this.awaited) this.host.showLine(this.awaited.line);
    this.finder.reconnected();
  }

  /** The panel goes to another document. */
  leave(): void {
    this.awaited = null;
    this.windowing.leave();
    this.finder.leave();
    this.keys.forget();
  }

  /** Whether the caret is on its way to somewhere. */
  private get isGoing(): boolean {
    return this.windowing.isGoing || this.finder.isLooking || this.awaited !== null;
  }

  private arrived(): void {
    this.keys.arrived(() => this.isGoing);
  }

  received(message: LongMessage): void {
    switch (message.type) {
      case "lineShown":
        this.lineShown(message.line, message.ordinal !== null);
        this.arrived();
        return;
      case "spanRows":
        this.editing.received(message);
        return;
      case "found":
      case "matches":
        this.finder.received(message);
        this.arrived();
    }
  }

  /** Whether the key waits, or was carried out by the core. */
  take(event: KeyboardEvent): boolean {
    return this.keys.take(event, this.isGoing);
  }

  /** Shows the caret again. */
  bringCaret(): void {
    this.keys.bringCaret();
  }

  /** Has the core carry out a gesture on rows that are not held; false where it must be done here. */
  gesture(run: unknown): boolean {
    const change = FAR_GESTURES.get(run);
    if (!change || !isFar(this.host.view.state)) return false;
    this.editing.change(change);
    return true;
  }

  /** Replaces a selection of which not all is held; the caret goes to where it began. */
  replace(insert: string): void {
    const { from } = farSpan(this.host.view.state);
    this.editing.change({ type: "replace", insert });
    if (from === null) this.toEnd("first", false);
    else this.whenShown(from.line, () => this.selectAt(from.line, from.offset, insert));
  }

  private selectAt(line: string, offset: number, behind: string): void {
    const { view } = this.host;
    const at = rowsOf(view.state).at(line);
    if (at < 0) return;
    const { from, text } = view.state.doc.line(at + 1);
    const caret = from + Math.min(unitAt(text, offset) + behind.length, text.length);
    view.dispatch({ selection: EditorSelection.cursor(caret), scrollIntoView: true });
  }

  /** The caret to the first or the last row; false where all rows are held. */
  toEnd(end: "first" | "last", selects: boolean): boolean {
    return this.windowing.toEnd(end, selects);
  }

  /** Runs when the rows around a line are held, or says that there are none; they are asked for. */
  whenShown(line: string, run: () => void, gone?: () => void): void {
    this.awaited = { line, run, gone: gone ?? (() => this.forgetFar()) };
    this.host.showLine(line);
  }

  private lineShown(line: string, hasRow: boolean): void {
    const { awaited } = this;
    if (awaited?.line !== line) return;
    if (hasRow && rowsOf(this.host.view.state).at(line) < 0) {
      this.host.showLine(line);
      return;
    }
    this.awaited = null;
    if (hasRow) awaited.run();
    else awaited.gone();
  }

  /** The line of the caret is gone: the caret is where the editor has it. */
  private forgetFar(): void {
    this.host.view.dispatch({ effects: setFarEnds.of(NEAR) });
  }
}

/** The keys that mean other rows than those that are held. */
export function longKeys(long: () => LongPanel): Extension {
  // The ends of a long panel are not at the ends of the rows that are held.
  const end = (end: "first" | "last"): Omit<KeyBinding, "key"> => ({
    run: () => long().toEnd(end, false),
    shift: () => long().toEnd(end, true),
    preventDefault: true,
  });
  return [
    Prec.high(
      keymap.of([
        { key: "Mod-Home", ...end("first") },
        { key: "Mod-End", ...end("last") },
        { mac: "Cmd-ArrowUp", ...end("first") },
        { mac: "Cmd-ArrowDown", ...end("last") },
      ]),
    ),
    Prec.highest(EditorView.domEventHandlers({ keydown: (event) => long().take(event) })),
  ];
}
