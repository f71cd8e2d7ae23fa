// Text steps that meet each other.

import fc from "fast-check";
import { expect, test } from "vitest";

import { splice } from "../src/editor/offsets";
import { rebase } from "../src/editor/rebase";
import { cross, type Step, steps } from "../src/editor/transform";

const TEXT = "abcdefghij";

function applied(text: string, all: readonly Step[]): string {
  return all.reduce(
    (now, step) => splice(now, step.at, step.text === null ? step.length : 0, step.text ?? ""),
    text,
  );
}

/** Steps that fit the text, from plain numbers. */
function fitted(numbers: readonly [boolean, number, number][], letter: string): Step[] {
  let length = TEXT.length;
  return numbers.flatMap(([insert, place, size]) => {
    const at = place % (length + 1);
    const count = insert ? (size % 3) + 1 : Math.min((size % 3) + 1, length - at);
    length += insert ? count : -count;
    return steps(at, insert ? 0 : count, insert ? letter.repeat(count) : "");
  });
}

const numbers = fc.array(fc.tuple(fc.boolean(), fc.nat(40), fc.nat(9)), { maxLength: 5 });

test("both sides come to the same text", () => {
  fc.assert(
    fc.property(numbers, numbers, (ours, core) => {
      const [own, other] = [fitted(ours, "I"), fitted(core, "C")];
      const [movedOwn, movedOther] = cross(own, other);
      expect(applied(applied(TEXT, other), movedOwn)).toBe(applied(applied(TEXT, own), movedOther));
    }),
    { numRuns: 1000 },
  );
});

test("at one place the core's text stands in front", () => {
  const [own] = cross(steps(1, 0, "x"), steps(1, 0, "C"));
  expect(applied("aCb", own)).toBe("aCxb");
});

test("what follows a split is moved in the new line", () => {
  const core = new Map([["a", [...steps(0, 0, "CC"), ...steps(8, 0, "D")]]]);
  const [moved] = rebase(
    [
      { type: "split", line: "a", at: 3, newLine: "b", kind: "text" },
      { type: "editText", line: "b", at: 4, delete: 0, insert: "x" },
      { type: "editText", line: "a", at: 3, delete: 0, insert: "y" },
    ],
    core,
  );
  expect(moved).toEqual([
    { type: "split", line: "a", at: 5, newLine: "b", kind: "text" },
    { type: "editText", line: "b", at: 5, delete: 0, insert: "x" },
    { type: "editText", line: "a", at: 5, delete: 0, insert: "y" },
  ]);
});
