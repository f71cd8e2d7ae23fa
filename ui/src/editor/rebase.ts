// Moves what this panel did, and the core has not answered yet, over what the core changed meanwhile.
// Only offsets move: everything else names lines by id.

import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Row } from "../bridge/generated/Row";
import type { RowChange } from "../bridge/generated/RowChange";
import { difference, pointsAt } from "./offsets";
import { type Step, cross, movedPoint, steps } from "./transform";

/** The core's text steps by line. */
export type TextSteps = ReadonlyMap<string, readonly Step[]>;

/** The text steps in `changes`, which apply to `rows`. */
export function textSteps(rows: readonly Row[], changes: readonly RowChange[]): TextSteps {
  const found = new Map<string, readonly Step[]>();
  const texts = new Map<string, string>();
  for (const change of changes) {
    if (change.type !== "text") continue;
    const before = found.get(change.line) ?? [];
    found.set(change.line, [...before, ...steps(change.offset, change.delete, change.insert)]);
  }
  const whole = changes.filter((change) => change.type === "row" && !found.has(change.row.id));
  if (whole.length > 0) rows.forEach((row) => texts.set(row.id, row.text));
  for (const change of whole) {
    if (change.type !== "row") continue;
    const { id, text } = change.row;
    found.set(id, replaced(texts.get(id) ?? text, text));
  }
  return found;
}

/** The text steps for `lines` that lead from some rows to others. */
export function stepsBetween(
  before: readonly Row[],
  after: readonly Row[],
  lines: ReadonlySet<string>,
): TextSteps {
  const texts = new Map(before.filter((row) => lines.has(row.id)).map((row) => [row.id, row.text]));
  const found = new Map<string, readonly Step[]>();
  for (const row of after) {
    const text = texts.get(row.id);
    if (text !== undefined && text !== row.text) found.set(row.id, replaced(text, row.text));
  }
  return found;
}

function replaced(before: string, after: string): Step[] {
  const { from, to, insert } = difference(before, after);
  const at = pointsAt(before, from);
  return steps(at, pointsAt(before, to) - at, insert);
}

/** The lines whose texts `intents` change, or count offsets in. */
export function linesCounted(intents: readonly EditIntent[]): Set<string> {
  return new Set(
    intents.flatMap((intent) => {
      if (intent.type === "editText" || intent.type === "split") return [intent.line];
      if (intent.type === "join") return [intent.line, intent.into];
      return intent.type === "deleteRange" ? [intent.first, intent.last] : [];
    }),
  );
}

/** Intents in order, moved over the core's steps; what is left of the steps behind them. */
export function rebase(
  intents: readonly EditIntent[],
  core: TextSteps,
): readonly [readonly EditIntent[], TextSteps] {
  if (core.size === 0) return [intents, core];
  const left = new Map(core);
  return [intents.flatMap((intent) => rebaseIntent(intent, left)), left];
}

function rebaseIntent(intent: EditIntent, left: Map<string, readonly Step[]>): EditIntent[] {
  switch (intent.type) {
    case "editText": {
      const core = left.get(intent.line);
      if (!core) return [intent];
      const own = steps(intent.at, intent.delete, intent.insert);
      const [moved, crossed] = cross(own, core);
      left.set(intent.line, crossed);
      return moved.map((step) => editOf(intent.line, step));
    }
    case "split": {
      const core = left.get(intent.line) ?? [];
      const [at, head, tail] = cut(intent.at, core);
      left.set(intent.line, head).set(intent.newLine, tail);
      return [{ ...intent, at }];
    }
    case "deleteRange": {
      const point = (line: string, at: number): number =>
        (left.get(line) ?? []).reduce(movedPoint, at);
      const moved = {
        ...intent,
        firstAt: point(intent.first, intent.firstAt),
        lastAt: point(intent.last, intent.lastAt),
      };
      left.delete(intent.first);
      left.delete(intent.last);
      return [moved];
    }
    case "join":
      left.delete(intent.line);
      return [intent];
    case "createLines":
    case "putBack":
    case "move":
    case "setKind":
    case "setProperty":
    case "addTag":
    case "removeTag":
    case "delete":
    case "restore":
    case "setTitle":
      return [intent];
  }
}

function editOf(line: string, { at, length, text }: Step): EditIntent {
  const remove = text === null ? length : 0;
  return { type: "editText", line, at, delete: remove, insert: text ?? "" };
}

/** Divides the core's steps at a split: the moved split point, steps before it, steps behind it. */
function cut(
  at: number,
  core: readonly Step[],
): [at: number, head: readonly Step[], tail: readonly Step[]] {
  const head: Step[] = [];
  const tail: Step[] = [];
  let point = at;
  for (const step of core) {
    const end = step.text === null ? step.at + step.length : step.at;
    if (step.at > point || (step.text === null && step.at === point)) {
      tail.push({ ...step, at: step.at - point });
    } else if (end <= point) {
      head.push(step);
    } else {
      head.push({ ...step, length: point - step.at });
      tail.push({ ...step, at: 0, length: end - point });
    }
    point = movedPoint(point, step);
  }
  return [point, head, tail];
}
