// Turns CodeMirror's transactions into intents. Typing inside rows passes as it is and is read
// afterwards; everything that makes, joins or removes lines is replaced by what the intents show.

import {
  EditorState,
  type Extension,
  type Text,
  type Transaction,
  type TransactionSpec,
} from "@codemirror/state";

import type { EditIntent } from "../bridge/generated/EditIntent";
import { pointsAt, pointsIn, splitsPair, unitAt } from "./offsets";
import { continuedKind } from "./kinds";
import { carriesOut, type NewLine, type Place, placeAt, Planner } from "./planner";
import { rowsOf, setRows } from "./rowset";
import { DOCUMENT_ROOT, hasVisibleChildren, indexOf } from "./tree";

/** The intents of a transaction that was dispatched; none for the core's own changes. */
export function intentsOf(transaction: Transaction): readonly EditIntent[] {
  const carried = transaction.annotation(carriesOut);
  if (carried) return carried;
  const settled = transaction.effects.some((effect) => effect.is(setRows));
  return transaction.docChanged && !settled ? typedIntents(transaction) : [];
}

/** Replaces transactions that are more than typing by ones that keep every row's identity. */
export function structuralEdits(newLine: NewLine): Extension {
  return EditorState.transactionFilter.of((transaction) => {
    const settled = transaction.effects.some((effect) => effect.is(setRows));
    if (!transaction.docChanged || settled || isTyping(transaction)) return transaction;
    return structural(transaction, newLine);
  });
}

function isTyping(transaction: Transaction): boolean {
  const before = transaction.startState;
  if (rowsOf(before).list.length === 0) return false;
  let typing = true;
  transaction.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const line = before.doc.lineAt(from);
    typing &&=
      to <= line.to &&
      inserted.lines === 1 &&
      !splitsPair(line.text, from - line.from) &&
      !splitsPair(line.text, to - line.from) &&
      isWellFormed(inserted.line(1).text);
  });
  return typing;
}

const LONE_OR_BREAK =
  /[\n\r]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function isWellFormed(text: string): boolean {
  return !LONE_OR_BREAK.test(text);
}

/** Text as it may stand in a row: whole characters, no line breaks. */
function wellFormed(text: string): string {
  return text.replace(new RegExp(LONE_OR_BREAK, "g"), (found) =>
    found === "\n" || found === "\r" ? " " : "\ufffd",
  );
}

/** Last first, so that the offsets of the others stay what they were. */
function typedIntents(transaction: Transaction): readonly EditIntent[] {
  const { doc } = transaction.startState;
  const rows = rowsOf(transaction.startState).list;
  const intents: EditIntent[] = [];
  transaction.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const line = doc.lineAt(from);
    const row = rows[line.number - 1];
    if (!row) return;
    const at = pointsAt(line.text, from - line.from);
    const remove = pointsIn(line.text.slice(from - line.from, to - line.from));
    const insert = inserted.line(1).text;
    intents.unshift({ type: "editText", line: row.id, at, delete: remove, insert });
  });
  return intents;
}

function structural(transaction: Transaction, newLine: NewLine): TransactionSpec {
  const planner = new Planner(transaction.startState, newLine);
  const changes: { from: Place | null; to: Place | null; lines: string[] }[] = [];
  transaction.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const start = transaction.startState;
    changes.unshift({
      from: placeAt(start, from),
      to: placeAt(start, from === to ? to : wholeEnd(start.doc, to)),
      lines: [...inserted.iterLines()].map(wellFormed),
    });
  });
  for (const { from, to, lines } of changes) {
    const at = from && to ? removeRange(planner, from, to) : null;
    insertLines(planner, at, lines);
  }
  return planner.transaction(transaction.isUserEvent("delete") ? "delete" : "input");
}

/** A position inside a surrogate pair moves behind it. */
function wholeEnd(doc: Text, position: number): number {
  const line = doc.lineAt(position);
  return splitsPair(line.text, position - line.from) ? position + 1 : position;
}

/** Removes what is between two places; answers where it was. */
export function removeRange(planner: Planner, from: Place, to: Place): Place {
  if (from.line === to.line) {
    const remove = to.at - from.at;
    if (remove > 0) {
      planner.do({ type: "editText", line: from.line, at: from.at, delete: remove, insert: "" });
    }
    return from;
  }
  const { rows } = planner;
  const [first, last] = [indexOf(rows, from.line), indexOf(rows, to.line)];
  const head = rows[first];
  const wholeHead = head !== undefined && from.at === pointsIn(head.text);
  if (last === first + 1 && wholeHead && to.at === 0) {
    planner.do({ type: "join", line: to.line, into: from.line });
  } else if (head?.folded) {
    removeBehindFolded(planner, from, to);
  } else {
    const { line: lastLine, at: lastAt } = to;
    planner.do({
      type: "deleteRange",
      first: from.line,
      firstAt: from.at,
      last: lastLine,
      lastAt,
    });
  }
  return from;
}

/** What is hidden below the first line was not selected by eye, so it stays. */
function removeBehindFolded(planner: Planner, from: Place, to: Place): void {
  const { rows } = planner;
  const head = rows[indexOf(rows, from.line)];
  const second = rows[indexOf(rows, from.line) + 1];
  if (!head || !second) return;
  const tail = pointsIn(head.text) - from.at;
  if (tail > 0) {
    planner.do({ type: "editText", line: head.id, at: from.at, delete: tail, insert: "" });
  }
  removeRange(planner, { line: second.id, at: 0 }, to);
  planner.do({ type: "join", line: second.id, into: head.id });
}

/** Inserts lines as they are: the first into the row, the last before what stood behind. */
export function insertLines(planner: Planner, at: Place | null, lines: readonly string[]): void {
  const place = at ?? firstRow(planner);
  if (!place) return;
  const [first = "", ...others] = lines;
  const last = others.pop();
  if (last === undefined) {
    insertText(planner, place, first);
    return;
  }
  const broken = breakRow(planner, place);
  if (!broken) return;
  if (others.length > 0) {
    const { kind, ...between } = broken.between;
    const drafts = others.map((text) => ({ id: planner.newLine(), depth: 0, kind, text }));
    planner.do({ type: "createLines", ...between, lines: drafts });
  }
  insertText(planner, broken.above, first);
  insertText(planner, broken.below, last);
}

function insertText(planner: Planner, { line, at }: Place, text: string): void {
  if (text !== "") planner.do({ type: "editText", line, at, delete: 0, insert: text });
}

/** An empty panel has no row to write into: makes one. */
export function firstRow(planner: Planner): Place | null {
  if (planner.rows.length > 0) return null;
  const place = { line: planner.newLine(), at: 0 };
  planner.do({
    type: "createLines",
    parent: DOCUMENT_ROOT,
    after: null,
    lines: [{ id: place.line, depth: 0, kind: "text", text: "" }],
  });
  planner.moveCarets((caret) => caret ?? place);
  return place;
}

/** A row in two: where text goes that belongs above or below the break, and rows between them. */
export interface BrokenRow {
  readonly above: Place;
  readonly below: Place;
  readonly between: {
    readonly parent: string;
    readonly after: string | null;
    readonly kind: string;
  };
}

/**
 * Breaks a row in two. In front of its text the new row stands above, so that the text keeps its
 * row. Behind a row whose children show, and in the row that is zoomed into, the new row is the
 * first child: there it stands directly below, and in sight.
 */
export function breakRow(planner: Planner, place: Place): BrokenRow | null {
  const { line, at } = place;
  const index = indexOf(planner.rows, line);
  const row = planner.rows[index];
  if (!row) return null;
  const atEnd = at === pointsIn(row.text);
  const newLine = planner.newLine();
  const fresh = { line: newLine, at: 0 };
  if (line === planner.root || (atEnd && hasVisibleChildren(planner.rows, index))) {
    const kind = continuedKind(planner.rows[index + 1]?.kind ?? "text");
    breakInside(planner, place, newLine, kind);
    return { above: place, below: fresh, between: { parent: line, after: null, kind } };
  }
  const kind = continuedKind(row.kind);
  planner.do({ type: "split", line, at, newLine, kind });
  const { parent } = row;
  return at === 0 && row.text !== ""
    ? { above: fresh, below: place, between: { parent, after: newLine, kind } }
    : { above: place, below: fresh, between: { parent, after: line, kind } };
}

function breakInside(planner: Planner, { line, at }: Place, newLine: string, kind: string): void {
  const text = planner.row(line)?.text ?? "";
  const tail = text.slice(unitAt(text, at));
  planner.moveCarets((caret) =>
    caret?.line === line && caret.at >= at ? { line: newLine, at: caret.at - at } : caret,
  );
  if (tail !== "") {
    planner.do({ type: "editText", line, at, delete: pointsIn(tail), insert: "" });
  }
  const lines = [{ id: newLine, depth: 0, kind, text: tail }];
  planner.do({ type: "createLines", parent: line, after: null, lines });
}
