// Formatting a selection: puts marks around it, or takes them away where it has them already.

import { type ChangeSpec, EditorSelection, type EditorState, type Line } from "@codemirror/state";

import { strings } from "../strings/strings";
import { type Format, type InlineSpan, MARKS, spansOf } from "./inline";
import type { PanelEditor } from "./panelEditor";
import { rowsOf } from "./rowset";

/** A part of one row, in the document. */
interface Piece {
  readonly line: Line;
  readonly from: number;
  readonly to: number;
}

/** False without a selection and a word, so that the key may mean something else. */
export function toggleFormat(editor: PanelEditor, format: Format): boolean {
  const { state } = editor.view;
  const ranges = state.selection.ranges.map((range) => wordOr(state, range));
  const pieces = ranges.flatMap(({ from, to }) => piecesOf(state, from, to));
  if (pieces.length === 0) return insertPair(editor, format);
  const spans = pieces.map((piece) => spanAround(piece, format));
  const remove = spans.every((span) => span !== null);
  const changes = pieces.flatMap((piece, at) => {
    const span = spans[at];
    if (remove) return span ? withoutMarks(piece.line, span) : [];
    return span ? [] : wrapped(piece, format);
  });
  const set = state.changes(changes);
  const selection = ranges.map(({ from, to }) =>
    EditorSelection.range(set.mapPos(from, 1), Math.max(set.mapPos(to, -1), set.mapPos(from, 1))),
  );
  editor.change({
    changes: set,
    selection: EditorSelection.create(selection, state.selection.mainIndex),
  });
  const title = strings.formats[format];
  editor.announce(remove ? strings.notFormatted(title) : title);
  return true;
}

function wordOr(
  state: EditorState,
  range: { from: number; to: number },
): { from: number; to: number } {
  return range.from === range.to ? (state.wordAt(range.from) ?? range) : range;
}

/** What of each row is to be marked: without blanks at its ends, and not in code. */
function piecesOf(state: EditorState, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  const rows = rowsOf(state).list;
  for (
    let number = state.doc.lineAt(from).number;
    number <= state.doc.lineAt(to).number;
    number++
  ) {
    const line = state.doc.line(number);
    const kind = rows[number - 1]?.kind;
    if (!kind || kind === "code" || kind === "divider") continue;
    const [start, end] = [Math.max(from, line.from), Math.min(to, line.to)];
    const text = state.sliceDoc(start, end);
    const trimmed = text.trim();
    if (trimmed === "") continue;
    const begin = start + text.indexOf(trimmed);
    pieces.push({ line, from: begin, to: begin + trimmed.length });
  }
  return pieces;
}

/** The part of this format that the piece lies in. */
function spanAround({ line, from, to }: Piece, format: Format): InlineSpan | null {
  const inside = (span: InlineSpan): boolean =>
    span.type === format && line.from + span.from <= from && to <= line.from + span.to;
  return spansOf(line.text).find(inside) ?? null;
}

function withoutMarks(line: Line, { from, to, open, close }: InlineSpan): ChangeSpec[] {
  const at = (offset: number): number => line.from + offset;
  return [
    { from: at(from), to: at(from + open) },
    { from: at(to - close), to: at(to) },
  ];
}

/** Marks around a piece; those of the same format inside it are in the way. */
function wrapped(piece: Piece, format: Format): ChangeSpec[] {
  const { line, from, to } = piece;
  const inner = spansOf(line.text).filter(
    (span) => span.type === format && line.from + span.from >= from && line.from + span.to <= to,
  );
  const mark = markFor(format, line.text.slice(from - line.from, to - line.from));
  return [
    { from, insert: mark },
    ...inner.flatMap((span) => withoutMarks(line, span)),
    { from: to, insert: mark },
  ];
}

/** Code that holds a backtick needs longer marks. */
function markFor(format: Format, content: string): string {
  if (format !== "code") return MARKS[format];
  const longest = Math.max(0, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  return longest === 0 ? "`" : "`".repeat(longest + 1);
}

/** At a caret beside no word: an empty pair to write in, or away with the one that is there. */
function insertPair(editor: PanelEditor, format: Format): boolean {
  const { state } = editor.view;
  const { head, empty } = state.selection.main;
  if (!empty || rowsOf(state).list.length === 0) return false;
  const mark = MARKS[format];
  const around = state.sliceDoc(head - mark.length, head + mark.length);
  if (around === mark + mark) {
    editor.change({ changes: { from: head - mark.length, to: head + mark.length } });
  } else {
    editor.change({
      changes: { from: head, insert: mark + mark },
      selection: { anchor: head + mark.length },
    });
  }
  return true;
}

/** Makes the selection a link and asks for its address, or a selected address the link of a name. */
export function makeLink(editor: PanelEditor): boolean {
  const { state } = editor.view;
  const { from, to } = wordOr(state, state.selection.main);
  const line = state.doc.lineAt(from);
  if (to > line.to || rowsOf(state).list.length === 0) return true;
  const text = state.sliceDoc(from, to);
  const insert = isAddress(text) ? `[](${text})` : `[${text}]()`;
  const caret = isAddress(text) || text === "" ? from + 1 : from + insert.length - 1;
  editor.change({ changes: { from, to, insert }, selection: { anchor: caret } });
  return true;
}

export function isAddress(text: string): boolean {
  return /^(?:https?:\/\/|mailto:)\S+$/.test(text.trim());
}
