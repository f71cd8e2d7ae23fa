// Text edits of this panel meeting edits of others: the same small transform that the core uses
// between itself and a panel. At equal offsets the core's text goes first. Offsets are scalar values.

import { pointsIn } from "./offsets";

/** One step in the text of one line: an insertion of `text`, or a deletion where that is null. */
export interface Step {
  readonly at: number;
  readonly length: number;
  readonly text: string | null;
}

/** A replacement as steps. */
export function steps(at: number, remove: number, insert: string): Step[] {
  const all: Step[] = [];
  if (remove > 0) all.push({ at, length: remove, text: null });
  if (insert !== "") all.push({ at, length: pointsIn(insert), text: insert });
  return all;
}

/** Moves a point over a core step; text that the core inserts there goes before it. */
export function movedPoint(point: number, over: Step): number {
  if (over.text !== null) return over.at <= point ? point + over.length : point;
  return point - Math.min(Math.max(point - over.at, 0), over.length);
}

/** Moves two sequences over each other: ours behind the core's, the core's behind ours. */
export function cross(
  ours: readonly Step[],
  core: readonly Step[],
): readonly [ours: readonly Step[], core: readonly Step[]] {
  const [step, ...laterOurs] = ours;
  const [over, ...laterCore] = core;
  if (!step || !over) return [ours, core];
  if (laterOurs.length > 0) {
    const [first, restOfCore] = cross([step], core);
    const [rest, crossed] = cross(laterOurs, restOfCore);
    return [[...first, ...rest], crossed];
  }
  if (laterCore.length > 0) {
    const [moved, first] = cross([step], [over]);
    const [crossed, rest] = cross(moved, laterCore);
    return [crossed, [...first, ...rest]];
  }
  return [behind(step, over, movedPoint), behind(over, step, movedLeft)];
}

/** As [`movedPoint`], but text that comes in at the same place goes behind. */
function movedLeft(point: number, over: Step): number {
  return over.text !== null && over.at === point ? point : movedPoint(point, over);
}

function behind(step: Step, over: Step, moved: typeof movedPoint): Step[] {
  return step.text === null ? movedDeletion(step, over) : [{ ...step, at: moved(step.at, over) }];
}

/** A deletion spares what the other side inserted in its middle, and what is already gone. */
function movedDeletion({ at, length }: Step, over: Step): Step[] {
  const end = at + length;
  if (over.text !== null && at < over.at && over.at < end) {
    // The right half first, so that its offsets do not depend on the left half.
    return [
      { at: over.at + over.length, length: end - over.at, text: null },
      { at, length: over.at - at, text: null },
    ];
  }
  if (over.text !== null) return [{ at: movedPoint(at, over), length, text: null }];
  const overlap = Math.min(end, over.at + over.length) - Math.max(at, over.at);
  const left = length - Math.max(overlap, 0);
  return left > 0 ? [{ at: movedPoint(at, over), length: left, text: null }] : [];
}
