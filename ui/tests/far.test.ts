// Selections that reach rows which are not held.

import { expect, test } from "vitest";

import { isFar, isFarCaret, selectsAll } from "../src/editor/far";
import { rowsOf } from "../src/editor/rowset";
import { reportOf } from "../src/editor/selection";
import { Harness, PANEL } from "./harness";

const SKETCH = Array.from({ length: 40 }, (_, at) => `line ${at}`);
const LIMITS = { wholeMax: 12, window: 10 };

function longPanel(first: number): Harness {
  const harness = new Harness(SKETCH, LIMITS);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first });
  harness.settle();
  return harness;
}

test("everything is selected, also what is not held, and deleted by the core", () => {
  const harness = longPanel(15);
  const { view } = harness.editor;
  view.dispatch(selectsAll(view.state));
  expect(reportOf(view.state, false).selectedRows).toBe(40);
  expect(isFarCaret(view.state)).toBe(false);
  harness.toCore.length = 0;
  const key = new KeyboardEvent("keydown", { key: "Delete", bubbles: true, cancelable: true });
  view.contentDOM.dispatchEvent(key);
  expect(harness.toCore).toContainEqual(
    expect.objectContaining({ type: "editSpan", span: { from: null, to: null } }),
  );
});

test("a caret that was scrolled away from stays at its line, and is there again", () => {
  const harness = longPanel(0);
  const { view } = harness.editor;
  harness.caret("line 3", 4);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 20 });
  harness.settle();
  expect(rowsOf(view.state).extent.first).toBe(20);
  expect(isFarCaret(view.state)).toBe(true);
  expect(reportOf(view.state, false).row).toBe(4);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 0 });
  harness.settle();
  expect(isFar(view.state)).toBe(false);
  expect(harness.screen()).toContain("line| 3");
});

test("nothing is changed where the caret is not seen", () => {
  const harness = longPanel(0);
  harness.caret("line 3", 4);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 20 });
  harness.settle();
  const before = harness.outline.order().map((line) => line.text);
  harness.type("x");
  harness.settle();
  expect(harness.outline.order().map((line) => line.text)).toEqual(before);
});
