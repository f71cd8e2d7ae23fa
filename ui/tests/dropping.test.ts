// Where dragged lines land.

import fc from "fast-check";
import { expect, test } from "vitest";

import { draggedRows, drop, dropTarget } from "../src/editor/dropping";
import { rowsOf } from "../src/editor/rowset";
import { Harness } from "./harness";

/** Drops the line that says `line` in front of the row that says `before` (none: at the end). */
function dropped(
  sketch: readonly string[],
  line: string,
  before: string | null,
  depth: number,
): string[] {
  const harness = new Harness(sketch);
  const rows = rowsOf(harness.editor.view.state);
  const find = (text: string): number => rows.list.findIndex((row) => row.text === text);
  const lines = [rows.list[find(line)]?.id ?? ""];
  const gap = before === null ? rows.list.length : find(before);
  const target = dropTarget(
    { rows: rows.list, root: rows.root },
    draggedRows(rows.list, lines),
    gap,
    depth,
  );
  harness.editor.gesture((planner) => drop(planner, lines, target));
  harness.settle();
  const shown = harness.screen().map((row) => row.replace("|", ""));
  harness.editor.destroy();
  return shown;
}

const SKETCH = ["a", "  b", "    c", "d", "  e"];

test("a line lands at the depth under the pointer, as far as its neighbours allow", () => {
  expect(dropped(SKETCH, "d", "b", 1)).toEqual(["a", "  d", "    e", "  b", "    c"]);
  expect(dropped(SKETCH, "d", "b", 0)).toEqual(["a", "  d", "    e", "  b", "    c"]);
  expect(dropped(SKETCH, "e", "d", 3)).toEqual(["a", "  b", "    c", "      e", "d"]);
  expect(dropped(SKETCH, "e", "d", 1)).toEqual(["a", "  b", "    c", "  e", "d"]);
  expect(dropped(SKETCH, "e", "d", 0)).toEqual(["a", "  b", "    c", "e", "d"]);
});

test("a line can go to the very top and to the very end", () => {
  expect(dropped(SKETCH, "d", "a", 5)).toEqual(["d", "  e", "a", "  b", "    c"]);
  expect(dropped(SKETCH, "a", null, 0)).toEqual(["d", "  e", "a", "  b", "    c"]);
  expect(dropped(SKETCH, "b", null, 9)).toEqual(["a", "d", "  e", "    b", "      c"]);
});

test("a line dropped into its own tree stays, or changes its depth", () => {
  expect(dropped(SKETCH, "a", "c", 2)).toEqual(SKETCH);
  expect(dropped(SKETCH, "c", "d", 1)).toEqual(["a", "  b", "  c", "d", "  e"]);
});

test("what is hidden below a folded line is not offered", () => {
  const harness = new Harness(["one", "  hidden", "two"]);
  harness.caret("one", 0);
  harness.editor.folding.fold();
  harness.settle();
  const rows = rowsOf(harness.editor.view.state);
  const target = dropTarget({ rows: rows.list, root: null }, new Set(["line_2"]), 1, 1);
  expect(target).toEqual({ parent: rows.list[0]?.parent, after: "line_0", depth: 0 });
});

test("in a zoomed line everything lands below it", () => {
  const harness = new Harness(["one", "  a", "  b"]);
  harness.editor.zoom("line_0");
  harness.settle();
  const rows = rowsOf(harness.editor.view.state);
  const target = dropTarget(
    { rows: rows.list, root: rows.root },
    draggedRows(rows.list, ["line_2"]),
    0,
    0,
  );
  expect(target).toEqual({ parent: "line_0", after: null, depth: 1 });
});

test("any lines dropped anywhere: nothing is lost, and the core agrees", () => {
  const pick = fc.record({
    lines: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
    gap: fc.nat(10),
    depth: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(pick, { maxLength: 6 }), (picks) => {
      const harness = new Harness(["a", "  b", "    c", "d", "  e", "f", "  g", "    h", "  i"]);
      const ids = harness.rows().map((row) => row.id);
      for (const { lines, gap, depth } of picks) {
        const rows = rowsOf(harness.editor.view.state);
        const all = lines.flatMap((at) => rows.list[at]?.id ?? []);
        const view = { rows: rows.list, root: rows.root };
        const target = dropTarget(view, draggedRows(rows.list, all), gap, depth);
        harness.editor.gesture((planner) => drop(planner, all, target));
      }
      const drawn = rowsOf(harness.editor.view.state).list;
      harness.settle();
      expect(harness.outline.rows(null, new Set())).toEqual(drawn);
      expect(
        harness
          .rows()
          .map((row) => row.id)
          .sort(),
      ).toEqual(ids.sort());
      harness.editor.destroy();
    }),
    { numRuns: 200 },
  );
});
