// Finding one's way in flattened rows: parents, siblings, subtrees. Pure look-ups; changes nothing.

import type { Row } from "../bridge/generated/Row";

/** The parent of topmost lines, as the core writes it. */
export const DOCUMENT_ROOT = "line_00000000000000000000000000000000_0";

/** Rows of one panel, in display order. `root`: the zoomed line, which is the first row then. */
export interface View {
  readonly rows: readonly Row[];
  readonly root: string | null;
}

export function indexOf(rows: readonly Row[], line: string): number {
  return rows.findIndex((row) => row.id === line);
}

/** The index behind the last visible row below `at`. */
export function subtreeEnd(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  let end = at + 1;
  while (end < rows.length && (rows[end]?.depth ?? 0) > depth) end++;
  return end;
}

/** -1 for topmost rows. */
export function parentIndex(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  for (let above = at - 1; above >= 0; above--) {
    if ((rows[above]?.depth ?? 0) < depth) return above;
  }
  return -1;
}

/** The sibling directly above, -1 if `at` is the first. */
export function previousSibling(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  for (let above = at - 1; above >= 0; above--) {
    const found = rows[above]?.depth ?? 0;
    if (found === depth) return above;
    if (found < depth) return -1;
  }
  return -1;
}

/** The sibling directly below, -1 if `at` is the last. */
export function nextSibling(rows: readonly Row[], at: number): number {
  const end = subtreeEnd(rows, at);
  return end < rows.length && rows[end]?.depth === rows[at]?.depth ? end : -1;
}

/** The last visible child, -1 without one. */
export function lastChild(rows: readonly Row[], at: number): number {
  const depth = (rows[at]?.depth ?? 0) + 1;
  for (let below = subtreeEnd(rows, at) - 1; below > at; below--) {
    if (rows[below]?.depth === depth) return below;
  }
  return -1;
}

export function hasVisibleChildren(rows: readonly Row[], at: number): boolean {
  return subtreeEnd(rows, at) > at + 1;
}

/**
 * Runs of neighbouring siblings among `selected` rows, without rows whose parent is selected too:
 * what a gesture on a selection moves or deletes.
 */
export function topRuns(rows: readonly Row[], selected: ReadonlySet<string>): string[][] {
  const runs: string[][] = [];
  let previous: { readonly end: number; readonly parent: string } | null = null;
  for (let at = 0; at < rows.length;) {
    const row = rows[at];
    if (!row || !selected.has(row.id)) {
      at++;
      continue;
    }
    const joins: boolean = previous?.end === at && previous.parent === row.parent;
    if (joins) runs.at(-1)?.push(row.id);
    else runs.push([row.id]);
    at = subtreeEnd(rows, at);
    previous = { end: at, parent: row.parent };
  }
  return runs;
}
