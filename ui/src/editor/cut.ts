// Lines that were cut whole: on the clipboard they keep their ids, so that pasting them where they came
// from brings the same lines back instead of copies. Knows nothing of the system's clipboard.

import type { EditorState } from "@codemirror/state";

import type { DraftRow } from "../bridge/generated/DraftRow";
import type { Row } from "../bridge/generated/Row";
import { pointsIn } from "./offsets";
import type { Place, Planner } from "./planner";
import { type RowSet, rowsOf } from "./rowset";
import {
  DOCUMENT_ROOT,
  hasVisibleChildren,
  indexOf,
  previousSibling,
  subtreeEnd,
  topRuns,
} from "./tree";

/** Lines that were cut, with all that stood below them in sight. */
export interface CutLines {
  readonly document: string;
  /** What each line was, under its own id. */
  readonly lines: readonly DraftRow[];
}

/** The selected rows when they are whole lines with all that is below them; null for pieces of text. */
export function wholeLines(state: EditorState): readonly Row[] | null {
  const { list, root } = rowsOf(state);
  const { main, ranges } = state.selection;
  if (ranges.length > 1) return null;
  const first = state.doc.lineAt(main.from);
  const last = state.doc.lineAt(main.to);
  const from = first.number - 1;
  if (main.empty) return wholeTrees(list.slice(from, subtreeEnd(list, from)), root);
  const breaks = last.number > first.number;
  if (!breaks || main.from !== first.from) return null;
  const behind = main.to === last.from;
  if (!behind && main.to !== last.to) return null;
  const to = behind ? last.number - 1 : last.number;
  const below = (list[to]?.depth ?? 0) > (list[to - 1]?.depth ?? 0);
  return below ? null : wholeTrees(list.slice(from, to), root);
}

function wholeTrees(rows: readonly Row[], root: string | null): readonly Row[] | null {
  return rows.length > 0 && rows.every((row) => row.id !== root) ? rows : null;
}

/** The topmost of these lines: what a gesture takes away. */
export function topsOf(rows: readonly Row[]): readonly string[] {
  return topRuns(rows, new Set(rows.map((row) => row.id))).flat();
}

/** Rows as they are put back: each tree from depth 0 on. */
export function cutLines(document: string, rows: readonly Row[]): CutLines {
  const tops = new Set(topsOf(rows));
  let top = 0;
  const lines = rows.map(({ id, depth, kind, text }) => {
    if (tops.has(id)) top = depth;
    return { id, depth: depth - top, kind, text };
  });
  return { document, lines };
}

/** What a text on the clipboard says was cut; null when it says nothing of the kind. */
export function cutFromJson(json: string): CutLines | null {
  const found = parsed(json);
  if (typeof found !== "object" || found === null) return null;
  const { document, lines } = found as Partial<Record<string, unknown>>;
  if (typeof document !== "string" || !Array.isArray(lines)) return null;
  return lines.length > 0 && lines.every(isLine) ? { document, lines } : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is DraftRow {
  if (typeof value !== "object" || value === null) return false;
  const { id, depth, kind, text } = value as Partial<Record<string, unknown>>;
  const strings = [id, kind, text].every((one) => typeof one === "string");
  return strings && Number.isInteger(depth);
}

/**
 * Whether these lines may stand here again: they are not to be seen in their document. Where they are
 * in it all the same, the core makes copies of them.
 */
export function mayPutBack({ document, lines }: CutLines, here: string, rows: RowSet): boolean {
  return document === here && lines.every((line) => rows.at(line.id) < 0);
}

/** Puts cut lines where the caret is: whole, next to its row; an empty row makes room for them. */
export function putBack(planner: Planner, place: Place | null, { lines }: CutLines): void {
  const at = place ? indexOf(planner.rows, place.line) : -1;
  const row = planner.rows[at];
  const copies = lines.map(() => planner.newLine());
  const beside = besides(planner, at, place?.at ?? 0);
  planner.do({ type: "putBack", lines: [...lines], copies, ...beside });
  const spare = row?.text === "" && row.kind !== "divider" && row.id !== planner.root;
  if (spare && !row.hasChildren) planner.do({ type: "delete", lines: [row.id] });
  const last = lines.at(-1);
  if (last) planner.select({ line: last.id, at: pointsIn(last.text) });
}

/** In front of a row at its start, else behind it: as its first child where its children show. */
function besides(
  { rows, root }: Planner,
  at: number,
  offset: number,
): { readonly parent: string; readonly after: string | null } {
  const row = rows[at];
  if (!row) return { parent: DOCUMENT_ROOT, after: null };
  if (row.id !== root && offset === 0 && row.text !== "") {
    return { parent: row.parent, after: rows[previousSibling(rows, at)]?.id ?? null };
  }
  const inside = row.id === root || hasVisibleChildren(rows, at);
  return inside ? { parent: row.id, after: null } : { parent: row.parent, after: row.id };
}
