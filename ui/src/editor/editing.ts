// Keys whose meaning depends on where the caret is. Each says whether it did something; otherwise the
// key goes on to CodeMirror.

import { EditorSelection, type Transaction } from "@codemirror/state";

import { strings } from "../strings/strings";
import { isFar, selectsAll } from "./far";
import * as gestures from "./gestures";
import { unitAt } from "./offsets";
import type { PanelEditor } from "./panelEditor";
import { type Place, placeAt } from "./planner";
import { rowsOf } from "./rowset";
import { nextCell } from "./table";

const CODE_INDENT = "  ";

export function enter(editor: PanelEditor): boolean {
  const { state } = editor.view;
  if (state.selection.ranges.length > 1) {
    editor.view.dispatch(state.replaceSelection(state.lineBreak), { scrollIntoView: true });
    return true;
  }
  const { from, to } = state.selection.main;
  editor.gesture((planner) => gestures.enter(planner, placeAt(state, from), placeAt(state, to)));
  return true;
}

/** In code, spaces; elsewhere the row goes below the one above it. */
export function tab(editor: PanelEditor): boolean {
  const { state } = editor.view;
  const { from, to } = editor.selectedRange();
  if (inTable(editor, 1)) return true;
  if (from === to && editor.row()?.kind === "code") {
    editor.view.dispatch(state.replaceSelection(CODE_INDENT), { userEvent: "input.indent" });
  } else if (editor.gesture(gestures.indent, "input.indent")) {
    editor.announce(strings.editor.indented);
  }
  return true;
}

/** Tab goes from cell to cell; with a selection over rows, and at the first cell, it is as elsewhere. */
function inTable(editor: PanelEditor, step: 1 | -1): boolean {
  const { state } = editor.view;
  const { ranges, main } = state.selection;
  const place = placeAt(state, step > 0 ? main.to : main.from);
  const { from, to } = editor.selectedRange();
  if (ranges.length > 1 || from !== to || !place || editor.row()?.kind !== "table") return false;
  let moved: Transaction | null = null;
  const outcome = editor.gesture((planner) => {
    const done = nextCell(planner, place, step);
    if (planner.intents.length === 0) moved = state.update(planner.transaction("select"));
    return done;
  });
  if (moved) editor.view.dispatch(moved);
  return outcome;
}

export function backTab(editor: PanelEditor): boolean {
  const { state } = editor.view;
  const { from, to } = editor.selectedRange();
  if (inTable(editor, -1)) return true;
  const line = state.doc.line(from + 1);
  if (from === to && editor.row()?.kind === "code" && line.text.startsWith(CODE_INDENT)) {
    editor.view.dispatch({ changes: { from: line.from, to: line.from + CODE_INDENT.length } });
  } else if (editor.gesture(gestures.outdent, "delete.dedent")) {
    editor.announce(strings.editor.outdented);
  }
  return true;
}

export function backspace(editor: PanelEditor): boolean {
  return atCaret(editor, gestures.backspace);
}

export function deleteForward(editor: PanelEditor): boolean {
  return atCaret(editor, gestures.deleteForward);
}

function atCaret(editor: PanelEditor, run: typeof gestures.backspace): boolean {
  const { state } = editor.view;
  const { ranges, main } = state.selection;
  const place = placeAt(state, main.head);
  if (ranges.length > 1 || !main.empty || !place) return false;
  return editor.gesture((planner) => run(planner, place), "delete");
}

/** The row, what is below it, its siblings, its parent, … everything. */
export function growSelection(editor: PanelEditor): boolean {
  const { state } = editor.view;
  const { from, to } = state.selection.main;
  const [start, end] = [placeAt(state, from), placeAt(state, to)];
  if (!start || !end) return true;
  const rows = rowsOf(state);
  const [first, last] = gestures.grownRange(rows.list, start, end);
  const atEdge = first.line === rows.list[0]?.id || last.line === rows.list.at(-1)?.id;
  if (!rows.isWhole && (atEdge || isFar(state))) {
    editor.view.dispatch(selectsAll(state));
    return true;
  }
  const position = ({ line, at }: Place): number => {
    const row = rows.at(line);
    return state.doc.line(row + 1).from + unitAt(rows.list[row]?.text ?? "", at);
  };
  editor.view.dispatch({ selection: EditorSelection.range(position(first), position(last)) });
  return true;
}
