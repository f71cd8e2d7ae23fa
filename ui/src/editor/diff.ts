// The smallest CodeMirror change that turns shown rows into others: rows that stay are kept in place
// and only their changed characters are replaced, so that carets and scroll position stay too.

import { type ChangeSpec, Text } from "@codemirror/state";

import type { Row } from "../bridge/generated/Row";
import { difference } from "./offsets";

/** Replaces rows `at..at + remove` of what is shown. */
interface Hunk {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly Row[];
}

/** `doc` shows `before`; the changes make it show `after`. */
export function rowChanges(
  doc: Text,
  before: readonly Row[],
  after: readonly Row[],
): readonly ChangeSpec[] {
  if (before.length === 0 || after.length === 0) {
    if (before.length === after.length) return [];
    return [{ from: 0, to: doc.length, insert: linesOf(after) }];
  }
  const { hunks, kept } = compare(before, after);
  // A hunk stands before the row at its place, so equal positions come out in row order.
  const placed: { order: number; change: ChangeSpec }[] = hunks.map((hunk) => ({
    order: hunk.at,
    change: hunkChange(doc, hunk),
  }));
  for (const [old, now] of kept) {
    const [was, is] = [before[old]?.text ?? "", after[now]?.text ?? ""];
    if (was === is) continue;
    const { from, to, insert } = difference(was, is);
    const start = doc.line(old + 1).from;
    const change = { from: start + from, to: start + to, insert: Text.of([insert]) };
    placed.push({ order: old + 0.5, change });
  }
  return placed.sort((a, b) => a.order - b.order).map(({ change }) => change);
}

function linesOf(rows: readonly Row[]): Text {
  return Text.of(rows.length > 0 ? rows.map((row) => row.text) : [""]);
}

function hunkChange(doc: Text, { at, remove, insert }: Hunk): ChangeSpec {
  const texts = insert.map((row) => row.text);
  if (at + remove < doc.lines) {
    const to = doc.line(at + remove + 1).from;
    return { from: doc.line(at + 1).from, to, insert: Text.of([...texts, ""]) };
  }
  // At the end the line break stands before the rows, unless nothing stays above them.
  const from = at > 0 ? doc.line(at).to : 0;
  return { from, to: doc.length, insert: Text.of(at > 0 ? ["", ...texts] : texts) };
}

/** Rows that stay, as pairs of indexes that differ in content, and hunks for the others. */
function compare(
  before: readonly Row[],
  after: readonly Row[],
): { hunks: Hunk[]; kept: [number, number][] } {
  const hunks: Hunk[] = [];
  const kept: [number, number][] = [];
  const shortest = Math.min(before.length, after.length);
  const keep = (old: number, now: number): boolean => {
    if (before[old]?.id !== after[now]?.id) return false;
    if (before[old] !== after[now]) kept.push([old, now]);
    return true;
  };
  let start = 0;
  while (start < shortest && keep(start, start)) start++;
  let tail = 0;
  while (tail < shortest - start && keep(before.length - 1 - tail, after.length - 1 - tail)) tail++;
  const [oldEnd, newEnd] = [before.length - tail, after.length - tail];

  const stays = longestAscending(before, after, start, oldEnd, newEnd);
  let [old, now] = [start, start];
  for (const [nextOld, nextNow] of [...stays, [oldEnd, newEnd] as const]) {
    if (nextOld > old || nextNow > now) {
      hunks.push({ at: old, remove: nextOld - old, insert: after.slice(now, nextNow) });
    }
    if (nextOld < oldEnd) keep(nextOld, nextNow);
    [old, now] = [nextOld + 1, nextNow + 1];
  }
  return { hunks, kept };
}

/** The longest run of rows that are in both and keep their order, as (old, new) pairs. */
function longestAscending(
  before: readonly Row[],
  after: readonly Row[],
  start: number,
  oldEnd: number,
  newEnd: number,
): (readonly [number, number])[] {
  const places = new Map<string, number>();
  for (let old = start; old < oldEnd; old++) places.set(before[old]?.id ?? "", old);
  const pairs: [number, number][] = [];
  for (let now = start; now < newEnd; now++) {
    const old = places.get(after[now]?.id ?? "");
    if (old !== undefined) pairs.push([old, now]);
  }
  // Patience: tops[k] is the pair with the smallest old index that ends a run of length k + 1.
  const tops: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([old], index) => {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] ?? 0]?.[0] ?? 0) < old) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tops[low - 1] ?? -1) : -1;
    tops[low] = index;
  });
  const run: [number, number][] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair) run.push(pair);
  }
  return run.reverse();
}
