// Copy, cut and paste in a panel: rows between panels, Markdown and rich text to and from other
// programs.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { strings } from "../strings/strings";
import { cutFromJson, cutLines, mayPutBack, putBack, topsOf, wholeLines } from "./cut";
import { isFar } from "./far";
import { isAddress } from "./format";
import { deleteLines } from "./gestures";
import { markdownFromHtml } from "./html";
import { removeRange } from "./intents";
import {
  type Copied,
  copied,
  paste,
  pastedDrafts,
  ROWS_TYPE,
  rowsFromJson,
  withCut,
} from "./paste";
import { type NewLine, placeAt, Planner } from "./planner";
import { rowAt, rowsOf } from "./rowset";

/** A paste is one command to the core; what is larger is a file to be imported. */
const PASTE_MAX_CHARACTERS = 2_000_000;

export interface ClipboardHost {
  readonly newLine: NewLine;
  readonly warn: (text: string) => void;
  /** The document that the panel shows. */
  readonly document: () => string;
  readonly far: FarClipboard;
}

export function clipboard(host: ClipboardHost): Extension {
  return EditorView.domEventHandlers({
    copy(event, view) {
      if (isFar(view.state)) return copyAway(event, host.far);
      return copy(event, view, copied(view.state));
    },
    cut(event, view) {
      const { state } = view;
      if (isFar(state)) return copyAway(event, host.far, true);
      const whole = wholeLines(state);
      const held = copied(state);
      const cut = whole && cutLines(host.document(), whole);
      if (!copy(event, view, cut ? { ...held, rows: withCut(held.rows, cut) } : held)) return false;
      cutSelection(view, host.newLine);
      return true;
    },
    paste(event, view) {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.length <= PASTE_MAX_CHARACTERS) return pasteInto(event, view, host);
      event.preventDefault();
      host.warn(strings.editor.pasteTooLong);
      return true;
    },
  });
}

/** What was copied last here: not every engine carries rows of ours from one paste to the next. */
let remembered = { text: "", rows: "" };

/** What only the core can copy, and cut. */
export interface FarClipboard {
  copy(): Promise<Copied | null>;
  cut(): void;
}

function copyAway(event: ClipboardEvent, far: FarClipboard, cuts = false): boolean {
  event.preventDefault();
  void far.copy().then((copied) => {
    if (!copied) return;
    remembered = copied;
    if (cuts) far.cut();
  });
  return true;
}

function copy(event: ClipboardEvent, view: EditorView, { text, html, rows }: Copied): boolean {
  if (!event.clipboardData || view.state.doc.length === 0) return false;
  event.preventDefault();
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", html);
  if (rows !== "") event.clipboardData.setData(ROWS_TYPE, rows);
  remembered = { text, rows };
  return true;
}

function cutSelection(view: EditorView, newLine: NewLine): void {
  const { main } = view.state.selection;
  const planner = new Planner(view.state, newLine);
  const [from, to] = [placeAt(view.state, main.from), placeAt(view.state, main.to)];
  const whole = wholeLines(view.state);
  if (whole) {
    if (from) planner.select(from);
    deleteLines(planner, topsOf(whole));
  } else if (!main.empty && from && to) {
    removeRange(planner, from, to);
  }
  if (planner.intents.length > 0) view.dispatch(planner.transaction("delete.cut"));
}

function pasteInto(event: ClipboardEvent, view: EditorView, host: ClipboardHost): boolean {
  const { state } = view;
  const data = event.clipboardData;
  if (!data || state.selection.ranges.length > 1) return false;
  const text = data.getData("text/plain");
  if (pasteAddress(view, text)) {
    event.preventDefault();
    return true;
  }
  const json = data.getData(ROWS_TYPE) || rememberedFor(text);
  if (pasteCut(view, json, host)) {
    event.preventDefault();
    return true;
  }
  const planner = new Planner(state, host.newLine);
  const [from, to] = [
    placeAt(state, state.selection.main.from),
    placeAt(state, state.selection.main.to),
  ];
  const ours = rowsFromJson(json);
  const inCode = from !== null && planner.row(from.line)?.kind === "code";
  const rich = ours || inCode ? null : richText(data);
  const drafts = ours ?? pastedDrafts(planner, rich ?? text, from);
  const [first] = drafts;
  const emptyRow = from === null || planner.row(from.line)?.text === "";
  const plain = !first || (drafts.length === 1 && (first.kind === "text" || !emptyRow));
  if (!ours && rich === null && plain && !/[\r\n]/.test(text)) return false;
  event.preventDefault();
  paste(planner, from, to, drafts);
  if (planner.intents.length > 0) view.dispatch(planner.transaction("input.paste"));
  return true;
}

/** Lines that were cut here come back as the ones they were, wherever in the document that is. */
function pasteCut(view: EditorView, json: string, host: ClipboardHost): boolean {
  const { state } = view;
  const cut = cutFromJson(json);
  if (!cut || !mayPutBack(cut, host.document(), rowsOf(state))) return false;
  const planner = new Planner(state, host.newLine);
  const { main } = state.selection;
  const [from, to] = [placeAt(state, main.from), placeAt(state, main.to)];
  putBack(planner, from && to ? removeRange(planner, from, to) : null, cut);
  view.dispatch(planner.transaction("input.paste"));
  return true;
}

function rememberedFor(text: string): string {
  return text !== "" && text.replaceAll("\r\n", "\n") === remembered.text ? remembered.rows : "";
}

/** Programs that write code put its colours into the rich text; there the plain text is meant. */
function richText(data: DataTransfer): string | null {
  const html = data.getData("text/html");
  if (html === "" || html.length > PASTE_MAX_CHARACTERS) return null;
  return data.types.includes("vscode-editor-data") ? null : markdownFromHtml(html);
}

/** An address pasted over a name makes a link of it. */
function pasteAddress(view: EditorView, text: string): boolean {
  const { from, to } = view.state.selection.main;
  const name = view.state.sliceDoc(from, to);
  if (name.trim() === "" || !isAddress(text) || isAddress(name) || /[\n[\]]/.test(name))
    return false;
  if (rowAt(view.state, from)?.kind === "code") return false;
  const insert = `[${name}](${text.trim()})`;
  const changes = { from, to, insert };
  view.dispatch({ changes, selection: { anchor: from + insert.length }, userEvent: "input.paste" });
  return true;
}
