// Gestures that change structure, each written as intents on a planner. Pure: what is selected comes
// in, intents go out; nothing here knows the editor's view, keys or the core.

import type { Row } from "../bridge/generated/Row";
import { breakRow, firstRow, removeRange } from "./intents";
import { continuedKind, cycledTodo, isTodo, kindOfPrefix } from "./kinds";
import { pointsIn } from "./offsets";
import type { Place, Planner } from "./planner";
import {
  DOCUMENT_ROOT,
  hasVisibleChildren,
  indexOf,
  lastChild,
  nextSibling,
  parentIndex,
  previousSibling,
  subtreeEnd,
  topRuns,
} from "./tree";

/** Rows `from..=to` of the selection, by index. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** `unfold`: the gesture needs the hidden children of this line first. */
export type Outcome = "nothing" | "done" | { readonly unfold: string };

/** Enter, with the selection's two ends in order. */
export function enter(planner: Planner, from: Place | null, to: Place | null): Outcome {
  const place = from && to ? removeRange(planner, from, to) : firstRow(planner);
  if (!place) return "nothing";
  const index = indexOf(planner.rows, place.line);
  const row = planner.rows[index];
  if (!row) return "nothing";
  if (row.text === "" && leavesEmpty(planner, row, index)) return leaveEmpty(planner, row, index);
  const indent = row.kind === "code" ? (/^\s*/.exec(row.text)?.[0] ?? "") : "";
  const broken = breakRow(planner, place);
  if (broken && indent !== "" && place.at >= indent.length) {
    const { line, at } = broken.below;
    planner.do({ type: "editText", line, at, delete: 0, insert: indent });
  }
  return "done";
}

/** Whether Enter on this empty row ends a list rather than adding to it. */
function leavesEmpty(planner: Planner, row: Row, index: number): boolean {
  if (row.id === planner.root || hasVisibleChildren(planner.rows, index)) return false;
  const below = planner.rows[index + 1];
  if (row.kind === "code") return below?.kind !== "code" || below.depth !== row.depth;
  return continuedKind(row.kind) !== "text";
}

function leaveEmpty(planner: Planner, row: Row, index: number): Outcome {
  const listed = isTodo(row.kind) || row.kind === "bullet" || row.kind === "numbered";
  const last = nextSibling(planner.rows, index) < 0;
  if (listed && last && outdent(planner, { from: index, to: index }) === "done") return "done";
  planner.do({ type: "setKind", lines: [row.id], kind: "text" });
  return "done";
}

/** Backspace at the start of a row; "nothing" leaves the key to the editor. */
export function backspace(planner: Planner, at: Place): Outcome {
  const index = indexOf(planner.rows, at.line);
  const row = planner.rows[index];
  if (!row || at.at !== 0) return "nothing";
  if (row.kind !== "text") {
    planner.do({ type: "setKind", lines: [row.id], kind: "text" });
    return "done";
  }
  const above = planner.rows[index - 1];
  if (!above || row.id === planner.root) return "done";
  const spare = above.kind === "divider" || above.text === "";
  if (spare && !above.hasChildren && above.id !== planner.root) {
    planner.do({ type: "delete", lines: [above.id] });
  } else {
    planner.do({ type: "join", line: row.id, into: above.id });
  }
  return "done";
}

/** Delete at the end of a row; "nothing" leaves the key to the editor. */
export function deleteForward(planner: Planner, at: Place): Outcome {
  const index = indexOf(planner.rows, at.line);
  const row = planner.rows[index];
  const below = planner.rows[index + 1];
  if (!row || at.at !== pointsIn(row.text)) return "nothing";
  if (!below) return "done";
  if (below.kind === "divider" && !below.hasChildren) {
    planner.do({ type: "delete", lines: [below.id] });
  } else if (row.text === "" && !row.hasChildren && row.id !== planner.root) {
    planner.do({ type: "delete", lines: [row.id] });
  } else {
    planner.do({ type: "join", line: below.id, into: row.id });
  }
  return "done";
}

export function indent(planner: Planner, range: RowRange): Outcome {
  let outcome: Outcome = "nothing";
  for (const lines of selectedRuns(planner, range)) {
    const at = indexOf(planner.rows, lines[0] ?? "");
    const above = previousSibling(planner.rows, at);
    const parent = planner.rows[above];
    if (!parent) continue;
    if (parent.folded) return { unfold: parent.id };
    const after = planner.rows[lastChild(planner.rows, above)]?.id ?? null;
    planner.do({ type: "move", lines, parent: parent.id, after });
    outcome = "done";
  }
  return outcome;
}

export function outdent(planner: Planner, range: RowRange): Outcome {
  let outcome: Outcome = "nothing";
  for (const lines of selectedRuns(planner, range)) {
    const parent = planner.rows[parentIndex(planner.rows, indexOf(planner.rows, lines[0] ?? ""))];
    if (!parent || parent.id === planner.root) continue;
    planner.do({ type: "move", lines, parent: parent.parent, after: parent.id });
    outcome = "done";
  }
  return outcome;
}

/** Past the sibling above; the first of its siblings goes in front of its parent. */
export function moveUp(planner: Planner, range: RowRange): Outcome {
  const [lines = []] = selectedRuns(planner, range);
  const { rows } = planner;
  const at = indexOf(rows, lines[0] ?? "");
  const above = previousSibling(rows, at);
  const target = above >= 0 ? above : parentIndex(rows, at);
  const row = rows[target];
  if (!row || row.id === planner.root) return "nothing";
  const after = rows[previousSibling(rows, target)]?.id ?? null;
  planner.do({ type: "move", lines, parent: row.parent, after });
  return "done";
}

/** Past the sibling below; the last of its siblings goes behind its parent. */
export function moveDown(planner: Planner, range: RowRange): Outcome {
  const lines = selectedRuns(planner, range).at(-1) ?? [];
  const { rows } = planner;
  const at = indexOf(rows, lines.at(-1) ?? "");
  if (at < 0) return "nothing";
  const below = nextSibling(rows, at);
  const target = rows[below >= 0 ? below : parentIndex(rows, at)];
  if (!target || target.id === planner.root) return "nothing";
  planner.do({ type: "move", lines, parent: target.parent, after: target.id });
  return "done";
}

export function deleteLines(planner: Planner, range: RowRange): Outcome {
  const lines = selectedRuns(planner, range).flat();
  if (lines.length === 0) return "nothing";
  planner.do({ type: "delete", lines });
  return "done";
}

export function setKind(planner: Planner, { from, to }: RowRange, kind: string): Outcome {
  const rows = planner.rows.slice(from, to + 1).filter((row) => row.kind !== kind);
  if (planner.rows.length === 0) {
    const place = firstRow(planner);
    if (place) planner.do({ type: "setKind", lines: [place.line], kind });
    return "done";
  }
  if (rows.length === 0) return "nothing";
  planner.do({ type: "setKind", lines: rows.map((row) => row.id), kind });
  return "done";
}

/** All selected rows follow the first one. */
export function cycleTodo(planner: Planner, range: RowRange): Outcome {
  return setKind(planner, range, cycledTodo(planner.rows[range.from]?.kind ?? "text"));
}

/** Turns a prefix such as `- ` that was just completed at the start of a row into its kind. */
export function smartPrefix(planner: Planner, place: Place, typed: string): Outcome {
  const row = planner.row(place.line);
  if (!row || row.kind === "code") return "nothing";
  const prefix = [...row.text].slice(0, place.at).join("") + typed;
  const kind = kindOfPrefix(prefix);
  if (!kind || (kind === "divider" && row.text !== "--")) return "nothing";
  if (kind === row.kind) return "nothing";
  planner.do({ type: "editText", line: row.id, at: 0, delete: place.at, insert: "" });
  planner.do({ type: "setKind", lines: [row.id], kind });
  if (kind === "divider" && row.id !== planner.root) {
    const newLine = planner.newLine();
    planner.do({ type: "split", line: row.id, at: 0, newLine, kind: "text" });
    planner.select({ line: newLine, at: 0 });
  }
  return "done";
}

/** Ids of the selected lines without those whose parent is selected, in runs of siblings. */
function selectedRuns(planner: Planner, { from, to }: RowRange): string[][] {
  const first = planner.rows[from]?.id === planner.root ? from + 1 : from;
  return topRuns(planner.rows, first, Math.min(to, planner.rows.length - 1)).map((run) =>
    run.map((at) => planner.rows[at]?.id ?? ""),
  );
}

/** What Ctrl+A selects next: the row's text, what is below it too, its siblings, and so on. */
export function grownRange(rows: readonly Row[], from: Place, to: Place): [Place, Place] {
  const [first, last] = [indexOf(rows, from.line), indexOf(rows, to.line)];
  const candidates = [...grownIndexes(rows, first)].map(([start, end]): [Place, Place] => [
    { line: rows[start]?.id ?? DOCUMENT_ROOT, at: 0 },
    { line: rows[end]?.id ?? DOCUMENT_ROOT, at: pointsIn(rows[end]?.text ?? "") },
  ]);
  const grows = ([start, end]: [Place, Place]): boolean => {
    const [top, bottom] = [indexOf(rows, start.line), indexOf(rows, end.line)];
    const before = top < first || (top === first && start.at <= from.at);
    const behind = bottom > last || (bottom === last && end.at >= to.at);
    const same = start.line === from.line && start.at === from.at;
    return before && behind && !(same && end.line === to.line && end.at === to.at);
  };
  return candidates.find(grows) ?? [from, to];
}

function* grownIndexes(rows: readonly Row[], at: number): Generator<[number, number]> {
  yield [at, at];
  for (let index = at; index >= 0; index = parentIndex(rows, index)) {
    yield [index, subtreeEnd(rows, index) - 1];
    const parent = parentIndex(rows, index);
    if (parent >= 0) yield [parent + 1, subtreeEnd(rows, parent) - 1];
  }
  yield [0, rows.length - 1];
}
