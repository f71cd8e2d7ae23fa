// What the panel draws before the core answers is what the core answers.

import fc from "fast-check";
import { expect, test } from "vitest";

import type { EditIntent } from "../src/bridge/generated/EditIntent";
import { predict } from "../src/editor/rows";
import { DOCUMENT_ROOT } from "../src/editor/tree";
import { drawSketch } from "./harness";
import { Outline } from "./outline";

const NONE: ReadonlySet<string> = new Set();

/** A random intent on the displayed lines, from plain numbers. */
function intentFrom(
  outline: Outline,
  [type = 0, a = 0, b = 0, c = 0]: number[],
): EditIntent | null {
  const order = outline.order();
  const pick = (seed: number): (typeof order)[number] | undefined => order[seed % order.length];
  const [first, second] = [pick(a), pick(b)];
  if (!first || !second) return null;
  const at = (line: typeof first, seed: number): number => seed % ([...line.text].length + 1);
  switch (type % 8) {
    case 0:
      return { type: "editText", line: first.id, at: at(first, b), delete: 0, insert: "x😀" };
    case 1: {
      const offset = at(first, b);
      return { type: "split", line: first.id, at: offset, newLine: `new_${c}`, kind: "bullet" };
    }
    case 2: {
      const index = order.indexOf(first);
      const into = order[index - 1];
      return into ? { type: "join", line: first.id, into: into.id } : null;
    }
    case 3: {
      const [from, to] = [
        Math.min(a % order.length, b % order.length),
        Math.max(a % order.length, b % order.length),
      ];
      const [top, bottom] = [order[from], order[to]];
      if (!top || !bottom || from === to) return null;
      const [firstAt, lastAt] = [at(top, c), at(bottom, c + 1)];
      return { type: "deleteRange", first: top.id, firstAt, last: bottom.id, lastAt };
    }
    case 4: {
      const lines = [0, 1, 1].map((depth, index) => ({
        id: `made_${c}_${index}`,
        depth,
        kind: "numbered",
        text: `n${index}`,
      }));
      const after = second.children[c % (second.children.length + 1)]?.id ?? null;
      return { type: "createLines", parent: second.id, after, lines };
    }
    case 5: {
      const inside = [first, ...first.children].some((line) => line === second);
      if (inside || outline.rows(first.id, NONE).some((row) => row.id === second.id)) return null;
      const others = second.children.filter((line) => line !== first);
      const after = others[c % (others.length + 1)]?.id ?? null;
      return { type: "move", lines: [first.id], parent: second.id, after };
    }
    case 6:
      return { type: "delete", lines: [first.id] };
    default:
      return { type: "setKind", lines: [first.id, second.id], kind: "numbered" };
  }
}

test("what is drawn at once is what an outliner does, gesture by gesture", () => {
  const gestures = fc.array(fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(gestures, (all) => {
      const outline = new Outline();
      drawSketch(outline, ["one", "  two", "    three", "  numbered: four", "five", "  six"]);
      let rows = outline.rows(null, NONE) as ReturnType<typeof predict>;
      all.forEach((numbers, index) => {
        const intent = intentFrom(outline, [...numbers.slice(0, 3), index]);
        if (!intent) return;
        outline.apply(intent);
        rows = predict(rows, intent);
        expect(rows, JSON.stringify(intent)).toEqual(outline.rows(null, NONE));
      });
    }),
    { numRuns: 400 },
  );
});

test("an intent about lines that are not shown changes nothing", () => {
  const outline = new Outline();
  drawSketch(outline, ["one"]);
  const rows = outline.rows(null, NONE);
  const gone: EditIntent[] = [
    { type: "editText", line: "gone", at: 0, delete: 0, insert: "x" },
    { type: "split", line: "gone", at: 0, newLine: "new", kind: "text" },
    { type: "join", line: "gone", into: "line_0" },
    { type: "join", line: "line_0", into: "gone" },
    { type: "deleteRange", first: "line_0", firstAt: 0, last: "gone", lastAt: 0 },
    { type: "move", lines: ["gone"], parent: DOCUMENT_ROOT, after: null },
    { type: "move", lines: ["line_0"], parent: "gone", after: null },
    { type: "createLines", parent: "gone", after: null, lines: [] },
    { type: "delete", lines: ["gone"] },
  ];
  for (const intent of gone) expect(predict(rows, intent), intent.type).toEqual(rows);
});
