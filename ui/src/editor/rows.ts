// What the core will answer to an intent, drawn before it does: rows and an intent give rows.
// Pure. A guess that turns out wrong is corrected by the core's next patch.

import type { DraftRow } from "../bridge/generated/DraftRow";
import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Row } from "../bridge/generated/Row";
import type { RowChange } from "../bridge/generated/RowChange";
import { splice, unitAt } from "./offsets";
import { DOCUMENT_ROOT, indexOf, previousSibling, subtreeEnd } from "./tree";

type Rows = readonly Row[];
type Intent<T extends EditIntent["type"]> = Extract<EditIntent, { type: T }>;

/** The panel's rows are not the ones a patch was made for; it must be opened anew. */
export class RowMismatch extends Error {}

/** The rows after the core's changes, in order. */
export function applyChanges(rows: Rows, changes: readonly RowChange[]): Rows {
  let next = rows.slice();
  for (const change of changes) {
    const row = next[change.at];
    switch (change.type) {
      case "splice":
        if (change.at + change.delete > next.length) throw new RowMismatch("splice behind the end");
        next = spliced(next, change.at, change.delete, change.insert.map(displayable));
        break;
      case "text": {
        if (row?.id !== change.line) throw new RowMismatch(`row ${change.at} has another id`);
        const text = splice(row.text, change.offset, change.delete, change.insert);
        next[change.at] = displayable({ ...row, text });
        break;
      }
      case "row":
        if (row?.id !== change.row.id) throw new RowMismatch(`row ${change.at} has another id`);
        next[change.at] = displayable(change.row);
    }
  }
  return next;
}

/** As `toSpliced`, for any number of rows: arguments of a call are limited. */
function spliced(rows: Rows, at: number, remove: number, insert: Rows): Row[] {
  return rows.slice(0, at).concat(insert, rows.slice(at + remove));
}

/** A row is one line of the editor: a line break in its text is shown as a line separator. */
export function displayable(row: Row): Row {
  return /[\n\r]/.test(row.text) ? { ...row, text: row.text.replace(/[\n\r]/g, "\u2028") } : row;
}

export function predictAll(rows: Rows, intents: readonly EditIntent[]): Rows {
  let next = rows;
  for (let at = 0; at < intents.length;) {
    const end = textRunEnd(intents, at);
    const intent = intents[at];
    if (end > at + 1) next = predictTexts(next, intents.slice(at, end));
    else if (intent) next = predict(next, intent);
    at = Math.max(end, at + 1);
  }
  return next;
}

function textRunEnd(intents: readonly EditIntent[], at: number): number {
  let end = at;
  while (intents[end]?.type === "editText") end++;
  return end;
}

/** Many edits of texts at once, as when all matches are replaced: the rows are copied only once. */
function predictTexts(rows: Rows, intents: readonly EditIntent[]): Rows {
  const next = rows.slice();
  const places = new Map(rows.map((row, at) => [row.id, at]));
  for (const intent of intents) {
    const at = intent.type === "editText" ? places.get(intent.line) : undefined;
    const row = at === undefined ? undefined : next[at];
    if (!row || at === undefined || intent.type !== "editText") continue;
    next[at] = { ...row, text: splice(row.text, intent.at, intent.delete, intent.insert) };
  }
  return next;
}

/** The rows after `intent`; the same rows where it does not apply to them. */
export function predict(rows: Rows, intent: EditIntent): Rows {
  switch (intent.type) {
    case "editText":
      return changeRow(rows, intent.line, (row) => ({
        text: splice(row.text, intent.at, intent.delete, intent.insert),
      }));
    case "split":
      return settle(rows, split(rows, intent));
    case "join":
      return settle(rows, join(rows, intent));
    case "deleteRange":
      return settle(rows, deleteRange(rows, intent));
    case "createLines":
      return settle(rows, createLines(rows, intent));
    case "putBack":
      return intent.lines.some(({ id }) => indexOf(rows, id) >= 0)
        ? rows
        : settle(rows, createLines(rows, intent));
    case "move":
      return settle(rows, moveLines(rows, intent));
    case "setKind":
      return settle(
        rows,
        intent.lines.reduce((all: Rows, line) => changeRow(all, line, { kind: intent.kind }), rows),
      );
    case "delete":
      return settle(rows, intent.lines.reduce(deleteTree, rows));
    case "setProperty":
      return changeRow(rows, intent.line, (row) => ({ properties: withProperty(row, intent) }));
    case "addTag":
      return changeRow(rows, intent.line, (row) => ({
        tags: row.tags.includes(intent.tag) ? row.tags : [...row.tags, intent.tag],
      }));
    case "removeTag":
      return changeRow(rows, intent.line, (row) => ({
        tags: row.tags.filter((tag) => tag !== intent.tag),
      }));
    case "restore":
    case "setTitle":
      return rows;
  }
}

export function newRow(draft: Omit<DraftRow, "depth">, parent: string, depth: number): Row {
  return {
    id: draft.id,
    parent,
    depth,
    kind: draft.kind,
    text: draft.text,
    hasChildren: false,
    folded: false,
    number: null,
    tags: [],
    properties: [],
    newerVersion: false,
  };
}

type Change = Partial<Row> | ((row: Row) => Partial<Row>);

function changeRow(rows: Rows, line: string, change: Change): Rows {
  const at = indexOf(rows, line);
  const row = rows[at];
  if (!row) return rows;
  return rows.with(at, { ...row, ...(typeof change === "function" ? change(row) : change) });
}

function withProperty(row: Row, { name, value }: Intent<"setProperty">): Row["properties"] {
  const others = row.properties.filter((property) => property.name !== name);
  if (value === null) return others;
  return [...others, { name, values: [value] }].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function split(rows: Rows, { line, at, newLine, kind }: Intent<"split">): Rows {
  const index = indexOf(rows, line);
  const row = rows[index];
  if (!row || indexOf(rows, newLine) >= 0) return rows;
  const cut = unitAt(row.text, at);
  const above = cut === 0 && row.text !== "";
  const text = above ? "" : row.text.slice(cut);
  const created = newRow({ id: newLine, kind, text }, row.parent, row.depth);
  const next = rows.slice();
  if (!above) next[index] = { ...row, text: row.text.slice(0, cut) };
  next.splice(above ? index : subtreeEnd(rows, index), 0, created);
  return next;
}

function join(rows: Rows, { line, into }: Intent<"join">): Rows {
  const from = indexOf(rows, line);
  const target = indexOf(rows, into);
  const [gone, host] = [rows[from], rows[target]];
  if (!gone || !host || from === target) return rows;
  const joined = changeRow(rows, into, {
    text: host.text + gone.text,
    hasChildren: host.hasChildren || gone.hasChildren,
  });
  return reparent(joined, gone.id, host.id);
}

/** Removes `line`, whose children show behind those of `parent` from now on. */
function reparent(rows: Rows, line: string, parent: string): Rows {
  const from = indexOf(rows, line);
  const end = subtreeEnd(rows, from);
  const children = rows.slice(from + 1, end);
  const rest = spliced(rows, from, end - from, []);
  return insertTree(rest, children, { parent, after: "last" });
}

function deleteRange(rows: Rows, intent: Intent<"deleteRange">): Rows {
  const from = indexOf(rows, intent.first);
  const to = indexOf(rows, intent.last);
  const [first, last] = [rows[from], rows[to]];
  if (!first || !last || to < from) return rows;
  const head = first.text.slice(0, unitAt(first.text, intent.firstAt));
  const tail = last.text.slice(unitAt(last.text, intent.lastAt));
  // What is left below a line that goes shows under the first one.
  return rows
    .slice(from + 1, to + 1)
    .reduce(
      (next, gone) => reparent(next, gone.id, first.id),
      changeRow(rows, first.id, { text: head + tail }),
    );
}

interface Place {
  readonly parent: string;
  /** A sibling, the place before all of them, or the place behind all of them. */
  readonly after: string | null;
}

function createLines(
  rows: Rows,
  { parent, after, lines }: Intent<"createLines"> | Intent<"putBack">,
): Rows {
  const path: string[] = [parent];
  const tree = lines.map((draft) => {
    path.length = draft.depth + 1;
    const row = newRow(draft, path[draft.depth] ?? parent, draft.depth);
    path.push(draft.id);
    return row;
  });
  return insertTree(rows, tree, { parent, after });
}

/** Puts rows, relative to each other in depth, at a place. Nothing changes when it is not there. */
function insertTree(rows: Rows, tree: Rows, place: Place): Rows {
  const under = indexOf(rows, place.parent);
  const host = rows[under];
  if ((!host && place.parent !== DOCUMENT_ROOT) || !tree[0]) return rows;
  if (host?.folded) return changeRow(rows, host.id, { hasChildren: true });
  const index = insertionIndex(rows, under, place.after);
  if (index === null) return rows;
  const top = tree[0].depth;
  const shift = (host ? host.depth + 1 : 0) - top;
  const placed = tree.map((row) => ({
    ...row,
    depth: row.depth + shift,
    parent: row.depth === top ? place.parent : row.parent,
  }));
  return spliced(rows, index, 0, placed);
}

function insertionIndex(rows: Rows, under: number, after: string | null): number | null {
  if (after === null) return under + 1;
  if (after === "last") return under < 0 ? rows.length : subtreeEnd(rows, under);
  const sibling = indexOf(rows, after);
  return sibling < 0 ? null : subtreeEnd(rows, sibling);
}

function moveLines(rows: Rows, { lines, parent, after }: Intent<"move">): Rows {
  let next = rows;
  let behind = after;
  for (const line of lines) {
    const from = indexOf(next, line);
    if (from < 0) return rows;
    const end = subtreeEnd(next, from);
    const tree = next.slice(from, end);
    if (tree.some((row) => row.id === parent || row.id === behind)) return rows;
    const rest = spliced(next, from, end - from, []);
    const placed = insertTree(rest, tree, { parent, after: behind });
    if (placed === rest) return rows;
    next = placed;
    behind = line;
  }
  return next;
}

function deleteTree(rows: Rows, line: string): Rows {
  const at = indexOf(rows, line);
  return at < 0 ? rows : spliced(rows, at, subtreeEnd(rows, at) - at, []);
}

/**
 * Sets again what follows from order and depth, numbers and whether a row has children, around the
 * rows that are other ones than `before`, as far as it changes.
 */
function settle(before: Rows, rows: Rows): Rows {
  const shortest = Math.min(before.length, rows.length);
  let from = 0;
  while (from < shortest && before[from] === rows[from]) from++;
  let tail = 0;
  while (tail < shortest - from && before.at(-1 - tail) === rows.at(-1 - tail)) tail++;
  const end = rows.length - tail;
  const others = [...before.slice(from, before.length - tail), ...rows.slice(from, end)];
  if (others.length === 0) return rows;
  const least = others.reduce((depth, row) => Math.min(depth, row.depth), Infinity);
  const next = rows.slice();
  const counts: (number | undefined)[] = [];
  for (let at = Math.max(from - 1, 0); at < rows.length; at++) {
    const row = rows[at];
    if (!row) break;
    counts.length = row.depth + 1;
    const previous = counts[row.depth] ?? next[previousSibling(next, at)]?.number ?? 0;
    const count = row.kind === "numbered" ? previous + 1 : 0;
    counts[row.depth] = count;
    const number = count > 0 ? count : null;
    const hasChildren = row.folded || (rows[at + 1]?.depth ?? 0) > row.depth;
    const same = row.number === number;
    if (!same || row.hasChildren !== hasChildren) next[at] = { ...row, number, hasChildren };
    // Behind this row nothing of what was changed is counted.
    if (same && at >= end && row.depth <= least) break;
  }
  return next;
}
