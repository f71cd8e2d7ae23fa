// Copying and pasting rows. Between panels rows travel as they are; to other programs as Markdown and
// as rich text.

import type { EditorState } from "@codemirror/state";

import type { DraftRow } from "../bridge/generated/DraftRow";
import type { Row } from "../bridge/generated/Row";
import { type CutLines, wholeLines } from "./cut";
import { htmlOf, inlineHtml } from "./html";
import { breakRow, firstRow, removeRange } from "./intents";
import { type Draft, draftsOf, markdownOf } from "./markdown";
import { pointsIn } from "./offsets";
import type { Place, Planner } from "./planner";
import { rowsOf } from "./rowset";
import { hasVisibleChildren, indexOf, subtreeEnd } from "./tree";

/** The clipboard's type for rows of Tideline. */
export const ROWS_TYPE = "application/x-tideline-rows+json";

export interface Copied {
  readonly text: string;
  readonly html: string;
  /** Rows as JSON; empty for a piece of one row. */
  readonly rows: string;
}

/** What the selection holds; without one, the row of the caret with what is below it. */
export function copied(state: EditorState): Copied {
  const { main } = state.selection;
  const { list } = rowsOf(state);
  const first = state.doc.lineAt(main.from);
  const last = state.doc.lineAt(main.to);
  const several = state.selection.ranges.length > 1;
  if (several || (!main.empty && first.number === last.number)) {
    const pieces = state.selection.ranges.map((range) => state.sliceDoc(range.from, range.to));
    return { text: pieces.join("\n"), html: pieces.map(inlineHtml).join("<br>"), rows: "" };
  }
  const from = first.number - 1;
  const tree = main.empty ? list.slice(from, subtreeEnd(list, from)) : null;
  const pieces = list.slice(from, last.number).map((row, index): Row => {
    const start = index === 0 ? main.from - first.from : 0;
    const end = from + index === last.number - 1 ? main.to - last.from : row.text.length;
    // Half a line is text; a whole one is what it is.
    return { ...row, text: row.text.slice(start, end), kind: start > 0 ? "text" : row.kind };
  });
  return copiedRows(wholeLines(state) ?? tree ?? pieces);
}

/** Rows as other programs take them, and as panels do. */
export function copiedRows(rows: readonly Row[]): Copied {
  return {
    text: markdownOf(rows),
    html: htmlOf(rows),
    rows: JSON.stringify(normalised(rows.map(draftOf))),
  };
}

/** The same rows for the clipboard, with what was cut: who cannot put it back pastes the rows. */
export function withCut(rows: string, cut: CutLines): string {
  return JSON.stringify({ ...cut, rows: JSON.parse(rows) as unknown });
}

/** A row with all that it is, but its id. */
function draftOf({ depth, kind, text, tags, properties }: Row): Draft {
  const kept = properties.flatMap(({ name, values: [value] }) =>
    value === undefined ? [] : [{ name, value }],
  );
  return { depth, kind, text, tags, properties: kept };
}

/** The first row at depth 0, and none more than one deeper than the one before it. */
function normalised(drafts: readonly Draft[]): readonly Draft[] {
  const top = Math.min(...drafts.map((draft) => draft.depth));
  let above = -1;
  return drafts.map((draft) => {
    above = Math.min(draft.depth - top, above + 1);
    return { ...draft, depth: above };
  });
}

/** Rows from the clipboard, null when it holds none of ours. */
export function rowsFromJson(json: string): readonly Draft[] | null {
  try {
    const found: unknown = JSON.parse(json);
    const parsed = isCut(found) ? found.rows : found;
    if (!Array.isArray(parsed) || !parsed.every(isDraft)) return null;
    return normalised(parsed);
  } catch {
    return null;
  }
}

function isCut(value: unknown): value is { readonly rows: unknown } {
  return typeof value === "object" && value !== null && "rows" in value;
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { depth, kind, text } = value as Partial<Record<string, unknown>>;
  const { tags = [], properties = [] } = value as Partial<Record<string, unknown>>;
  return (
    Number.isInteger(depth) &&
    typeof kind === "string" &&
    typeof text === "string" &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === "string") &&
    Array.isArray(properties) &&
    properties.every(isProperty)
  );
}

function isProperty(property: unknown): boolean {
  if (typeof property !== "object" || property === null) return false;
  const { name, value } = property as Partial<Record<string, unknown>>;
  return typeof name === "string" && typeof value === "string";
}

/** Lines of a code row's paste: nothing in them is a mark. */
export function codeDrafts(text: string): readonly Draft[] {
  return text.split(/\r\n?|\n/).map((line) => ({ depth: 0, kind: "code", text: line }));
}

export function pastedDrafts(planner: Planner, text: string, at: Place | null): readonly Draft[] {
  const inCode = at && planner.row(at.line)?.kind === "code";
  return inCode ? codeDrafts(text) : normalised(draftsOf(text));
}

/** Replaces what is between two places (an empty panel has none) by drafts. */
export function paste(
  planner: Planner,
  from: Place | null,
  to: Place | null,
  drafts: readonly Draft[],
): void {
  const place = from && to ? removeRange(planner, from, to) : firstRow(planner);
  const [first, ...rest] = drafts;
  if (!place || !first) return;
  const row = planner.row(place.line);
  if (!row) return;
  if (row.text === "") {
    if (first.kind !== "text" && first.kind !== row.kind) {
      planner.do({ type: "setKind", lines: [row.id], kind: first.kind });
    }
    insert(planner, place, first.text);
    belongings(planner, row.id, first);
    below(planner, row.id, rest);
    return;
  }
  const inline = first.kind === "text" || first.kind === row.kind;
  const tail = pointsIn(row.text) - place.at;
  const target = tail > 0 && (rest.length > 0 || !inline) ? breakRow(planner, place)?.above : place;
  if (!target) return;
  if (inline) insert(planner, target, first.text);
  below(planner, target.line, inline ? rest : drafts);
}

function insert(planner: Planner, { line, at }: Place, text: string): void {
  if (text === "") return;
  planner.do({ type: "editText", line, at, delete: 0, insert: text });
}

/** Puts drafts directly below a row: deeper ones first among its children, others as siblings. */
function below(planner: Planner, line: string, drafts: readonly Draft[]): void {
  const at = indexOf(planner.rows, line);
  const row = planner.rows[at];
  if (!row || drafts.length === 0) return;
  const inside = line === planner.root || hasVisibleChildren(planner.rows, at);
  const deeper = drafts.findIndex((draft) => draft.depth === 0);
  const children = inside || deeper < 0 ? drafts.length : deeper;
  const split = row.folded ? 0 : children;
  create(planner, line, null, drafts.slice(0, split));
  create(planner, row.parent, line, drafts.slice(split));
}

function create(
  planner: Planner,
  parent: string,
  after: string | null,
  drafts: readonly Draft[],
): void {
  const placed = normalised(drafts).map((draft) => ({ draft, id: planner.newLine() }));
  const last = placed.at(-1);
  if (!last) return;
  const lines = placed.map(({ draft: { depth, kind, text }, id }): DraftRow => {
    return { id, depth, kind, text };
  });
  planner.do({ type: "createLines", parent, after, lines });
  for (const { draft, id } of placed) belongings(planner, id, draft);
  planner.select({ line: last.id, at: pointsIn(last.draft.text) });
}

function belongings(planner: Planner, line: string, { tags = [], properties = [] }: Draft): void {
  for (const tag of tags) planner.do({ type: "addTag", line, tag });
  for (const { name, value } of properties) {
    planner.do({ type: "setProperty", line, name, value });
  }
}
