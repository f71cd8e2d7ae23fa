// What changed between two versions of a line, and a version put back as the changes that lead there,
// so that the line and its carets stay. Pure.

import { type Change, presentableDiff } from "@codemirror/merge";

import { pointsAt, pointsIn } from "./offsets";
import type { Outcome } from "./gestures";
import type { Planner } from "./planner";

/** A piece of a version's text, or of the one before it. */
export interface Part {
  readonly kind: "kept" | "inserted" | "removed";
  readonly text: string;
}

/** A long line that was written anew is not compared letter by letter. */
const COMPARED = { scanLimit: 2_000, timeout: 100 } as const;

const BREAKS = /[\n\r\u2028]/g;

/** What an author changed, in the order of the text; what was removed stands before what came. */
export function changedParts(before: string, after: string): readonly Part[] {
  const parts: Part[] = [];
  const push = (kind: Part["kind"], text: string): void => {
    if (text !== "") parts.push({ kind, text });
  };
  let at = 0;
  for (const { fromA, toA, fromB, toB } of changes(before, after)) {
    push("kept", after.slice(at, fromB));
    push("removed", before.slice(fromA, toA));
    push("inserted", after.slice(fromB, toB));
    at = toB;
  }
  push("kept", after.slice(at));
  return parts;
}

/** How many characters came and went. */
export function extentOf(parts: readonly Part[]): { inserted: number; removed: number } {
  const total = (kind: Part["kind"]): number =>
    parts.reduce((sum, part) => (part.kind === kind ? sum + pointsIn(part.text) : sum), 0);
  return { inserted: total("inserted"), removed: total("removed") };
}

/** Makes a line what it was, where it is shown; the caret goes behind what changed. */
export function putBack(
  planner: Planner,
  line: string,
  { kind, text }: { readonly kind: string; readonly text: string },
): Outcome {
  const row = planner.row(line);
  if (!row) return "nothing";
  const [before, after] = [shown(row.text), shown(text)];
  // Last first, so that the offsets of the others stay what they were.
  const all = [...changes(before, after)].reverse();
  for (const { fromA, toA, fromB, toB } of all) {
    const at = pointsAt(before, fromA);
    const remove = pointsIn(before.slice(fromA, toA));
    const insert = after.slice(fromB, toB).replace(BREAKS, " ");
    planner.do({ type: "editText", line, at, delete: remove, insert });
  }
  if (row.kind !== kind) planner.do({ type: "setKind", lines: [line], kind });
  const [last] = all;
  if (last) planner.select({ line, at: pointsAt(after, last.toB) });
  return "done";
}

/** As the editor shows it, with a line break inside a line as one character. */
function shown(text: string): string {
  return text.replace(BREAKS, "\u2028");
}

function changes(before: string, after: string): readonly Change[] {
  return presentableDiff(before, after, COMPARED);
}
