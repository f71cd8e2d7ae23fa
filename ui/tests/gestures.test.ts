// What each gesture makes of an outline.

import { EditorSelection } from "@codemirror/state";
import { expect, test } from "vitest";

import * as editing from "../src/editor/editing";
import * as gestures from "../src/editor/gestures";
import { rowsOf } from "../src/editor/rowset";
import { Harness } from "./harness";

/** Keys and commands as they are written below. */
const KEYS: Readonly<Record<string, (harness: Harness) => unknown>> = {
  enter: ({ editor }) => editing.enter(editor),
  tab: ({ editor }) => editing.tab(editor),
  "shift+tab": ({ editor }) => editing.backTab(editor),
  backspace: ({ editor }) => editing.backspace(editor),
  delete: ({ editor }) => editing.deleteForward(editor),
  up: ({ editor }) => editor.gesture(gestures.moveUp),
  down: ({ editor }) => editor.gesture(gestures.moveDown),
  todo: ({ editor }) => editor.gesture(gestures.cycleTodo),
  duplicate: ({ editor }) => editor.gesture(gestures.duplicate),
  state: ({ editor }) => editor.gesture(gestures.nextTodo),
  "delete line": ({ editor }) => editor.gesture(gestures.deleteLines),
  "zoom in": ({ editor }) => editor.zoomIn(),
};

/** Carries out `what`, keys or 'text' one after the other, from the caret at `|`. */
function check(before: readonly string[], what: string, after: readonly string[]): void {
  const caretRow = before.findIndex((row) => row.includes("|"));
  const harness = new Harness(before.map((row) => row.replace("|", "")));
  const shown = harness.screen().map((row) => row.replace("|", ""));
  const marked = (before[caretRow] ?? "").replace(/^ *(?:[a-z]+(?:-[a-z]+|[1-3])?: ?)?/, "");
  expect(shown[caretRow]?.endsWith(marked.replace("|", ""))).toBe(true);
  const line = harness.editor.view.state.doc.line(caretRow + 1);
  harness.editor.view.dispatch({ selection: { anchor: line.from + marked.indexOf("|") } });
  for (const [, key, text] of what.matchAll(/([a-z+ ]+?)(?:,|$)\s*|'([^']*)'(?:,|$)\s*/g)) {
    if (text !== undefined) harness.type(text);
    else KEYS[key ?? ""]?.(harness);
    harness.settle();
  }
  expect(harness.screen()).toEqual(after);
  const core = harness.outline.rows(harness.editor.root, new Set());
  expect(core.map((row) => row.text)).toEqual(harness.rows().map((row) => row.text));
  harness.editor.destroy();
}

test("Enter divides a line; the new one is a sibling of the same list", () => {
  check(["bullet: ab|cd"], "enter", ["bullet: ab", "bullet: |cd"]);
});

test("Enter at the end of a heading starts a text line", () => {
  check(["heading1: Title|"], "enter, 'x'", ["heading1: Title", "x|"]);
});

test("Enter at the start of a line makes room above it", () => {
  check(["one", "|two"], "enter", ["one", "", "|two"]);
});

test("Enter in a parent leaves its children with the first half", () => {
  check(["ab|cd", "  child"], "enter", ["ab", "  child", "|cd"]);
});

test("Enter at the end of a parent starts its first child", () => {
  check(["heading1: Plan|", "  bullet: one"], "enter, 'x'", [
    "heading1: Plan",
    "  bullet: x|",
    "  bullet: one",
  ]);
});

test("Enter behind a folded parent starts a sibling", () => {
  const harness = new Harness(["one", "  hidden"]);
  harness.caret("one", 3);
  harness.editor.folding.fold();
  harness.settle();
  editing.enter(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["one", "|"]);
});

test("Enter on an empty last item leaves the list level by level", () => {
  const list = ["bullet: one", "  bullet: |"];
  check(list, "enter", ["bullet: one", "bullet: |"]);
  check(list, "enter, enter", ["bullet: one", "|"]);
});

test("Enter after a finished todo starts an open one", () => {
  check(["todo-done: done|"], "enter, 'next'", ["todo-done: done", "todo: next|"]);
});

test("Enter in code keeps the indentation and leaves after an empty line", () => {
  check(["code:   let x|"], "enter, 'y'", ["code:   let x", "code:   y|"]);
  check(["code: x", "code: |"], "enter", ["code: x", "|"]);
});

test("Backspace at the start first makes plain text, then joins", () => {
  check(["one", "bullet: |two"], "backspace", ["one", "|two"]);
  check(["one", "bullet: |two"], "backspace, backspace", ["one|two"]);
});

test("Backspace after an empty line removes that one and keeps this", () => {
  check(["heading1: a", "", "|two"], "backspace", ["heading1: a", "|two"]);
});

test("what is typed at once behind a join stays where it was typed", () => {
  const harness = new Harness(["one", "two"]);
  harness.caret("two", 0);
  editing.backspace(harness.editor);
  harness.type("X");
  harness.coreReads();
  harness.panelReads();
  expect(harness.screen()).toEqual(["oneX|two"]);
  harness.type("Y");
  harness.settle();
  expect(harness.screen()).toEqual(["oneXY|two"]);
  harness.editor.destroy();
});

test("what was typed just before a gesture is sent, and so undone, by itself", () => {
  const harness = new Harness(["one", "two"]);
  harness.caret("two", 3);
  harness.type("!");
  harness.editor.gesture(gestures.moveUp);
  const sent = harness.toCore.flatMap((command) => {
    return command.type === "edit" ? [command.intents.map(({ type }) => type)] : [];
  });
  expect(sent).toEqual([["editText"], ["move"]]);
  harness.settle();
  expect(harness.screen()).toEqual(["two!|", "one"]);
  harness.editor.destroy();
});

test("a joined line's children come along", () => {
  check(["one", "  a", "|two", "  b"], "backspace", ["one", "  a|two", "    b"]);
});

test("Delete at the end takes the next line up", () => {
  check(["one|", "bullet: two"], "delete", ["one|two"]);
  check(["one|", "divider: ", "two"], "delete", ["one|", "two"]);
});

test("Tab goes below the line above, Shift+Tab behind the parent", () => {
  check(["one", "|two", "  child"], "tab", ["one", "  |two", "    child"]);
  check(["one", "  |two", "  three"], "shift+tab", ["one", "  three", "|two"]);
  check(["|one"], "tab", ["|one"]);
  check(["|one"], "shift+tab", ["|one"]);
});

test("Tab in code inserts spaces", () => {
  check(["one", "code: |x"], "tab", ["one", "code:   |x"]);
  check(["one", "code:   x|"], "shift+tab", ["one", "code: x|"]);
});

test("a moved line takes its subtree and climbs out at the edge", () => {
  check(["one", "  a", "|two", "  b"], "up", ["|two", "  b", "one", "  a"]);
  check(["one", "  |a", "two"], "up", ["|a", "one", "two"]);
  check(["one", "  |a", "two"], "down", ["one", "|a", "two"]);
  check(["|one", "  a", "two"], "down", ["two", "|one", "  a"]);
});

test("completing makes a todo, ticks it off, and opens it again", () => {
  check(["|x"], "todo", ["todo: |x"]);
  check(["|x"], "todo, todo", ["todo-done: |x"]);
  check(["todo-cancelled: |x"], "todo", ["todo: |x"]);
});

test("a todo goes through its five states and round again", () => {
  check(["|x"], "state, state", ["todo-started: |x"]);
  check(["todo-started: |x"], "state, state", ["todo-done: |x"]);
  check(["todo-done: |x"], "state, state", ["todo: |x"]);
});

test("a duplicate takes along what is below, with new ids; the caret goes on in it", () => {
  check(["todo: o|ne", "  a", "two"], "duplicate", [
    "todo: one",
    "  a",
    "todo: o|ne",
    "  a",
    "two",
  ]);
});

test("a duplicate keeps tags and properties", () => {
  const harness = new Harness(["one"]);
  harness.core.remote("doc_1", [
    { type: "addTag", line: "line_0", tag: "later" },
    { type: "setProperty", line: "line_0", name: "due", value: "Monday" },
  ]);
  harness.settle();
  harness.editor.gesture(gestures.duplicate);
  harness.settle();
  const [first, copy] = harness.outline.rows(null, new Set());
  expect(copy).toEqual({ ...first, id: copy?.id });
  expect(copy?.id).not.toBe("line_0");
});

test("lines of several carets are moved, indented and completed together", () => {
  const at = (harness: Harness, ...rows: number[]): void => {
    const { view } = harness.editor;
    const ranges = rows.map((row) => EditorSelection.cursor(view.state.doc.line(row + 1).from));
    view.dispatch({ selection: EditorSelection.create(ranges) });
  };
  const harness = new Harness(["one", "two", "three", "four"]);
  at(harness, 1, 3);
  editing.tab(harness.editor);
  editing.tab(harness.editor);
  harness.settle();
  expect(harness.rows().map((row) => row.depth)).toEqual([0, 1, 0, 1]);
  harness.editor.gesture(gestures.cycleTodo);
  harness.editor.gesture(gestures.moveUp);
  harness.settle();
  expect(harness.rows().map((row) => row.text)).toEqual(["two", "one", "four", "three"]);
  expect(harness.rows().map((row) => row.kind)).toEqual(["todo", "text", "todo", "text"]);
});

test("numbers follow the lines that are moved, indented and deleted", () => {
  const harness = new Harness([
    ...["numbered: one", "numbered: two", "  numbered: in", "numbered: three"],
  ]);
  harness.caret("three", 0);
  harness.editor.gesture(gestures.moveUp);
  expect(numbersDrawn(harness)).toEqual(["1 one", "2 three", "3 two", "1 in"]);
  harness.settle();
  expect(numbersDrawn(harness)).toEqual(["1 one", "2 three", "3 two", "1 in"]);
  editing.tab(harness.editor);
  expect(numbersDrawn(harness)).toEqual(["1 one", "1 three", "2 two", "1 in"]);
  harness.editor.gesture(gestures.deleteLines);
  harness.settle();
  expect(numbersDrawn(harness)).toEqual(["1 one", "2 two", "1 in"]);
});

function numbersDrawn({ editor }: Harness): string[] {
  return rowsOf(editor.view.state).list.map((row) => `${row.number} ${row.text}`);
}

test("deleting a line takes what is below it; the caret goes on", () => {
  check(["|one", "  a", "two"], "delete line", ["|two"]);
  check(["one", "tw|o"], "delete line", ["one|"]);
});

test("typing into nothing makes the first line", () => {
  check(["|only"], "delete line, 'new'", ["new|"]);
});

test("in a zoomed line Enter stays in sight", () => {
  check(["one", "  ro|ot", "two"], "zoom in, enter, 'x'", ["root", "  x|"]);
});

test("a zoomed line's children cannot leave it", () => {
  const zoomed = new Harness(["one", "  child"]);
  zoomed.editor.zoom("line_0");
  zoomed.settle();
  zoomed.caret("child", 0);
  editing.backTab(zoomed.editor);
  zoomed.editor.gesture(gestures.moveUp);
  zoomed.settle();
  expect(zoomed.screen()).toEqual(["one", "  |child"]);
});

test("indenting below a folded line unfolds it first", () => {
  const harness = new Harness(["one", "  hidden", "two"]);
  harness.caret("one", 0);
  harness.editor.folding.fold();
  harness.settle();
  harness.caret("two", 1);
  editing.tab(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["one", "  hidden", "  t|wo"]);
});

test("folding takes the caret out of what is hidden", () => {
  const harness = new Harness(["one", "  a", "  b"]);
  harness.caret("b", 1);
  harness.editor.folding.fold();
  harness.settle();
  expect(harness.screen()).toEqual(["one|"]);
});

test("several selected lines are indented together", () => {
  const harness = new Harness(["one", "two", "  child", "three"]);
  harness.caret("two", 0, { text: "three", offset: 2 });
  editing.tab(harness.editor);
  harness.settle();
  expect(harness.screen()).toEqual(["one", "  two", "    child", "  th|ree"]);
});

test("a selection across lines is deleted, and what is left is joined", () => {
  const harness = new Harness(["one", "two", "three", "  child"]);
  harness.caret("one", 2, { text: "three", offset: 3 });
  harness.type("");
  harness.settle();
  expect(harness.screen()).toEqual(["on|ee", "  child"]);
  expect(harness.rows()[0]?.id).toBe("line_0");
});

test("what is hidden below the first selected line is not deleted", () => {
  const harness = new Harness(["one", "  hidden", "two", "three"]);
  harness.caret("one", 0);
  harness.editor.folding.fold();
  harness.settle();
  harness.caret("one", 1, { text: "three", offset: 2 });
  harness.type("");
  harness.settle();
  expect(harness.outline.rows(null, new Set()).map((row) => row.text)).toEqual(["oree", "hidden"]);
});

test("selecting more grows from the line to its tree, its siblings, everything", () => {
  const harness = new Harness(["one", "  a", "    b", "  c", "two"]);
  harness.caret("a", 1);
  const selected = (): string => {
    editing.growSelection(harness.editor);
    const { main } = harness.editor.view.state.selection;
    return harness.editor.view.state.sliceDoc(main.from, main.to).replaceAll("\n", " ");
  };
  expect([selected(), selected(), selected(), selected(), selected()]).toEqual([
    "a",
    "a b",
    "a b c",
    "one a b c",
    "one a b c two",
  ]);
});

test.each([
  ["# ", "heading1: |x"],
  ["### ", "heading3: |x"],
  ["- ", "bullet: |x"],
  ["1. ", "numbered: |x"],
  ["[] ", "todo: |x"],
  ["[x] ", "todo-done: |x"],
  ["> ", "quote: |x"],
  ["```", "code: |x"],
])("%s at the start of a line makes %s", (prefix, after) => {
  const harness = new Harness(["x"]);
  harness.caret("x", 0);
  harness.key(prefix);
  harness.settle();
  expect(harness.screen()).toEqual([after]);
  expect(harness.rows()[0]?.id).toBe("line_0");
});

test("three dashes make a divider and go on below it", () => {
  const harness = new Harness(["x", ""]);
  harness.caret("", 0);
  harness.key("---y");
  harness.settle();
  expect(harness.screen()).toEqual(["x", "divider: ", "y|"]);
});

test("prefixes in code are code", () => {
  const harness = new Harness(["code: "]);
  harness.caret("", 0);
  harness.key("# x");
  expect(harness.screen()).toEqual(["code: # x|"]);
});
