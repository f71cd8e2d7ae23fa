// Where dragged lines would land: a gap between rows and a depth give a parent and a sibling. Pure.

import type { Row } from "../bridge/generated/Row";
import type { Outcome } from "./gestures";
import type { Planner } from "./planner";
import { DOCUMENT_ROOT, indexOf, subtreeEnd, topRuns, type View } from "./tree";

export interface DropTarget {
  readonly parent: string;
  readonly after: string | null;
  readonly depth: number;
}

/** The rows that move with `lines`: they and what is below them. */
export function draggedRows(rows: readonly Row[], lines: readonly string[]): ReadonlySet<string> {
  const tops = topRuns(rows, new Set(lines)).flat();
  return new Set(
    tops.flatMap((line) => {
      const at = indexOf(rows, line);
      return rows.slice(at, subtreeEnd(rows, at)).map((row) => row.id);
    }),
  );
}

/**
 * The place in front of row `gap`, as near to depth `wanted` as the rows around it allow. What is
 * hidden below a folded row is not offered: nobody sees where the lines would go.
 */
export function dropTarget(
  { rows, root }: View,
  dragged: ReadonlySet<string>,
  gap: number,
  wanted: number,
): DropTarget {
  const stays = (row: Row): boolean => !dragged.has(row.id);
  const above = rows.slice(0, Math.max(gap, root === null ? 0 : 1)).filter(stays);
  const below = rows.slice(gap).find((row) => stays(row) && row.id !== root);
  const last = above.at(-1);
  const top = root === null ? 0 : 1;
  if (!last) return { parent: below?.parent ?? DOCUMENT_ROOT, after: null, depth: top };
  const deepest = last.folded ? last.depth : last.depth + 1;
  const depth = Math.max(Math.min(wanted, deepest), below?.depth ?? top, top);
  if (depth > last.depth) return { parent: last.id, after: null, depth };
  const sibling = above.findLast((row) => row.depth <= depth) ?? last;
  return { parent: sibling.parent, after: sibling.id, depth };
}

/** Moves lines, and what is below them, to where they were dropped. */
export function drop(planner: Planner, lines: readonly string[], target: DropTarget): Outcome {
  const runs = topRuns(planner.rows, new Set(lines));
  const moved = runs.flat();
  const first = planner.rows[indexOf(planner.rows, moved[0] ?? "")];
  if (!first) return "nothing";
  const before = planner.rows.findLast(
    (row, at) =>
      row.parent === first.parent && row.id !== first.id && at < indexOf(planner.rows, first.id),
  );
  const stays = first.parent === target.parent && (before?.id ?? null) === target.after;
  if (runs.length === 1 && stays) return "nothing";
  planner.do({ type: "move", lines: moved, parent: target.parent, after: target.after });
  return "done";
}
