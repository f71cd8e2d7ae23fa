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

/** Presses keys as a keyboard does: what nobody takes is typed. */
function press(harness: Harness, ...keys: string[]): void {
  for (const key of keys) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    if (harness.editor.view.contentDOM.dispatchEvent(event)) harness.key(key);
  }
}

test("keys that are pressed while the rows of the caret come keep their order", () => {
  const harness = longPanel(0);
  harness.caret("line 3", 6);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 20 });
  harness.settle();
  press(harness, "a");
  while (harness.toCore.length > 0) harness.coreReads();
  harness.panelReads();
  expect(isFar(harness.editor.view.state), "the rows are here").toBe(false);
  press(harness, "b");
  harness.settle();
  press(harness, "c");
  harness.settle();
  expect(harness.outline.order()[3]?.text).toBe("line 3abc");
});

test("keys that waited for a line which is gone are pressed where the caret is now", () => {
  const harness = longPanel(0);
  harness.caret("line 3", 6);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 20 });
  harness.settle();
  press(harness, "a", "b");
  harness.outline.apply({ type: "delete", lines: [harness.outline.order()[3]?.id ?? ""] });
  harness.settle();
  press(harness, "c");
  harness.settle();
  const texts = harness.outline.order().map((line) => line.text);
  expect(texts.filter((text) => text.includes("abc")).length, texts.join()).toBe(1);
});

function findsFar(): Harness {
  const harness = longPanel(0);
  document.body.replaceChildren();
  harness.editor.mount(document.body);
  harness.caret("line 3", 0);
  harness.editor.find();
  const field = document.querySelector<HTMLInputElement>(".find input");
  if (!field) throw new Error("no field");
  field.value = "line 30";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", enter));
  return harness;
}

function queryOf(harness: Harness): number {
  const asked = harness.toCore.findLast((command) => command.type === "find");
  if (asked?.type !== "find") throw new Error("the core was not asked");
  return asked.queryId;
}

test("what is typed right after looking for something far away replaces it when it is found", () => {
  const harness = findsFar();
  press(harness, "x");
  const found = { line: "line_30", offset: 0, length: 7 };
  const queryId = queryOf(harness);
  harness.editor.receive({ type: "found", panel: PANEL, queryId, found, next: null });
  press(harness, "y");
  harness.settle();
  press(harness, "z");
  harness.settle();
  expect(harness.outline.order()[30]?.text).toBe("xyz");
  expect(harness.outline.order()[3]?.text).toBe("line 3");
});

test("what is typed right after looking for something that is nowhere is typed where the caret is", () => {
  const harness = findsFar();
  press(harness, "x");
  for (let round = 0; round < 2; round++) {
    const queryId = queryOf(harness);
    harness.editor.receive({ type: "found", panel: PANEL, queryId, found: null, next: null });
  }
  press(harness, "y");
  harness.settle();
  expect(harness.outline.order()[3]?.text).toBe("xyline 3");
});

test("keys that wait for rows are typed there although the connection breaks", () => {
  const harness = longPanel(0);
  harness.caret("line 3", 6);
  harness.core.receive({ type: "moveWindow", panel: PANEL, first: 20 });
  harness.settle();
  press(harness, "a");
  harness.reconnect(9, "same");
  press(harness, "b");
  harness.settle();
  expect(harness.outline.order()[3]?.text).toBe("line 3ab");
});
