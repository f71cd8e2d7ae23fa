// Offsets in UTF-16 units and in Unicode scalar values.

import fc from "fast-check";
import { expect, test } from "vitest";

import { difference, pointsAt, pointsIn, splice, unitAt } from "../src/editor/offsets";

const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "漢", "😀", "👩‍👩‍👧", "\u0301") });

test("an emoji counts once on the wire and twice in the editor", () => {
  expect(pointsIn("a😀b")).toBe(3);
  expect(unitAt("a😀b", 2)).toBe(3);
  expect(pointsAt("a😀b", 3)).toBe(2);
});

test("a position inside a character counts as before it", () => {
  expect(pointsAt("a😀b", 2)).toBe(1);
});

test("every offset survives the way to the editor and back", () => {
  fc.assert(
    fc.property(text, fc.nat(40), (line, seed) => {
      const point = seed % (pointsIn(line) + 1);
      expect(pointsAt(line, unitAt(line, point))).toBe(point);
    }),
  );
});

test("a splice does what an array of characters does", () => {
  fc.assert(
    fc.property(text, fc.nat(20), fc.nat(5), text, (line, at, remove, insert) => {
      const points = [...line];
      points.splice(at, remove, ...insert);
      expect(splice(line, at, remove, insert)).toBe(points.join(""));
    }),
  );
});

test("a difference turns one text into the other and cuts no character in two", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { from, to, insert } = difference(before, after);
      expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
      expect(insert.isWellFormed()).toBe(true);
      expect(before.slice(from, to).isWellFormed()).toBe(true);
    }),
  );
});
