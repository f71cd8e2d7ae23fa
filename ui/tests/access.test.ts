// Input methods, characters of several code points, and what a screen reader is told.

import { deleteCharBackward, deleteCharForward } from "@codemirror/commands";
import { expect, test, vi } from "vitest";

import { labelOf } from "../src/editor/access";
import { wholeCharacters } from "../src/editor/graphemes";
import { rowsOf } from "../src/editor/rowset";
import { DOCUMENT, Harness } from "./harness";

test("while an input method composes nothing is sent; then what was written, once", () => {
  const harness = new Harness(["ab"]);
  harness.caret("ab", 1);
  harness.compose(true);
  const { view } = harness.editor;
  for (const [from, to, insert] of [
    [1, 1, "n"],
    [1, 2, "ni"],
    [1, 3, "你"],
  ] as const) {
    view.dispatch({ changes: { from, to, insert }, userEvent: "input.type.compose" });
    harness.editor.settle();
  }
  expect(harness.toCore.filter((command) => command.type === "edit")).toEqual([]);
  harness.compose(false);
  const edits = harness.toCore.filter((command) => command.type === "edit");
  expect(edits.map((command) => command.intents)).toEqual([
    [{ type: "editText", line: "line_0", at: 1, delete: 0, insert: "你" }],
  ]);
  harness.settle();
  expect(harness.screen()[0]?.replace("|", "")).toBe("a你b");
});

test("not even the caret is told while an input method composes", () => {
  vi.useFakeTimers();
  const harness = new Harness(["ab"]);
  Object.defineProperty(harness.editor.view, "hasFocus", { value: true });
  harness.caret("ab", 1);
  vi.advanceTimersByTime(2000);
  harness.settle();
  harness.compose(true);
  const changes = { from: 1, insert: "n" };
  harness.editor.view.dispatch({ changes, selection: { anchor: 2 } });
  vi.advanceTimersByTime(2000);
  expect(harness.toCore).toEqual([]);
  harness.compose(false);
  vi.advanceTimersByTime(2000);
  expect(harness.toCore.map((command) => command.type)).toEqual(["edit", "caret", "flush"]);
  harness.editor.destroy();
  vi.useRealTimers();
});

test("a composition that was given up leaves nothing behind", () => {
  const harness = new Harness(["ab"]);
  harness.compose(true);
  const { view } = harness.editor;
  view.dispatch({ changes: { from: 1, insert: "n" } });
  view.dispatch({ changes: { from: 1, to: 2, insert: "" } });
  harness.compose(false);
  expect(harness.toCore.filter((command) => command.type === "edit")).toEqual([]);
});

test("what others type in the composed line waits; in other lines it shows", () => {
  const harness = new Harness(["one", "two"]);
  harness.caret("one", 3);
  harness.compose(true);
  harness.editor.view.dispatch({ changes: { from: 3, insert: "x" } });
  const insert = (line: string): void =>
    harness.core.remote(DOCUMENT, [{ type: "editText", line, at: 0, delete: 0, insert: "R" }]);
  insert("line_1");
  harness.panelReads();
  expect(harness.rows().map((row) => row.text)).toEqual(["onex", "Rtwo"]);
  insert("line_0");
  harness.panelReads();
  expect(harness.rows().map((row) => row.text)).toEqual(["onex", "Rtwo"]);
  harness.compose(false);
  harness.settle();
  expect(harness.rows().map((row) => row.text)).toEqual(["Ronex", "Rtwo"]);
  expect(harness.outline.rows(null, new Set())[0]?.text).toBe("Ronex");
});

test.each(["é", "👩‍🚀", "🇦🇹", "한", "நி", "กำ", "👍🏽", "क्षि"])(
  "one key deletes %s, from either side",
  (character) => {
    const harness = new Harness([`a${character}b`]);
    const { view } = harness.editor;
    view.dispatch({ selection: { anchor: 1 + character.length } });
    deleteCharBackward(view);
    expect(view.state.doc.toString()).toBe("ab");
    view.dispatch({ changes: { from: 1, insert: character }, selection: { anchor: 1 } });
    deleteCharForward(view);
    expect(view.state.doc.toString()).toBe("ab");
    harness.editor.destroy();
  },
);

test("plain letters need no boundaries of their own", () => {
  expect(wholeCharacters("plain text, Ünïcode “quoted”")).toEqual([]);
  expect(wholeCharacters("漢字")).toEqual([]);
});

test("a row says its kind, its depth and what is hidden below it", () => {
  const harness = new Harness(["plain", "todo-done: two", "  hidden", "numbered: three"]);
  harness.caret("two", 0);
  harness.editor.folding.fold();
  harness.settle();
  const rows = rowsOf(harness.editor.view.state);
  expect(rows.list.map((row) => labelOf(row, rows))).toEqual([
    ["level 1"],
    ["To-do: done", "level 1", "folded"],
    ["number 1", "level 1"],
  ]);
});

test("every line has a direction of its own", () => {
  const harness = new Harness(["one", "שלום", "code: x"]);
  const lines = harness.editor.view.contentDOM.querySelectorAll(".row");
  expect([...lines].map((line) => line.getAttribute("dir"))).toEqual(["auto", "auto", "ltr"]);
});
