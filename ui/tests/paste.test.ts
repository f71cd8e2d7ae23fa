// What pasted text becomes.

import { expect, test } from "vitest";

import { draftsOf, markdownOf } from "../src/editor/markdown";
import { copied, paste, pastedDrafts, rowsFromJson } from "../src/editor/paste";
import { placeAt } from "../src/editor/planner";
import { rowsOf } from "../src/editor/rowset";
import { Harness } from "./harness";

function sketch(text: string): string[] {
  return draftsOf(text).map(({ depth, kind, text: content }) =>
    `${"  ".repeat(depth)}${kind === "text" ? "" : `${kind}: `}${content}`.trimEnd(),
  );
}

test("marks at the start of lines are read", () => {
  const text = "# One\n- a\n* b\n+ c\n1. d\n2) e\n> q\n- [ ] t\n- [x] u\n---\nplain";
  expect(sketch(text)).toEqual([
    "heading1: One",
    "  bullet: a",
    "  bullet: b",
    "  bullet: c",
    "  numbered: d",
    "  numbered: e",
    "  quote: q",
    "  todo: t",
    "  todo-done: u",
    "  divider:",
    "  plain",
  ]);
});

test("indentation makes the tree, with any width and with tabs", () => {
  expect(sketch("a\n  b\n     c\n  d\ne")).toEqual(["a", "  b", "    c", "  d", "e"]);
  expect(sketch("a\n\tb\n\t\tc\nd")).toEqual(["a", "  b", "    c", "d"]);
});

test("lines stand below the heading they follow", () => {
  expect(sketch("# A\none\n## B\ntwo\n# C")).toEqual([
    "heading1: A",
    "  one",
    "  heading2: B",
    "    two",
    "heading1: C",
  ]);
});

test("fenced code is taken as it is", () => {
  expect(draftsOf("```rust\nx\ny\n```").map((draft) => draft.properties)).toEqual([
    [{ name: "language", value: "rust" }],
    undefined,
  ]);
  expect(sketch("```rust\n# not a heading\n  - not a list\n\n```\n- list")).toEqual([
    "code: # not a heading",
    "code:   - not a list",
    "code:",
    "bullet: list",
  ]);
});

test("empty lines between others and line ends of other systems are left out", () => {
  expect(sketch("a\r\n\r\nb\rc\n")).toEqual(["a", "b", "c"]);
});

test("rows written as Markdown come back as they were", () => {
  const harness = new Harness([
    "heading1: One",
    "  bullet: a",
    "    todo-done: b",
    "  numbered: c",
    "  code: x = 1",
    "  code:   y",
    "  quote: said",
    "  divider: ",
    "heading1: Two",
  ]);
  const written = markdownOf(rowsOf(harness.editor.view.state).list);
  expect(sketch(written).map((row) => row.trimEnd())).toEqual(
    harness.screen().map((row) => row.replace("|", "").trimEnd()),
  );
});

/** Pastes `text` at `|`. */
function check(before: readonly string[], text: string, after: readonly string[]): void {
  const harness = new Harness(before.map((row) => row.replace("|", "")));
  const at = before.findIndex((row) => row.includes("|"));
  const content = (before[at] ?? "").replace(/^ *(?:[a-z]+[1-3]?: ?)?/, "");
  harness.caret(content.replace("|", ""), content.indexOf("|"));
  harness.editor.gesture((planner) => {
    const place = placeAt(harness.editor.view.state, harness.editor.view.state.selection.main.head);
    paste(planner, place, place, rowsFromJson(text) ?? pastedDrafts(planner, text, place));
    return "done";
  });
  harness.settle();
  expect(harness.screen()).toEqual(after);
  expect(harness.rows().some((row) => row.id === `line_${at}`)).toBe(true);
}

test("the first pasted line goes into the row, others below it", () => {
  check(["on|"], "e\ntwo\n  three", ["one", "two", "  three|"]);
});

test("an empty row becomes the first pasted line", () => {
  check(["bullet: |"], "# A\ntext", ["heading1: A", "  text|"]);
});

test("pasted lists do not run into a text", () => {
  check(["one|"], "- a\n- b", ["one", "bullet: a", "bullet: b|"]);
});

test("what stands behind the caret follows the paste", () => {
  check(["on|ward"], "e\ntwo", ["one", "two|", "ward"]);
});

test("a paste into a parent goes above its children", () => {
  check(["one|", "  child"], "x\ny\nz", ["onex", "  y", "  z|", "  child"]);
});

test("a paste into code is code, line by line", () => {
  check(["code: |"], "# a\n  - b", ["code: # a", "code:   - b|"]);
});

test("rows copied in one panel arrive in another with their kinds and depths", () => {
  const harness = new Harness(["comment: one", "  todo-waiting: two", "three"]);
  const rows = copied(harness.editor.view.state);
  expect(rows.text).toBe("one\n  - [?] two");
  check(["x", "|"], rows.rows, ["x", "comment: one", "  todo-waiting: two|"]);
});

test("a copied piece of a line is that piece", () => {
  const harness = new Harness(["bullet: one two"]);
  harness.caret("one two", 4, { text: "one two", offset: 7 });
  expect(copied(harness.editor.view.state)).toEqual({ text: "two", html: "two", rows: "" });
});

test("a clipboard that only looks like ours is not believed", () => {
  for (const json of ["", "{", "[1]", '{"depth":0}', '[{"depth":"0","kind":"text","text":""}]']) {
    expect(rowsFromJson(json)).toBeNull();
  }
  expect(rowsFromJson('[{"depth":7,"kind":"text","text":"x"}]')?.[0]?.depth).toBe(0);
});
