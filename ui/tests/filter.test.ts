// Showing only the lines that match.

import { expect, test } from "vitest";

import cases from "../../shared/client/src/panel/tests/marks.json";
import { patternsOf, placesOf } from "../src/editor/filterMarks";
import { Harness, PANEL } from "./harness";

const SKETCH = ["call Ann", "  #work today", "bread", "call Ben", "  about bread"];

function field(): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>(".filter input");
  if (!found) throw new Error("no bar");
  return found;
}

function filtering(query: string): Harness {
  const harness = new Harness(SKETCH);
  document.body.replaceChildren();
  harness.editor.mount(document.body);
  harness.editor.filter.open();
  write(harness, query);
  return harness;
}

function write(harness: Harness, query: string): void {
  field().value = query;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  harness.settle();
}

function press(key: string): void {
  field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

test("lines that match are shown with those that lead to them, and how many match is said", () => {
  const harness = filtering("bread");
  expect(harness.rows().map(({ text }) => text)).toEqual(["bread", "call Ben", "about bread"]);
  expect(document.querySelector(".filter [role=status]")?.textContent).toBe("2 lines");
  write(harness, "nothing like it");
  expect(harness.rows()).toEqual([]);
  expect(document.querySelector(".filter [role=status]")?.textContent).toBe("No line matches");
});

test("Escape shows all lines again, around the caret", () => {
  const harness = filtering("bread");
  harness.caret("about bread", 3);
  press("Escape");
  harness.settle();
  expect(harness.rows().length).toBe(SKETCH.length);
  expect(harness.screen().join()).toContain("abo|ut bread");
  expect(document.querySelector(".filter")).toBe(null);
});

test("what is written in a filtered panel stays, whether it matches or not", () => {
  const harness = filtering("bread");
  harness.caret("bread", 5);
  harness.editor.gesture((planner, [line]) => {
    planner.do({ type: "split", line: line ?? "", at: 5, newLine: "line_new_9", kind: "text" });
    return "done";
  });
  harness.settle();
  expect(harness.rows().map(({ text }) => text)).toEqual(["bread", "", "call Ben", "about bread"]);
});

test("a connection that breaks leaves the filter, and the folds as they were", () => {
  const harness = filtering("call");
  expect(harness.rows().map(({ text }) => text)).toEqual(["call Ann", "call Ben"]);
  harness.reconnect(0, "same");
  harness.settle();
  expect(harness.rows().map(({ text }) => text)).toEqual(["call Ann", "call Ben"]);
  press("Escape");
  harness.settle();
  expect(harness.rows().length).toBe(SKETCH.length);
});

test("zooming leaves the filter", () => {
  const harness = filtering("Ben");
  const [row] = harness.rows();
  harness.editor.zoom(row?.id ?? null);
  harness.settle();
  expect(harness.core.panels.get(PANEL)?.filter).toBe(null);
  expect(harness.rows().map(({ text }) => text)).toEqual(["call Ben", "about bread"]);
  expect(document.querySelector(".filter")).toBe(null);
});

test("a tag at the caret is filtered by with the key that opens links", () => {
  const harness = new Harness(SKETCH);
  document.body.replaceChildren();
  harness.editor.mount(document.body);
  harness.caret("#work today", 2);
  expect(harness.editor.openLinkHere()).toBe(true);
  harness.settle();
  expect(field().value).toBe("#work");
  expect(harness.rows().map(({ text }) => text)).toEqual(["call Ann", "#work today"]);
});

const marked = (): (string | null)[] =>
  [...document.querySelectorAll(".filter-mark")].map(({ textContent }) => textContent);

test("what is asked for is marked in the rows, also in what is written, and no longer than it is", () => {
  const harness = filtering("bread");
  expect(marked()).toEqual(["bread", "bread"]);
  harness.type("Bread, ");
  expect(marked()).toEqual(["Bread", "bread", "bread"]);
  write(harness, "call");
  expect(marked()).toEqual(["call", "call"]);
  press("Escape");
  expect(marked()).toEqual([]);
  harness.settle();
  expect(marked()).toEqual([]);
});

test.each(cases)("marks as the core matches: $query in $text", ({ marks, text, marked }) => {
  const places = placesOf(patternsOf(marks), text);
  expect(places.map(({ from, to }) => text.slice(from, to))).toEqual(marked);
});
