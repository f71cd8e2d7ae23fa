// Random typing, gestures and messages of others: the panel ends as the core does.

import { EditorSelection } from "@codemirror/state";
import fc from "fast-check";
import { expect, test } from "vitest";

import type { EditIntent } from "../src/bridge/generated/EditIntent";
import type { Row } from "../src/bridge/generated/Row";
import { draggedRows, drop, dropTarget } from "../src/editor/dropping";
import * as editing from "../src/editor/editing";
import { toggleFormat } from "../src/editor/format";
import * as gestures from "../src/editor/gestures";
import { paste } from "../src/editor/paste";
import { type Place, placeAt } from "../src/editor/planner";
import { rowsOf } from "../src/editor/rowset";
import { DOCUMENT, Harness, PANEL } from "./harness";

const SKETCH = [
  "heading1: Plan",
  "  first words",
  "  bullet: alpha 😀 beta",
  "    bullet: below",
  "  numbered: eins",
  "  numbered: zwei",
  "todo: open",
  "text 漢字 text",
];

/** What happens next, as data, so that a failure prints what replays it. */
type Step =
  | { do: "change"; ranges: [number, number][]; insert: string }
  | { do: "gesture"; name: keyof typeof GESTURES; at: number; to: number; second: number | null }
  | { do: "remote"; kind: number; line: number; at: number; other: number }
  | { do: "core" | "panel" | "send" | "compose" | "composed" | "load" }
  | { do: "window"; first: number }
  | { do: "filter"; query: string }
  | { do: "reconnect"; lost: number };

const GESTURES = {
  enter: (editor) =>
    editor.gesture((planner, [line]) => {
      const place = endOf(planner.row(line ?? ""));
      return gestures.enter(planner, place, place);
    }),
  indent: (editor) => editor.gesture(gestures.indent),
  outdent: (editor) => editor.gesture(gestures.outdent),
  up: (editor) => editor.gesture(gestures.moveUp),
  down: (editor) => editor.gesture(gestures.moveDown),
  todo: (editor) => editor.gesture(gestures.cycleTodo),
  delete: (editor) => editor.gesture(gestures.deleteLines),
  duplicate: (editor) => editor.gesture(gestures.duplicate),
  state: (editor) => editor.gesture(gestures.nextTodo),
  table: (editor) => editor.gesture((planner, lines) => gestures.setKind(planner, lines, "table")),
  tab: (editor) => editing.tab(editor),
  backTab: (editor) => editing.backTab(editor),
  bold: (editor) => toggleFormat(editor, "bold"),
  drop: (editor) =>
    editor.gesture((planner, lines) => {
      const { rows, root } = planner;
      // Somewhere that depends on what is there, so that a failure can be replayed.
      const gap = (rows.length * 7 + lines.length * 3) % (rows.length + 1);
      const target = dropTarget({ rows, root }, draggedRows(rows, lines), gap, gap % 4);
      return drop(planner, lines, target);
    }),
  paste: (editor) =>
    editor.gesture((planner) => {
      const { from } = editor.view.state.selection.main;
      const place = placeAt(editor.view.state, from);
      const tagged = { depth: 1, kind: "bullet", text: "b 😀", tags: ["t"] };
      paste(planner, place, place, [{ depth: 0, kind: "todo", text: "a" }, tagged]);
      return "done";
    }),
} satisfies Record<string, (editor: Harness["editor"]) => boolean>;

function endOf(row: Row | undefined): Place | null {
  return row ? { line: row.id, at: [...row.text].length } : null;
}

const position = fc.nat(200);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("change" as const),
    ranges: fc.array(fc.tuple(position, fc.nat(12)), { minLength: 1, maxLength: 3 }),
    insert: fc.constantFrom("x", "", "😀", "a\nb", "\n", "one\n\nthree", "\ud83d", "q", "zz"),
  }),
  fc.record({
    do: fc.constant("gesture" as const),
    name: fc.constantFrom(...(Object.keys(GESTURES) as (keyof typeof GESTURES)[])),
    at: position,
    to: position,
    second: fc.option(position),
  }),
  fc.record({
    do: fc.constant("remote" as const),
    kind: fc.nat(6),
    line: fc.nat(30),
    at: fc.nat(20),
    other: fc.nat(30),
  }),
  fc.record({
    do: fc.constantFrom(...(["core", "panel", "send", "compose", "composed"] as const)),
  }),
);

function remoteIntent(
  harness: Harness,
  made: number,
  step: Extract<Step, { do: "remote" }>,
): EditIntent | null {
  const order = harness.outline.order();
  const line = order[step.line % order.length];
  const other = order[step.other % order.length];
  if (!line || !other) return null;
  const length = [...line.text].length;
  const at = step.at % (length + 1);
  switch (step.kind) {
    case 0:
    case 1:
      return {
        type: "editText",
        line: line.id,
        at,
        delete: Math.min(step.other % 3, length - at),
        insert: "R",
      };
    case 2:
      return { type: "split", line: line.id, at, newLine: `line_remote_${made}`, kind: "text" };
    case 3: {
      const into = order[order.indexOf(line) - 1];
      return into ? { type: "join", line: line.id, into: into.id } : null;
    }
    case 4:
      return { type: "delete", lines: [line.id] };
    case 5:
      return { type: "setKind", lines: [line.id], kind: "quote" };
    default: {
      const inside = harness.outline.rows(line.id, new Set()).some((row) => row.id === other.id);
      return inside ? null : { type: "move", lines: [line.id], parent: other.id, after: null };
    }
  }
}

function carryOut(harness: Harness, step: Step, index: number): void {
  const { view } = harness.editor;
  const length = view.state.doc.length;
  switch (step.do) {
    case "change": {
      const ends = step.ranges
        .map(([from, size]) => ({
          from: from % (length + 1),
          to: Math.min((from % (length + 1)) + size, length),
        }))
        .sort((a, b) => a.from - b.from);
      const apart = ends.filter((range, at) => at === 0 || range.from > (ends[at - 1]?.to ?? 0));
      view.dispatch({ changes: apart.map((range) => ({ ...range, insert: step.insert })) });
      return;
    }
    case "gesture": {
      const [anchor, head] = [step.at % (length + 1), step.to % (length + 1)];
      const carets = step.second === null ? [] : [step.second % (length + 1)];
      const ranges = [EditorSelection.range(anchor, head)];
      carets.forEach((caret) => ranges.push(EditorSelection.cursor(caret)));
      view.dispatch({ selection: EditorSelection.create(ranges) });
      const before = idsOf(harness);
      GESTURES[step.name](harness.editor);
      // Only deleting takes lines away; nothing else gives a line another id.
      if (step.name !== "delete") {
        const after = new Set(idsOf(harness));
        expect(before.filter((id) => !after.has(id))).toEqual([]);
      }
      return;
    }
    case "remote": {
      const intent = remoteIntent(harness, index, step);
      if (intent) harness.core.remote(DOCUMENT, [intent]);
      return;
    }
    case "core":
      harness.coreReads();
      return;
    case "panel":
      harness.panelReads();
      return;
    case "send":
      harness.editor.settle();
      return;
    case "load":
      harness.core.load(PANEL);
      return;
    case "compose":
      harness.compose(true);
      return;
    case "composed":
      harness.compose(false);
      return;
    case "window":
      harness.core.receive({ type: "moveWindow", panel: PANEL, first: step.first });
      return;
    case "filter":
      harness.core.receive({ type: "filter", panel: PANEL, queryId: 0, query: step.query });
      return;
    case "reconnect":
      harness.reconnect(step.lost, "same");
  }
}

function idsOf(harness: Harness): string[] {
  return rowsOf(harness.editor.view.state).list.map((row) => row.id);
}

/** Line n of the editor shows row n, at every moment. */
function checkShown(harness: Harness): void {
  const { state } = harness.editor.view;
  const { list } = rowsOf(state);
  const texts = list.length === 0 ? [""] : list.map((row) => row.text);
  expect(state.doc.toString().split("\n")).toEqual(texts);
  expect(new Set(list.map((row) => row.id)).size).toBe(list.length);
}

/** The steps, each of which leaves a panel that shows its rows, until everything is answered. */
function carryOutAll(harness: Harness, steps: readonly Step[]): void {
  steps.forEach((step, index) => {
    carryOut(harness, step, index);
    checkShown(harness);
  });
  harness.compose(false);
  harness.settle();
  checkShown(harness);
}

/** The rows that a panel holds are those of the core at that place. */
function checkHeld(harness: Harness): { count: number; total: number; early: boolean } {
  const { list, extent } = rowsOf(harness.editor.view.state);
  const whole = harness.outline.rows(null, new Set());
  expect(extent.total).toBe(whole.length);
  expect(list).toEqual(whole.slice(extent.first, extent.first + list.length));
  return { count: list.length, total: extent.total, early: extent.early };
}

test("whatever is typed, moved and received, the panel ends as the core", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (all) => {
      const harness = new Harness(SKETCH);
      carryOutAll(harness, all);
      expect(rowsOf(harness.editor.view.state).list).toEqual(harness.outline.rows(null, new Set()));
      harness.editor.destroy();
    }),
    { numRuns: 300 },
  );
});

const windowed = fc.oneof(
  { weight: 4, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("window" as const), first: fc.nat(12) }) },
);

test("of a long panel, the rows that are held end as the core's", () => {
  fc.assert(
    fc.property(fc.array(windowed, { maxLength: 40 }), (all) => {
      const harness = new Harness(SKETCH, { wholeMax: 5, window: 4 });
      carryOutAll(harness, all);
      const held = checkHeld(harness);
      expect(held.count).toBe(held.total > 5 ? 4 : held.total);
      harness.editor.destroy();
    }),
    { numRuns: 300 },
  );
});

const filtered = fc.oneof(
  { weight: 9, arbitrary: windowed },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("filter" as const),
      query: fc.constantFrom("R", "e", "nobody", ""),
    }),
  },
);

test("of a panel that shows only what matches, the rows that are held end as the core's", () => {
  fc.assert(
    fc.property(fc.array(filtered, { maxLength: 40 }), fc.boolean(), (all, long) => {
      const limits = long ? { wholeMax: 5, window: 4 } : { wholeMax: 99, window: 9 };
      const harness = new Harness(SKETCH, limits);
      carryOutAll(harness, all);
      const panel = harness.core.panels.get(PANEL);
      const whole = panel ? harness.core.rowsOf(panel) : [];
      const { list, extent } = rowsOf(harness.editor.view.state);
      expect(extent.total).toBe(whole.length);
      expect(list).toEqual(whole.slice(extent.first, extent.first + list.length));
      harness.editor.destroy();
    }),
    { numRuns: 300 },
  );
});

const read = fc.oneof(
  { weight: 9, arbitrary: windowed },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("load" as const) }) },
);

test("of a document that is still being read, the rows that are held end as the core's", () => {
  const early = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), early, fc.boolean(), (all, early, long) => {
      const limits = long ? { wholeMax: 5, window: 4 } : { wholeMax: 99, window: 9 };
      const harness = new Harness(SKETCH, { ...limits, early });
      carryOutAll(harness, all);
      expect(checkHeld(harness).early).toBe(false);
      harness.editor.destroy();
    }),
    { numRuns: 300 },
  );
});

const own = fc
  .array(step, { maxLength: 30 })
  .map((all) => all.filter((each) => each.do !== "remote" && each.do !== "compose"));

test("alone, the core agrees with everything that was drawn", () => {
  fc.assert(
    fc.property(
      own,
      fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      (all, early) => {
        const limits = { wholeMax: 99, window: 9 };
        const harness = new Harness(SKETCH, early === undefined ? limits : { ...limits, early });
        all.forEach((step, index) => carryOut(harness, step, index));
        harness.documentRead();
        checkKept(harness);
      },
    ),
    { numRuns: 300 },
  );
});

const breaks = fc.array(fc.tuple(own, fc.nat(6)), { minLength: 1, maxLength: 3 });

test.each(["same", "restarted"] as const)(
  "alone, a connection to the %s core that breaks loses and doubles nothing",
  (core) => {
    fc.assert(
      fc.property(breaks, (all) => {
        const harness = new Harness(SKETCH);
        for (const [steps, lost] of all) {
          steps.forEach((step, index) => carryOut(harness, step, index));
          harness.reconnect(lost, core);
        }
        checkKept(harness);
      }),
      { numRuns: 300 },
    );
  },
);

test("alone, a connection that breaks while the document is read loses and doubles nothing", () => {
  fc.assert(
    fc.property(breaks, fc.integer({ min: 1, max: 9 }), (all, early) => {
      const harness = new Harness(SKETCH, { wholeMax: 99, window: 9, early });
      for (const [steps, lost] of all) {
        steps.forEach((step, index) => carryOut(harness, step, index));
        harness.reconnect(lost, "same");
      }
      harness.documentRead();
      checkKept(harness);
    }),
    { numRuns: 300 },
  );
});

/** What is drawn is what the core has in the end. */
function checkKept(harness: Harness): void {
  const drawn = rowsOf(harness.editor.view.state).list;
  harness.settle();
  expect(harness.outline.rows(null, new Set())).toEqual(drawn);
  expect(rowsOf(harness.editor.view.state).list).toEqual(drawn);
  harness.editor.destroy();
}
