// Copying and pasting through the clipboard of the system.

import { expect, test } from "vitest";

import { htmlOf, markdownFromHtml } from "../src/editor/html";
import { draftsOf } from "../src/editor/markdown";
import { rowsOf } from "../src/editor/rowset";
import { DOCUMENT_ROOT } from "../src/editor/tree";
import { DOCUMENT, Harness } from "./harness";

function clipboardEvent(type: string, data: DataTransfer): ClipboardEvent {
  return new ClipboardEvent(type, { clipboardData: data, bubbles: true, cancelable: true });
}

function copy(harness: Harness, type: "copy" | "cut" = "copy"): DataTransfer {
  const data = new DataTransfer();
  harness.editor.view.contentDOM.dispatchEvent(clipboardEvent(type, data));
  harness.settle();
  return data;
}

function paste(harness: Harness, contents: DataTransfer | Readonly<Record<string, string>>): void {
  const data = contents instanceof DataTransfer ? contents : new DataTransfer();
  if (!(contents instanceof DataTransfer)) {
    for (const [type, text] of Object.entries(contents)) data.setData(type, text);
  }
  harness.editor.view.contentDOM.dispatchEvent(clipboardEvent("paste", data));
  harness.settle();
}

function sketch(html: string): string[] {
  return draftsOf(markdownFromHtml(html) ?? "").map(
    ({ depth, kind, text }) => `${"  ".repeat(depth)}${kind === "text" ? "" : `${kind}: `}${text}`,
  );
}

test("a tree copied and pasted keeps kinds, depths, tags and properties", () => {
  const harness = new Harness(["todo-waiting: one", "  comment: two", "x", ""]);
  harness.core.remote(DOCUMENT, [
    { type: "addTag", line: "line_1", tag: "later" },
    { type: "setProperty", line: "line_0", name: "due", value: "Monday" },
  ]);
  harness.settle();
  harness.caret("one", 0);
  const data = copy(harness);
  expect(data.getData("text/plain")).toBe("- [?] one\n  two");
  harness.caret("", 0);
  paste(harness, data);
  const rows = harness.outline.rows(null, new Set());
  const bare = rows.map(({ kind, text, depth, tags, properties }) => {
    return { kind, text, depth, tags, properties };
  });
  expect(bare.slice(3)).toEqual(bare.slice(0, 2));
});

test("where the clipboard carries only text, what was copied here is remembered", () => {
  const harness = new Harness(["comment: one", "  numbered: two", ""]);
  harness.caret("one", 0);
  const text = copy(harness).getData("text/plain");
  harness.caret("", 0);
  paste(harness, { "text/plain": text.replaceAll("\n", "\r\n") });
  expect(harness.screen()).toEqual([
    "comment: one",
    "  numbered: two",
    "comment: one",
    "  numbered: two|",
  ]);
});

test("cutting lines takes them away whole", () => {
  const harness = new Harness(["one", "two", "  child", "three"]);
  harness.caret("two", 0);
  expect(copy(harness, "cut").getData("text/plain")).toBe("two\n  child");
  expect(harness.screen()).toEqual(["one", "|three"]);
});

test("lines that were cut are put back as the lines they were, also elsewhere", () => {
  const harness = new Harness(["one", "two", "  child", "three", "  inside"]);
  harness.caret("two", 0);
  const data = copy(harness, "cut");
  harness.caret("inside", 6);
  paste(harness, data);
  expect(harness.screen()).toEqual(["one", "three", "  inside", "  two", "    child|"]);
  expect(harness.rows().map((row) => row.id)).toEqual([0, 3, 4, 1, 2].map((at) => `line_${at}`));
});

test("what was put back once is copied the next time", () => {
  const harness = new Harness(["one", "two", "  child"]);
  harness.caret("two", 0);
  const data = copy(harness, "cut");
  harness.caret("one", 0);
  paste(harness, data);
  expect(harness.screen()).toEqual(["two", "  child|", "one"]);
  harness.caret("one", 3);
  paste(harness, data);
  const ids = harness.rows().map((row) => row.id);
  expect(ids.slice(0, 3)).toEqual(["line_1", "line_2", "line_0"]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(harness.rows().map((row) => row.text)).toEqual([...["two", "child", "onetwo", "child"]]);
});

test("a cut that was undone is copied", () => {
  const harness = new Harness(["one", "two", ""]);
  harness.caret("two", 0);
  const data = copy(harness, "cut");
  harness.core.remote(DOCUMENT, [
    {
      type: "putBack",
      lines: [{ id: "line_1", depth: 0, kind: "text", text: "two" }],
      copies: [],
      parent: DOCUMENT_ROOT,
      after: "line_0",
    },
  ]);
  harness.settle();
  harness.caret("", 0);
  paste(harness, data);
  expect(harness.screen()).toEqual(["one", "two", "two|"]);
});

test("several whole lines that are selected go as lines, and an empty row takes them", () => {
  const harness = new Harness(["one", "two", "  child", "three", ""]);
  harness.caret("two", 0, { text: "child", offset: 5 });
  const data = copy(harness, "cut");
  expect(harness.screen()).toEqual(["one", "|three", ""]);
  harness.caret("", 0);
  paste(harness, data);
  expect(harness.screen()).toEqual(["one", "three", "two", "  child|"]);
  expect(harness.rows().map((row) => row.id)).toEqual([0, 3, 1, 2].map((at) => `line_${at}`));
});

test("other programs get rich text", () => {
  const harness = new Harness([
    "heading1: A & **b**",
    "  text with `code` and [link](https://x.y)",
    "  bullet: one",
    "    two",
    "  numbered: three",
    "  todo-done: four",
    "  code: a < b",
    "  code: c",
    "  quote: said",
    "  divider: ",
    "  table: | a | b |",
    "  table: | - | - |",
    "  table: | 1 | 2 |",
  ]);
  expect(htmlOf(rowsOf(harness.editor.view.state).list)).toBe(
    "<h1>A &amp; <strong>b</strong></h1>" +
      '<p>text with <code>code</code> and <a href="https://x.y">link</a></p>' +
      "<ul><li>one<ul><li>two</li></ul></li></ul>" +
      "<ol><li>three</li></ol>" +
      '<ul><li><input type="checkbox" checked> four</li></ul>' +
      "<pre><code>a &lt; b\nc</code></pre>" +
      "<blockquote><p>said</p></blockquote><hr>" +
      "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>",
  );
});

test("lists, headings, code and tables of other programs become a tree", () => {
  const html = `<h2>Title</h2><p>Some <b>bold</b> and <i>italic</i> text</p>
    <ul><li>one<ul><li><p>two</p></li></ul></li><li>three <a href="https://x.y/">here</a></li></ul>
    <ol><li>first</li></ol>
    <ul><li><input type="checkbox" checked> done</li></ul>
    <pre><code>let x;\n  y</code></pre><blockquote><p>said</p></blockquote><hr>
    <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2 | 3</td></tr></table>`;
  expect(sketch(html)).toEqual([
    "heading2: Title",
    "  Some **bold** and *italic* text",
    "  bullet: one",
    "    bullet: two",
    "  bullet: three [here](https://x.y/)",
    "  numbered: first",
    "  todo-done: done",
    "  code: let x;",
    "  code:   y",
    "  quote: said",
    "  divider: ",
    "  table: | a | b |",
    "  table: | 1 | 2 \\| 3 |",
  ]);
});

test("what word processors write around the text is left out", () => {
  const docs = `<meta charset="utf-8"><b style="font-weight:normal" id="docs-internal-guid-1">
    <ul><li><span style="font-weight:700">a</span></li>
    <ul><li><span style="font-style:italic">b</span></li></ul></ul></b>
    <script>evil()</script><style>p{}</style>`;
  expect(sketch(docs)).toEqual(["bullet: **a**", "  bullet: *b*"]);
});

test("rich text that says no more than plain text is not used", () => {
  expect(markdownFromHtml("<div><span style='color:red'>x</span></div>")).toBeNull();
  const harness = new Harness([""]);
  const event = { "text/plain": "a\nb", "text/html": "<div>a</div><div>b</div>" };
  paste(harness, event);
  expect(harness.rows().map((row) => row.text)).toEqual(["a", "b"]);
});

test("an address pasted over a name makes a link", () => {
  const harness = new Harness(["see here now"]);
  harness.caret("see here now", 4, { text: "see here now", offset: 8 });
  paste(harness, { "text/plain": "https://x.y/z" });
  expect(harness.screen()).toEqual(["see [here](https://x.y/z)| now"]);
});

test("rich text copied as Markdown and back is the same tree", () => {
  const lines = ["heading1: a", "  bullet: b **c**", "    todo: d", "  quote: e", "  text"];
  const harness = new Harness(lines);
  const rows = rowsOf(harness.editor.view.state).list;
  expect(sketch(htmlOf(rows))).toEqual(lines);
});
