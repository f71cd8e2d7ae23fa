// Copy, cut and paste in a panel: rows between panels, Markdown and rich text to and from other
// programs.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { isFar } from "./far";
import { isAddress } from "./format";
import { deleteLines } from "./gestures";
import { markdownFromHtml } from "./html";
import { removeRange } from "./intents";
import { type Copied, copied, paste, pastedDrafts, ROWS_TYPE, rowsFromJson } from "./paste";
import { type NewLine, placeAt, Planner } from "./planner";
import { rowAt } from "./rowset";

/** A paste is one command to the core; what is larger is a file to be imported. */
const PASTE_MAX_CHARACTERS = 2_000_000;

export function clipboard(
  newLine: NewLine,
  warn: (text: string) => void,
  far: FarClipboard,
): Extension {
  return EditorView.domEventHandlers({
    copy: (event, view) => (isFar(view.state) ? copyAway(event, far) : copy(event, view)),
    cut(event, view) {
      if (isFar(view.state)) return copyAway(event, far, true);
      if (!copy(event, view)) return false;
      cutSelection(view, newLine);
      return true;
    },
    paste(event, view) {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.length <= PASTE_MAX_CHARACTERS) return pasteInto(event, view, newLine);
      event.preventDefault();
      warn(
        "This is more text than can be pasted at once, so nothing was changed. Save it as a file " +
          "and import that: tideline import FILE.",
      );
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

function copy(event: ClipboardEvent, view: EditorView): boolean {
  if (!event.clipboardData || view.state.doc.length === 0) return false;
  const { text, html, rows } = copied(view.state);
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
  if (main.empty) {
    const row = rowAt(view.state, main.head);
    if (row) deleteLines(planner, [row.id]);
  } else if (from && to) {
    removeRange(planner, from, to);
  }
  if (planner.intents.length > 0) view.dispatch(planner.transaction("delete.cut"));
}

function pasteInto(event: ClipboardEvent, view: EditorView, newLine: NewLine): boolean {
  const { state } = view;
  const data = event.clipboardData;
  if (!data || state.selection.ranges.length > 1) return false;
  const text = data.getData("text/plain");
  if (pasteAddress(view, text)) {
    event.preventDefault();
    return true;
  }
  const planner = new Planner(state, newLine);
  const [from, to] = [
    placeAt(state, state.selection.main.from),
    placeAt(state, state.selection.main.to),
  ];
  const ours = rowsFromJson(data.getData(ROWS_TYPE) || rememberedFor(text));
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
