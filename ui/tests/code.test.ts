// Code with a language, and tables.

import { expect, test } from "vitest";

import { codeBlockAt, setLanguage } from "../src/editor/code";
import * as editing from "../src/editor/editing";
import { rowsOf } from "../src/editor/rowset";
import { cellsIn, cellsOf, isRule } from "../src/editor/table";
import { Harness } from "./harness";

function properties(harness: Harness): unknown[] {
  return harness.outline.rows(null, new Set()).map((row) => row.properties);
}

const RUST = [{ name: "language", values: ["rust"] }];

test("a language named behind ``` becomes the block's, and its line is the first of the code", () => {
  const harness = new Harness([""]);
  harness.caret("", 0);
  harness.key("```rust");
  editing.enter(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["code: |"]);
  expect(properties(harness)).toEqual([RUST]);
  harness.key("go");
  editing.enter(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["code: go", "code: |"]);
});

test("a block's language is that of its first row that has one; setting it leaves one", () => {
  const harness = new Harness(["code: a", "code: b", "text", "code: c"]);
  const { editor } = harness;
  harness.core.remote("doc_1", [
    { type: "setProperty", line: "line_1", name: "language", value: "go" },
  ]);
  harness.settle();
  const rows = (): Parameters<typeof codeBlockAt>[0] => rowsOf(editor.view.state).list;
  expect(codeBlockAt(rows(), 0)).toEqual({ from: 0, to: 1, language: "go" });
  expect(codeBlockAt(rows(), 3)).toEqual({ from: 3, to: 3, language: "" });
  expect(codeBlockAt(rows(), 2)).toBeNull();
  editor.gesture((planner) => setLanguage(planner, "line_1", "rust"));
  harness.settle();
  expect(properties(harness)).toEqual([RUST, [], [], []]);
});

test("the language stays with a line that becomes something else, and back", () => {
  const harness = new Harness(["code: a"]);
  const { editor } = harness;
  editor.gesture((planner) => setLanguage(planner, "line_0", "rust"));
  for (const kind of ["todo", "table", "heading1", "code"]) {
    editor.gesture((planner) => {
      planner.do({ type: "setKind", lines: ["line_0"], kind });
      return "done";
    });
  }
  harness.settle();
  expect(properties(harness)).toEqual([RUST]);
  expect(harness.rows()[0]).toMatchObject({ kind: "code", text: "a" });
});

test("cells stand between bars; a bar behind a backslash is none", () => {
  expect(cellsOf("| a | b \\| c | |")).toEqual(["a", "b \\| c", ""]);
  expect(cellsOf("a | b")).toEqual(["a", "b"]);
  expect(cellsIn("|a|")).toEqual([{ from: 1, to: 2 }]);
  expect(isRule(cellsOf("| --- | :-: |"))).toBe(true);
  expect(isRule(cellsOf("| --- | x |"))).toBe(false);
});

test("Enter behind a row with bars begins a table, and goes on in it; in an empty row it ends", () => {
  const harness = new Harness(["| a | b |"]);
  harness.caret("| a | b |", 9);
  editing.enter(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["table: | a | b |", "table: | --- | --- |", "table: | | |  |"]);
  expect(harness.rows()[0]?.id).toBe("line_0");
  editing.enter(harness.editor);
  harness.settle();
  expect(harness.screen().slice(2)).toEqual(["|"]);
});

test("Tab goes from cell to cell, and from the last one into a new row", () => {
  const harness = new Harness(["table: | a | b |", "table: | --- | --- |", "table: | c | d |"]);
  harness.caret("| a | b |", 2);
  const { view } = harness.editor;
  const selected = (): string => {
    editing.tab(harness.editor);
    const { from, to } = view.state.selection.main;
    return view.state.sliceDoc(from, to);
  };
  expect([selected(), selected(), selected()]).toEqual(["b", "c", "d"]);
  editing.backTab(harness.editor);
  editing.backTab(harness.editor);
  const { from, to } = view.state.selection.main;
  expect(view.state.sliceDoc(from, to)).toBe("b");
  [selected(), selected(), selected()].forEach(() => undefined);
  harness.settle();
  expect(harness.rows().map((row) => row.text)).toEqual([
    "| a | b |",
    "| --- | --- |",
    "| c | d |",
    "|  |  |",
  ]);
});
