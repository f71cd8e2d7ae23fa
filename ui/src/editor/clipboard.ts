// Copy, cut and paste in a panel: rows between panels, Markdown to and from other programs.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { deleteLines } from "./gestures";
import { removeRange } from "./intents";
import { copied, paste, pastedDrafts, ROWS_TYPE, rowsFromJson } from "./paste";
import { type NewLine, placeAt, Planner } from "./planner";
import { rowAt } from "./rowset";

/** A paste is one command to the core; what is larger is a file to be imported. */
const PASTE_MAX_CHARACTERS = 2_000_000;

export function clipboard(newLine: NewLine, warn: (text: string) => void): Extension {
  return EditorView.domEventHandlers({
    copy: (event, view) => copy(event, view),
    cut(event, view) {
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

function copy(event: ClipboardEvent, view: EditorView): boolean {
  if (!event.clipboardData || view.state.doc.length === 0) return false;
  const { text, rows } = copied(view.state);
  event.preventDefault();
  event.clipboardData.setData("text/plain", text);
  if (rows !== "") event.clipboardData.setData(ROWS_TYPE, rows);
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
  const planner = new Planner(state, newLine);
  const [from, to] = [
    placeAt(state, state.selection.main.from),
    placeAt(state, state.selection.main.to),
  ];
  const text = data.getData("text/plain");
  const ours = rowsFromJson(data.getData(ROWS_TYPE));
  const drafts = ours ?? pastedDrafts(planner, text, from);
  const [first] = drafts;
  const emptyRow = from === null || planner.row(from.line)?.text === "";
  const plain = !first || (drafts.length === 1 && (first.kind === "text" || !emptyRow));
  if (!ours && plain && !/[\r\n]/.test(text)) return false;
  event.preventDefault();
  paste(planner, from, to, drafts);
  if (planner.intents.length > 0) view.dispatch(planner.transaction("input.paste"));
  return true;
}
