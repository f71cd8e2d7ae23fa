// After a connection broke: which of the batches that were sent the core has applied, told from the
// rows it shows now. Pure.

import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Row } from "../bridge/generated/Row";
import { predictAll } from "./rows";

/**
 * How many of the batches `after` already contains: the most for which every line that they touched
 * looks and stands in `after` as they leave it. Rather too few than too many: doubled text can be
 * deleted.
 */
export function appliedBatches(
  before: readonly Row[],
  batches: readonly { readonly intents: readonly EditIntent[] }[],
  after: readonly Row[],
): number {
  const is = outlook(after);
  const touched = { content: new Set<string>(), place: new Set<string>() };
  let rows = before;
  let looks = outlook(before);
  let applied = 0;
  batches.forEach(({ intents }, index) => {
    rows = predictAll(rows, intents);
    const next = outlook(rows);
    for (const line of new Set([...looks.keys(), ...next.keys()])) {
      for (const aspect of ASPECTS) {
        if (looks.get(line)?.[aspect] !== next.get(line)?.[aspect]) touched[aspect].add(line);
      }
    }
    looks = next;
    const agrees = ASPECTS.every((aspect) =>
      [...touched[aspect]].every((line) => next.get(line)?.[aspect] === is.get(line)?.[aspect]),
    );
    if (agrees) applied = index + 1;
  });
  return applied;
}

const ASPECTS = ["content", "place"] as const;

/** What each line says and is, and behind which line it stands. */
type Outlook = ReadonlyMap<string, { readonly content: string; readonly place: string }>;

function outlook(rows: readonly Row[]): Outlook {
  return new Map(
    rows.map(({ id, parent, text, kind, tags, properties }, at) => [
      id,
      {
        content: JSON.stringify([text, kind, tags, properties]),
        place: `${parent} ${rows[at - 1]?.id ?? ""}`,
      },
    ]),
  );
}
