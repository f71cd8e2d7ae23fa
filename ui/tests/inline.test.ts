// Which parts of a line's text are marked, and what formatting does to them.

import fc from "fast-check";
import { expect, test } from "vitest";

import { makeLink, toggleFormat } from "../src/editor/format";
import { type Format, plainText, spansOf } from "../src/editor/inline";
import { Harness } from "./harness";

/** `type[content]` of each span; of a link, where it leads too. */
function read(text: string): string[] {
  return spansOf(text).map(({ type, from, to, open, close, href }) => {
    const content = text.slice(from + open, to - close);
    return `${type}[${content}]${href === undefined ? "" : ` ${href}`}`;
  });
}

test.each([
  ["a **b** c", ["bold[b]"]],
  ["*i* and _j_", ["italic[i]", "italic[j]"]],
  ["***both***", ["italic[**both**]", "bold[both]"]],
  ["**a *b* c**", ["bold[a *b* c]", "italic[b]"]],
  ["~~gone~~ ==lit==", ["strike[gone]", "highlight[lit]"]],
  ["`x = 1` and ``a`b``", ["code[x = 1]", "code[a`b]"]],
  ["`**not bold**`", ["code[**not bold**]"]],
  ["[name](https://a.b/c_(d))", ["link[name] https://a.b/c_(d)"]],
  ["[**n**](x)", ["link[**n**] x", "bold[n]"]],
  ["see https://a.b/c?d=e.", ["url[https://a.b/c?d=e] https://a.b/c?d=e"]],
  ["(https://a.b/c)", ["url[https://a.b/c] https://a.b/c"]],
  ["www.a.org", ["url[www.a.org] https://www.a.org"]],
  ["#tag #a/b-c @Ana.", ["tag[#tag]", "tag[#a/b-c]", "person[@Ana]"]],
  ["#Übung @李雷", ["tag[#Übung]", "person[@李雷]"]],
])("%s", (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  "2 * 3 * 4",
  "snake_case_name",
  "a ** b ** c",
  "a == b == c",
  "****",
  "\\*plain\\*",
  "#1 and C# and a#b",
  "me@home.org",
  "half **open",
  "`unclosed",
  "www and http",
  "[no link] (here)",
])("%s has no marks", (text) => {
  expect(read(text)).toEqual([]);
});

test("spans of any text stand in it, and each inside or beside the others", () => {
  const signs = fc.constantFrom("*", "**", "_", "~~", "==", "`", "[", "](x)", " ", "a", "😀", "#b");
  fc.assert(
    fc.property(fc.array(signs, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const spans = spansOf(text);
      for (const { from, to, open, close } of spans) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(text.length);
        expect(from + open).toBeLessThanOrEqual(to - close);
      }
      for (const a of spans) {
        for (const b of spans) {
          const crossing = a.from < b.from && b.from < a.to && a.to < b.to;
          expect(crossing, `${text}: ${JSON.stringify([a, b])}`).toBe(false);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("a text reads without its marks", () => {
  expect(plainText("a **b *c*** [d](e) `f`")).toBe("a b c d f");
});

/** Formats what stands between `‹` and `›` of one row. */
function format(before: string, name: Format): string {
  const plain = before.replace(/[‹›]/g, "");
  const harness = new Harness([plain]);
  const from = before.indexOf("‹");
  const to = before.indexOf("›") - 1;
  harness.editor.view.dispatch({ selection: { anchor: from, head: to } });
  toggleFormat(harness.editor, name);
  harness.settle();
  const { state } = harness.editor.view;
  const { main } = state.selection;
  const text = state.doc.toString();
  expect(harness.outline.rows(null, new Set())[0]?.text).toBe(text);
  harness.editor.destroy();
  return `${text.slice(0, main.from)}‹${text.slice(main.from, main.to)}›${text.slice(main.to)}`;
}

test("formatting puts marks around the selection, and takes them away again", () => {
  expect(format("a ‹b› c", "bold")).toBe("a **‹b›** c");
  expect(format("a **‹b›** c", "bold")).toBe("a ‹b› c");
  expect(format("a ‹**b**› c", "bold")).toBe("a ‹b› c");
  expect(format("x‹ a b ›y", "italic")).toBe("x‹ *a b* ›y");
});

test("formatting more than what is marked marks all of it once", () => {
  expect(format("‹a **b** c›", "bold")).toBe("**‹a b c›**");
});

test("code that holds a backtick gets longer marks", () => {
  expect(format("‹a`b›", "code")).toBe("``‹a`b›``");
});

test("formatting works on the word at the caret, and on every line of a selection", () => {
  expect(format("one t‹›wo", "bold")).toBe("one **‹two›**");
  const harness = new Harness(["one", "bullet: two", "code: x"]);
  harness.caret("one", 0, { text: "x", offset: 1 });
  toggleFormat(harness.editor, "strike");
  harness.settle();
  expect(harness.rows().map((row) => row.text)).toEqual(["~~one~~", "~~two~~", "x"]);
});

test("beside no word formatting makes room to write in, and takes it back", () => {
  const harness = new Harness(["one, "]);
  harness.caret("one,", 4);
  toggleFormat(harness.editor, "bold");
  expect(harness.screen()).toEqual(["one,**|**"]);
  toggleFormat(harness.editor, "bold");
  expect(harness.screen()).toEqual(["one,|"]);
});

test("a link asks for what is missing", () => {
  const harness = new Harness(["read this"]);
  harness.caret("read this", 5, { text: "read this", offset: 9 });
  makeLink(harness.editor);
  expect(harness.screen()).toEqual(["read [this](|)"]);
});
