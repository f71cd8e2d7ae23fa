// What changed between two versions of a line, and how one is put back.

import fc from "fast-check";
import { expect, test } from "vitest";

import { cycleTodo } from "../src/editor/gestures";
import { changedParts, extentOf, putBack } from "../src/editor/versions";
import { Harness } from "./harness";

/** `+inserted+` and `-removed-` in between what was kept. */
function marked(before: string, after: string): string {
  const marks = { kept: "", inserted: "+", removed: "-" };
  return changedParts(before, after)
    .map(({ kind, text }) => `${marks[kind]}${text}${marks[kind]}`)
    .join("");
}

test("what an author changed is marked word by word", () => {
  expect(marked("buy bread today", "buy milk today")).toBe("buy -bread-+milk+ today");
  expect(marked("", "new")).toBe("+new+");
  expect(marked("old", "")).toBe("-old-");
  expect(marked("same", "same")).toBe("same");
});

test("the parts are the text after, and without what came and with what went the text before", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
      const parts = changedParts(a, b);
      const text = (without: string): string =>
        parts.flatMap((part) => (part.kind === without ? [] : [part.text])).join("");
      expect(text("removed")).toBe(b);
      expect(text("inserted")).toBe(a);
      const { inserted, removed } = extentOf(parts);
      expect(inserted - removed).toBe([...b].length - [...a].length);
    }),
  );
});

test("a version is put back in one step, and the line stays the same line", () => {
  const harness = new Harness(["one", "buy milk and 🍞"]);
  const { editor } = harness;
  const ids = harness.rows().map(({ id }) => id);
  const done = editor.gesture((planner) =>
    putBack(planner, ids[1] ?? "", { kind: "text", text: "buy tea, and 🍞 soon" }),
  );
  expect(done).toBe(true);
  harness.settle();
  expect(harness.screen()).toEqual(["one", "buy tea, and 🍞 soon|"]);
  expect(harness.rows().map(({ id }) => id)).toEqual(ids);
  expect(harness.outline.order().map(({ text }) => text)).toEqual(["one", "buy tea, and 🍞 soon"]);
  expect(
    editor.gesture((planner) => putBack(planner, "line_gone", { kind: "text", text: "x" })),
  ).toBe(false);
});

test("a line is turned back into the kind that a version had, in the same step", () => {
  const harness = new Harness(["bread"]);
  const { editor } = harness;
  const [row] = harness.rows();
  editor.gesture(cycleTodo);
  editor.gesture((planner) => putBack(planner, row?.id ?? "", { kind: "text", text: "bread" }));
  harness.settle();
  expect(harness.outline.order().map(({ kind, text }) => [kind, text])).toEqual([
    ["text", "bread"],
  ]);
});

test("any version can be put back over any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (now, then) => {
      const plain = (text: string): string => text.replace(/[\n\r\u2028]/g, "");
      const harness = new Harness([""]);
      harness.type(plain(now));
      const [row] = harness.rows();
      harness.editor.gesture((planner) =>
        putBack(planner, row?.id ?? "", { kind: "text", text: plain(then) }),
      );
      harness.settle();
      expect(harness.outline.order().map(({ text }) => text)).toEqual([plain(then)]);
      harness.editor.destroy();
    }),
    { numRuns: 60 },
  );
});
