// Gestures that change structure, each written as intents on a planner. Pure: what is selected comes
// in, intents go out; nothing here knows the editor's view, keys or the core.

import type { Row } from "../bridge/generated/Row";
import { languageWritten, setLanguage } from "./code";
import { breakRow, firstRow, removeRange } from "./intents";
import { continuedKind, cycledTodo, isTodo, kindOfPrefix, nextTodoState } from "./kinds";
import { pointsIn } from "./offsets";
import type { Place, Planner } from "./planner";
import { beginTable, enterInTable, isTableRow } from "./table";
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

/** The selected lines in display order, of all carets and selections. */
export type Lines = readonly string[];

/** `unfold`: the gesture needs the hidden children of this line first. */
export type Outcome = "nothing" | "done" | { readonly unfold: string };

/** Enter, with the selection's two ends in order. */
export function enter(planner: Planner, from: Place | null, to: Place | null): Outcome {
  const place = from && to ? removeRange(planner, from, to) : firstRow(planner);
  if (!place) return "nothing";
  const index = indexOf(planner.rows, place.line);
  const row = planner.rows[index];
  if (!row) return "nothing";
  if (row.id !== planner.root && row.kind === "table") return enterInTable(planner, row);
  const end = place.at === pointsIn(row.text);
  if (row.id !== planner.root && row.kind === "text" && end && isTableRow(row.text)) {
    return beginTable(planner, row);
  }
  const language = languageWritten(planner.rows, index);
  if (language !== null && end) {
    planner.do({ type: "editText", line: row.id, at: 0, delete: place.at, insert: "" });
    return setLanguage(planner, row.id, language);
  }
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
  if (listed && last && outdent(planner, [row.id]) === "done") return "done";
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

export function indent(planner: Planner, lines: Lines): Outcome {
  let outcome: Outcome = "nothing";
  for (const run of selectedRuns(planner, lines)) {
    const at = indexOf(planner.rows, run[0] ?? "");
    const above = previousSibling(planner.rows, at);
    const parent = planner.rows[above];
    if (!parent) continue;
    if (parent.folded) return { unfold: parent.id };
    const after = planner.rows[lastChild(planner.rows, above)]?.id ?? null;
    planner.do({ type: "move", lines: run, parent: parent.id, after });
    outcome = "done";
  }
  return outcome;
}

export function outdent(planner: Planner, lines: Lines): Outcome {
  let outcome: Outcome = "nothing";
  for (const run of selectedRuns(planner, lines)) {
    const parent = planner.rows[parentIndex(planner.rows, indexOf(planner.rows, run[0] ?? ""))];
    if (!parent || parent.id === planner.root) continue;
    planner.do({ type: "move", lines: run, parent: parent.parent, after: parent.id });
    outcome = "done";
  }
  return outcome;
}

/** Past the sibling above; the first of its siblings goes in front of its parent. */
export function moveUp(planner: Planner, lines: Lines): Outcome {
  let outcome: Outcome = "nothing";
  for (const run of selectedRuns(planner, lines)) {
    const { rows } = planner;
    const at = indexOf(rows, run[0] ?? "");
    const above = previousSibling(rows, at);
    const target = above >= 0 ? above : parentIndex(rows, at);
    const row = rows[target];
    if (!row || row.id === planner.root) return outcome;
    const after = rows[previousSibling(rows, target)]?.id ?? null;
    planner.do({ type: "move", lines: run, parent: row.parent, after });
    outcome = "done";
  }
  return outcome;
}

/** Past the sibling below; the last of its siblings goes behind its parent. */
export function moveDown(planner: Planner, lines: Lines): Outcome {
  let outcome: Outcome = "nothing";
  for (const run of selectedRuns(planner, lines).reverse()) {
    const { rows } = planner;
    const at = indexOf(rows, run.at(-1) ?? "");
    const below = nextSibling(rows, at);
    const target = rows[below >= 0 ? below : parentIndex(rows, at)];
    if (!target || target.id === planner.root) return outcome;
    planner.do({ type: "move", lines: run, parent: target.parent, after: target.id });
    outcome = "done";
  }
  return outcome;
}

/** Copies of the lines, with what is below them, behind them; the carets go to the copies. */
export function duplicate(planner: Planner, lines: Lines): Outcome {
  let outcome: Outcome = "nothing";
  for (const run of selectedRuns(planner, lines)) {
    const { rows } = planner;
    const [first, last] = [indexOf(rows, run[0] ?? ""), indexOf(rows, run.at(-1) ?? "")];
    const row = rows[last];
    if (!row) continue;
    const originals = rows.slice(first, subtreeEnd(rows, last));
    const folded = originals.find((original) => original.folded);
    if (folded) return { unfold: folded.id };
    const ids = createCopies(planner, row.parent, row.id, originals);
    planner.moveCarets((caret) => {
      const copy = caret && ids.get(caret.line);
      return copy ? { line: copy, at: caret.at } : caret;
    });
    outcome = "done";
  }
  return outcome;
}

/** What a copy of a row takes along. */
export type Original = Pick<Row, "depth" | "kind" | "text" | "tags" | "properties"> & {
  readonly id: string;
};

/** Puts copies of rows behind `after`; answers which line is the copy of which. */
export function createCopies(
  planner: Planner,
  parent: string,
  after: string | null,
  originals: readonly Original[],
): ReadonlyMap<string, string> {
  const top = Math.min(...originals.map((row) => row.depth));
  const ids = new Map(originals.map((row) => [row.id, planner.newLine()]));
  const lines = originals.map(({ id, depth, kind, text }) => ({
    id: ids.get(id) ?? "",
    depth: depth - top,
    kind,
    text,
  }));
  planner.do({ type: "createLines", parent, after, lines });
  for (const { id, tags, properties } of originals) {
    const line = ids.get(id) ?? "";
    tags.forEach((tag) => planner.do({ type: "addTag", line, tag }));
    for (const { name, values } of properties) {
      const value = values[0];
      if (value !== undefined) planner.do({ type: "setProperty", line, name, value });
    }
  }
  return ids;
}

export function deleteLines(planner: Planner, lines: Lines): Outcome {
  const gone = selectedRuns(planner, lines).flat();
  if (gone.length === 0) return "nothing";
  planner.do({ type: "delete", lines: gone });
  return "done";
}

export function setKind(planner: Planner, lines: Lines, kind: string): Outcome {
  const place = firstRow(planner);
  const all = place ? [place.line] : lines;
  const others = all.filter((line) => planner.row(line)?.kind !== kind);
  if (others.length === 0) return "nothing";
  planner.do({ type: "setKind", lines: others, kind });
  return "done";
}

/** The kind, or plain text where all have it already. */
export function toggleKind(planner: Planner, lines: Lines, kind: string): Outcome {
  return setKind(planner, lines, kind) === "done" ? "done" : setKind(planner, lines, "text");
}

/** All selected rows follow the first one. */
export function cycleTodo(planner: Planner, lines: Lines): Outcome {
  return setKind(planner, lines, cycledTodo(planner.row(lines[0] ?? "")?.kind ?? "text"));
}

/** Open, started, waiting, done, cancelled, and open again. */
export function nextTodo(planner: Planner, lines: Lines): Outcome {
  return setKind(planner, lines, nextTodoState(planner.row(lines[0] ?? "")?.kind ?? "text"));
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

/** Selected lines without those whose parent is selected, in runs of siblings. */
function selectedRuns(planner: Planner, lines: Lines): string[][] {
  const selected = new Set(lines);
  if (planner.root !== null) selected.delete(planner.root);
  return topRuns(planner.rows, selected);
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
