// A panel's editor and a core with a slow line between them.

import type { Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import type { Command } from "../src/bridge/generated/Command";
import type { Message } from "../src/bridge/generated/Message";
import { PanelEditor, type PanelMessage } from "../src/editor/panelEditor";
import { rowsOf } from "../src/editor/rowset";
import { FakeCore, type Limits } from "./fakeCore";
import type { Line, Outline } from "./outline";

export const DOCUMENT = "doc_1";
export const PANEL = 1;

export class Harness {
  readonly core: FakeCore;
  readonly outline: Outline;
  readonly editor: PanelEditor;
  private readonly editors = new Map<number, PanelEditor>();
  /** What was sent and the core has not taken yet. */
  readonly toCore: Command[] = [];
  private readonly toPanel: Message[] = [];
  private lines = 0;

  /** `sketch`: a line each, two spaces a level, `kind:` in front where it is not text. */
  constructor(sketch: readonly string[] = [], limits?: Limits) {
    this.core = new FakeCore((message) => this.toPanel.push(message), limits);
    this.outline = this.core.addDocument(DOCUMENT, "Test");
    drawSketch(this.outline, sketch);
    this.editor = this.openPanel(PANEL);
    if (limits?.early === undefined) this.settle();
    else {
      this.coreReads();
      this.panelReads();
    }
  }

  /** A further panel on the document. */
  openPanel(panel: number): PanelEditor {
    const host = {
      send: (command: Command): void => void this.toCore.push(command),
      newLine: (): string => `line_new_${++this.lines}`,
      focused: (): void => undefined,
      reports: (): void => undefined,
      warn: (): void => undefined,
      openLink: (): void => undefined,
    };
    const editor = new PanelEditor(panel, host, () => []);
    this.editors.set(panel, editor);
    editor.open(DOCUMENT, null);
    return editor;
  }

  /** The core takes the next command, if there is one. */
  coreReads(): void {
    const command = this.toCore.shift();
    if (command) this.core.receive(command);
  }

  /** The panel takes the next message, if there is one. */
  panelReads(): void {
    const message = this.toPanel.shift();
    if (!message) return;
    if (
      message.type === "panelRows" ||
      message.type === "panelPatch" ||
      message.type === "lineShown" ||
      message.type === "filtered" ||
      message.type === "carets"
    ) {
      this.editors.get(message.panel)?.receive(message satisfies PanelMessage);
    }
  }

  /** An input method starts or ends at the caret. */
  compose(composing: boolean): void {
    Object.defineProperty(this.editor.view, "composing", { configurable: true, value: composing });
    if (!composing) this.editor.compositionEnded();
  }

  /**
   * The connection breaks: the last `lost` commands and all messages under way are gone. A core that
   * was started anew knows nothing of what it took.
   */
  reconnect(lost: number, core: "same" | "restarted"): void {
    this.toCore.splice(Math.max(this.toCore.length - lost, 0));
    while (this.toCore.length > 0) this.coreReads();
    this.core.load(PANEL);
    this.toPanel.length = 0;
    this.core.panels.delete(PANEL);
    if (core === "restarted") this.core.taken.clear();
    this.editor.reconnected();
  }

  /** The document has been read, and all of it is shown that is to be. */
  documentRead(): void {
    while (this.toCore[0]?.type === "openPanel") this.coreReads();
    while (this.toPanel.length > 0) this.panelReads();
    this.core.load(PANEL);
    while (this.toPanel.length > 0) this.panelReads();
  }

  /** Everything is sent, answered and shown. */
  settle(): void {
    this.editor.settle();
    while (this.toCore.length > 0) this.coreReads();
    this.core.load(PANEL);
    while (this.toCore.length > 0 || this.toPanel.length > 0) {
      this.coreReads();
      this.panelReads();
      if (this.toCore.length === 0 && this.toPanel.length === 0) this.editor.settle();
      if (this.toCore.every((command) => command.type === "flush")) this.toCore.length = 0;
    }
  }

  rows(): { id: string; depth: number; kind: string; text: string }[] {
    return rowsOf(this.editor.view.state).list.map(({ id, depth, kind, text }) => ({
      id,
      depth,
      kind,
      text,
    }));
  }

  /** What is on screen, in the notation of the constructor; `|` marks the caret. */
  screen(): string[] {
    const { doc, selection } = this.editor.view.state;
    const caret = selection.main.head;
    return rowsOf(this.editor.view.state).list.map((row, at) => {
      const line = doc.line(at + 1);
      const column = caret >= line.from && caret <= line.to ? caret - line.from : null;
      const text =
        column === null ? line.text : `${line.text.slice(0, column)}|${line.text.slice(column)}`;
      return "  ".repeat(row.depth) + (row.kind === "text" ? "" : `${row.kind}: `) + text;
    });
  }

  /** Puts the caret at `offset` of the row with this text. */
  caret(text: string, offset: number, to?: { text: string; offset: number }): void {
    const anchor = this.position(text, offset);
    const head = to ? this.position(to.text, to.offset) : anchor;
    this.editor.view.dispatch({ selection: { anchor, head } });
  }

  private position(text: string, offset: number): number {
    const at = this.rows().findIndex((row) => row.text === text);
    if (at < 0) throw new Error(`no row "${text}" in ${JSON.stringify(this.screen())}`);
    return this.editor.view.state.doc.line(at + 1).from + offset;
  }

  /** Replaces the selection. */
  type(text: string): void {
    const { view } = this.editor;
    view.dispatch({ ...view.state.replaceSelection(text), userEvent: "input.type" });
  }

  /** Types letter by letter, as a keyboard does. */
  key(text: string): void {
    const { view } = this.editor;
    for (const letter of text) {
      const { from, to } = view.state.selection.main;
      const insert = (): Transaction => view.state.update(view.state.replaceSelection(letter));
      const handlers = view.state.facet(EditorView.inputHandler);
      if (!handlers.some((handle) => handle(view, from, to, letter, insert))) this.type(letter);
    }
  }
}

export function drawSketch(outline: Outline, sketch: readonly string[], prefix = ""): void {
  const path: Line[] = [outline.root];
  sketch.forEach((row, index) => {
    const depth = (/^ */.exec(row)?.[0].length ?? 0) / 2;
    const [, kind = "text", text = ""] =
      /^(?:([a-z]+(?:-[a-z]+|[1-3])?): ?)?(.*)$/.exec(row.trim()) ?? [];
    const parent = path[depth]?.id ?? outline.root.id;
    const after = path[depth]?.children.at(-1)?.id ?? null;
    const id = prefix === "" ? `line_${index}` : `${prefix}_line_${index}`;
    outline.apply({ type: "createLines", parent, after, lines: [{ id, depth: 0, kind, text }] });
    const line = outline.line(id);
    path.length = depth + 1;
    if (line) path.push(line);
  });
}
