// What people do all day: formatting, moving lines about, finding and replacing, several carets,
// copying trees. Each with a second panel beside it that must show the same.
import { expect, test } from "vitest";

import { both, writingIn } from "../world/twoPanels";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const writing = writingIn(world);

test("a selection is made bold and plain again; undo takes back only that", async () => {
  const window = await writing("one two");
  await window.panel(1).placeCaretAtEnd("one two");
  await window.press("Control+Shift+ArrowLeft", "Control+b");
  await both(window, "one **two**");
  await window.press("Control+b");
  await both(window, "one two");
  await window.press("Control+b", "Control+z");
  await both(window, "one two");
  await window.press("Control+z", "Control+z");
  await both(window, "one two");
});

test("a line is duplicated with what is below it, completed, moved and deleted", async () => {
  const window = await writing("one", "two");
  await window.panel(1).placeCaretAtEnd("two");
  await window.press("Tab");
  await both(window, "one", "  two");
  await window.panel(1).placeCaretAtEnd("one");
  await window.press("Control+Shift+D");
  await both(window, "one", "  two", "one", "  two");
  await window.type("!");
  await window.press("Alt+ArrowUp");
  await both(window, "one!", "  two", "one", "  two");
  await window.press("Control+Enter", "Control+Shift+Enter");
  await window.is("a to-do that is started", async () => {
    return (await window.panel(0).kindOf("one!")) === "todo-started";
  });
  await window.press("Control+Shift+K");
  await both(window, "one", "  two");
});

test("what is typed at two carets is typed in both lines, and undone at once", async () => {
  const window = await writing("one", "two");
  await window.panel(1).placeCaretAtEnd("two");
  await window.press("Control+Alt+ArrowUp");
  await window.type("!");
  await both(window, "one!", "two!");
  await window.press("Control+z");
  await both(window, "one", "two");
});

test("all matches are replaced, and one undo brings them back", async () => {
  const window = await writing("milk and bread", "more milk", "Milkshake");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("more milk");
  const ids = (await panel.lines()).map((line) => line.id);
  await window.press("Control+f");
  await window.shows(".find");
  await window.type("milk");
  await window.is("three matches", async () => (await window.text(".find-status")) === "3 matches");
  await window.focusIn("[aria-label='Replace with']");
  await window.type("tea");
  await window.press("Control+Enter");
  await both(window, "tea and bread", "more tea", "teashake");
  expect((await panel.lines()).map((line) => line.id)).toEqual(ids);
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Control+z");
  await both(window, "milk and bread", "more milk", "Milkshake");
});

test("a tree that is copied arrives whole, and cut lines are gone", async () => {
  const window = await writing("one", "two", "end");
  await window.panel(1).placeCaretAtEnd("two");
  await window.press("Tab");
  await window.panel(1).placeCaretAtEnd("one");
  await window.press("Control+Enter");
  await both(window, "one", "  two", "end");
  await window.press("Control+c");
  await window.panel(1).placeCaretAtEnd("end");
  await window.press("Enter", "Control+v");
  await both(window, "one", "  two", "end", "one", "  two");
  const kinds = (await window.panel(0).lines()).map((line) => line.kind);
  expect(kinds[3]).toBe("todo");
  await window.panel(1).placeCaretAtEnd("end");
  await window.press("Control+x");
  await both(window, "one", "  two", "one", "  two");
});

test("cut lines are put back elsewhere as the lines they were; pasted again they are copies", async () => {
  const window = await writing("one", "two", "three");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("two");
  await window.press("Tab");
  await both(window, "one", "  two", "three");
  const [one, two] = (await panel.lines()).map((line) => line.id);
  await panel.placeCaretAtEnd("one");
  await window.press("Control+x");
  await both(window, "three");
  await panel.placeCaretAtEnd("three");
  await window.press("Control+v");
  await both(window, "three", "one", "  two");
  expect((await panel.lines()).slice(1).map((line) => line.id)).toEqual([one, two]);
  await window.press("Control+z");
  await both(window, "three");
  await window.press("Control+z");
  await both(window, "one", "  two", "three");
  expect((await window.panel(0).lines()).slice(0, 2).map((line) => line.id)).toEqual([one, two]);
  await panel.placeCaretAtEnd("three");
  await window.press("Enter", "Control+v");
  await both(window, "one", "  two", "three", "one", "  two");
  const ids = (await panel.lines()).map((line) => line.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("marks at the start of a line make kinds, also of code and tables", async () => {
  const window = await writing("first");
  await window.panel(1).placeCaretAtEnd("first");
  await window.press("Enter");
  await window.type("# Title");
  await window.press("Enter");
  await window.type("```rust");
  await window.press("Enter");
  await window.type("fn main() {}");
  await window.press("Enter", "Enter");
  await window.type("| a | b |");
  await window.press("Enter");
  await window.type("1");
  await both(window, "first", "Title", "fn main() {}", "| a | b |", "| --- | --- |", "| 1 |  |");
  const kinds = (await window.panel(0).lines()).map((line) => line.kind);
  expect(kinds).toEqual(["text", "heading1", "code", "table", "table", "table"]);
  await window.is("the code in colour", () => window.has(".row-code .tok-keyword"));
});

test("what is typed right after going to a document is in it, and so is its new title", async () => {
  const window = await (await world.client()).start();
  await window.newDocument("Shopping");
  await window.type("bread");
  await window.isSaved();
  await window.newDocument("Plan");
  for (const round of ["one", "two", "three"]) {
    await goTo(window, "Shopping");
    await window.type(`${round}, `);
    await goTo(window, "Plan");
    await window.type(`${round}; `);
  }
  await window.panel().shows("three; two; one; ");
  await goTo(window, "Shopping");
  await window.press("F2");
  await window.type("Groceries");
  await window.press("Enter");
  await window.panel().shows("three, two, one, bread");
  await window.is("its title", async () => (await window.panel().title()) === "Groceries");
});

/** Without waiting for anything to be seen of it. */
async function goTo(window: Window, title: string): Promise<void> {
  await window.press("Control+p");
  await window.shows(".palette-input");
  await window.type(title);
  await window.is(`the document ${title}`, () => window.offers(title));
  await window.press("Enter");
}
