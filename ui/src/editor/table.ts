// Tables among rows: each row of kind `table` is a row in Markdown, `| one | two |`. Where its cells
// are, and what Enter and Tab do there. Draws nothing.

import type { Row } from "../bridge/generated/Row";
import type { Outcome } from "./gestures";
import { pointsAt } from "./offsets";
import type { Place, Planner } from "./planner";
import { indexOf } from "./tree";

/** A cell in its row's text, in UTF-16 units: between two bars, blanks included. */
export interface Cell {
  readonly from: number;
  readonly to: number;
}

/** The cells of a row; the bars stand before, between and behind them. */
export function cellsIn(text: string): readonly Cell[] {
  const bars = [...text.matchAll(/(?<!\\)\|/g)].map(({ index }) => index);
  const start = /^\s*\|/.test(text) ? [] : [-1];
  const end = /(?<!\\)\|\s*$/.test(text) ? [] : [text.length];
  const edges = [...start, ...bars, ...end];
  return edges.slice(1).map((to, at) => ({ from: (edges[at] ?? -1) + 1, to }));
}

/** What the cells of a row say. */
export function cellsOf(text: string): readonly string[] {
  return cellsIn(text).map(({ from, to }) => text.slice(from, to).trim());
}

/** Whether this is the row below a table's head: `| --- | ---: |`. */
export function isRule(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^:?-+:?$/.test(cell));
}

/** Whether a text begins a table: a row with bars on both sides and between. */
export function isTableRow(text: string): boolean {
  return /^\|.*\|.*\|$/.test(text.trim());
}

/** Neighbouring rows of a table of one parent: `from..=to`. */
export function tableAt(rows: readonly Row[], at: number): { from: number; to: number } | null {
  const row = rows[at];
  if (row?.kind !== "table") return null;
  const joins = (other: Row | undefined): boolean =>
    other?.kind === "table" && other.parent === row.parent;
  let [from, to] = [at, at];
  while (joins(rows[from - 1])) from--;
  while (joins(rows[to + 1])) to++;
  return { from, to };
}

/** Enter: a further row with as many cells; in an empty row, the end of the table. */
export function enterInTable(planner: Planner, row: Row): Outcome {
  const cells = cellsOf(row.text);
  if (cells.every((cell) => cell === "")) {
    planner.do({ type: "editText", line: row.id, at: 0, delete: [...row.text].length, insert: "" });
    planner.do({ type: "setKind", lines: [row.id], kind: "text" });
    return "done";
  }
  addRow(planner, row, cells.length);
  return "done";
}

/** Enter behind a first row that was written by hand: its head, the rule below it, and a row. */
export function beginTable(planner: Planner, row: Row): Outcome {
  const { length } = cellsOf(row.text);
  planner.do({ type: "setKind", lines: [row.id], kind: "table" });
  const rule = {
    id: planner.newLine(),
    depth: 0,
    kind: "table",
    text: `|${" --- |".repeat(length)}`,
  };
  planner.do({ type: "createLines", parent: row.parent, after: row.id, lines: [rule] });
  const below = planner.row(rule.id);
  if (below) addRow(planner, below, length);
  return "done";
}

function addRow(planner: Planner, row: Row, cells: number): void {
  const id = planner.newLine();
  const lines = [{ id, depth: 0, kind: "table", text: `|${"  |".repeat(cells)}` }];
  planner.do({ type: "createLines", parent: row.parent, after: row.id, lines });
  planner.select({ line: id, at: 2 });
}

/** Tab: into the next cell, at the end of the table into a new row. `step` -1 goes back. */
export function nextCell(planner: Planner, place: Place, step: 1 | -1): Outcome {
  const { rows } = planner;
  let at = indexOf(rows, place.line);
  const table = tableAt(rows, at);
  const row = rows[at];
  if (!table || !row) return "nothing";
  const before = cellsIn(row.text).filter(({ from }) => pointsAt(row.text, from) <= place.at);
  let cell = Math.max(before.length - 1, 0) + step;
  while (rows[at] && (cell < 0 || cell >= cellsIn(rows[at]?.text ?? "").length)) {
    at += step;
    if (at < table.from) return "done";
    if (at > table.to) return enterInTable(planner, row);
    const cells = cellsIn(rows[at]?.text ?? "");
    if (isRule(cellsOf(rows[at]?.text ?? ""))) continue;
    cell = step > 0 ? 0 : cells.length - 1;
  }
  select(planner, rows[at], cell);
  return "done";
}

function select(planner: Planner, row: Row | undefined, cell: number): void {
  const bounds = row && cellsIn(row.text)[cell];
  if (!bounds) return;
  const text = row.text.slice(bounds.from, bounds.to);
  const blank = text.length - text.trimStart().length;
  const from = bounds.from + (text.trim() === "" ? Math.min(1, text.length) : blank);
  const at = (unit: number): Place => ({ line: row.id, at: pointsAt(row.text, unit) });
  planner.select(at(from + text.trim().length), at(from));
}
