// What is done to a selection of which not all rows are held: the core does it. Copying asks for the
// rows first.

import type { EditorView } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { Message } from "../bridge/generated/Message";
import type { Row } from "../bridge/generated/Row";
import type { SpanChange } from "../bridge/generated/SpanChange";
import { farSpan } from "./far";
import { deleteLines, indent, moveDown, moveUp, outdent } from "./gestures";
import { pointsIn, unitAt } from "./offsets";
import { type Copied, copiedRows } from "./paste";
import type { FarEdit } from "./sync";

type SpanRows = Extract<Message, { type: "spanRows" }>;

export interface FarHost {
  readonly panel: number;
  readonly view: EditorView;
  send(command: Command): void;
  edit(edit: FarEdit): void;
  warn(text: string): void;
}

export class FarEditing {
  private queries = 0;
  private readonly asked = new Map<number, (message: SpanRows) => void>();

  constructor(private readonly host: FarHost) {}

  change(change: SpanChange): void {
    this.host.edit({ type: "span", span: farSpan(this.host.view.state), change });
  }

  /** Puts what is selected on the clipboard, as soon as the core has told it. */
  copy(): Promise<Copied | null> {
    const told = this.read();
    const part = async (type: "text" | "html"): Promise<Blob> => {
      const copied = await told;
      return new Blob([copied?.[type] ?? ""], {
        type: type === "text" ? "text/plain" : "text/html",
      });
    };
    const item = new ClipboardItem({ "text/plain": part("text"), "text/html": part("html") });
    return navigator.clipboard
      .write([item])
      .then(() => told)
      .catch(() => {
        this.host.warn("This could not be copied: the clipboard was not given free. Try again.");
        return null;
      });
  }

  private read(): Promise<Copied | null> {
    const span = farSpan(this.host.view.state);
    return new Promise((answer) => {
      const queryId = ++this.queries;
      this.asked.set(queryId, ({ rows, cut }) => {
        if (cut) this.host.warn(TOO_MUCH);
        answer(cut ? null : copiedRows(between(rows, span.from?.offset, span.to?.offset)));
      });
      this.host.send({ type: "readSpan", panel: this.host.panel, queryId, span });
    });
  }

  received(message: SpanRows): void {
    this.asked.get(message.queryId)?.(message);
    this.asked.delete(message.queryId);
  }
}

const TOO_MUCH =
  "This is more than can be copied at once, so nothing was. Write the document to a file: " +
  "tideline export.";

/** Half a line is text; a whole one is what it is. */
function between(rows: readonly Row[], from = 0, to?: number): readonly Row[] {
  return rows.map((row, at) => {
    const start = at === 0 ? from : 0;
    const end = at === rows.length - 1 && to !== undefined ? to : pointsIn(row.text);
    const text = row.text.slice(unitAt(row.text, start), unitAt(row.text, end));
    return { ...row, text, kind: start > 0 ? "text" : row.kind };
  });
}

/** Gestures that the core can do where rows are not held. */
export const FAR_GESTURES: ReadonlyMap<unknown, SpanChange> = new Map<unknown, SpanChange>([
  [indent, { type: "indent" }],
  [outdent, { type: "outdent" }],
  [moveUp, { type: "moveUp" }],
  [moveDown, { type: "moveDown" }],
  [deleteLines, { type: "delete" }],
]);
