// Lines and trees by key and by pointer: every gesture keeps the lines what they are. Each with a
// second panel beside it that must show the same.
import { expect, test } from "vitest";

import { both, write, writingIn } from "../world/twoPanels";
import type { Panel } from "../world/panel";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const writing = writingIn(world);

async function idsOf(panel: Panel): Promise<ReadonlyMap<string, string>> {
  return new Map((await panel.lines()).map(({ id, text }) => [text, id]));
}

async function selected(window: Window, what: string): Promise<void> {
  await window.is(what, async () => (await window.text("footer .place")) === what);
}

test("a line is pulled by its bullet to another place and depth, with what is below it", async () => {
  const window = await writing("one", "two", "three", "four");
  const panel = window.panel(1);
  const ids = await idsOf(panel);
  await panel.dragLine("one", { text: "three", half: "lower", depth: 1 });
  await both(window, "two", "three", "  one", "four");
  await panel.dragLine("three", { text: "two", half: "upper", depth: 0 });
  await both(window, "three", "  one", "two", "four");
  expect(await idsOf(panel)).toEqual(ids);
  await window.press("Control+z");
  await both(window, "two", "three", "  one", "four");
  await window.press("Control+z");
  await both(window, "one", "two", "three", "four");
});

test("several selected lines are pulled together", async () => {
  const window = await writing("one", "two", "three", "four");
  const panel = window.panel(1);
  await panel.placeCaret("one", 0);
  await window.press("Shift+ArrowDown", "Shift+End");
  await selected(window, "2 lines selected");
  await panel.dragLine("two", { text: "four", half: "lower", depth: 0 });
  await both(window, "three", "four", "one", "two");
  await window.press("Control+z");
  await both(window, "one", "two", "three", "four");
});

test("a selection over lines is indented, moved, turned into a kind, and deleted as one", async () => {
  const window = await writing("top", "one", "two", "end");
  const panel = window.panel(1);
  const ids = await idsOf(panel);
  await panel.placeCaret("one", 0);
  await window.press("Shift+ArrowDown", "Shift+End", "Tab");
  await both(window, "top", "  one", "  two", "end");
  await window.press("Shift+Tab", "Alt+ArrowDown");
  await both(window, "top", "end", "one", "two");
  await window.press("Alt+ArrowUp", "Alt+ArrowUp");
  await both(window, "one", "two", "top", "end");
  await window.press("Control+Alt+6");
  await window.is("two numbered lines", async () => {
    const kinds = (await window.panel(0).lines()).map(({ kind }) => kind);
    return kinds.join() === "numbered,numbered,text,text";
  });
  expect(await idsOf(panel)).toEqual(ids);
  await window.press("Delete");
  await both(window, "", "top", "end");
  await window.press("Control+z");
  await both(window, "one", "two", "top", "end");
  expect(await idsOf(window.panel(0))).toEqual(ids);
});

test("lines are broken and joined in the middle, and each goes on being itself", async () => {
  const window = await writing("one two", "three");
  const panel = window.panel(1);
  const ids = await idsOf(panel);
  await panel.placeCaret("one two", "one".length);
  await window.press("Enter");
  await both(window, "one", " two", "three");
  expect((await panel.line("one")).id).toBe(ids.get("one two"));
  await window.press("Backspace");
  await both(window, "one two", "three");
  await window.press("End", "Delete");
  await both(window, "one twothree");
  expect((await panel.line("one twothree")).id).toBe(ids.get("one two"));
  await window.press("Control+z");
  await both(window, "one two", "three");
  expect(await idsOf(panel)).toEqual(ids);
});

test("numbers follow the lines that are moved, indented and deleted", async () => {
  const window = await writing("a");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("a");
  await window.press("Control+Alt+6", "Enter");
  await write(window, "b", "c", "d");
  const numbers = async (...expected: readonly string[]): Promise<void> => {
    for (const one of [window.panel(0), panel]) {
      await window.is(`the numbers ${expected.join(", ")}`, async () => {
        return JSON.stringify(await one.numbered()) === JSON.stringify(expected);
      });
    }
  };
  await numbers("1. a", "2. b", "3. c", "4. d");
  await panel.placeCaretAtEnd("d");
  await window.press("Alt+ArrowUp", "Alt+ArrowUp");
  await numbers("1. a", "2. d", "3. b", "4. c");
  await window.press("Tab");
  await numbers("1. a", "1. d", "2. b", "3. c");
  await panel.placeCaretAtEnd("a");
  await window.press("Control+Shift+K");
  await numbers("1. b", "2. c");
});

test("the selection grows from the line to its tree, its siblings, everything", async () => {
  const window = await writing("one", "two");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("two");
  await window.press("Tab", "Enter");
  await write(window, "three");
  await window.press("Enter", "Shift+Tab");
  await write(window, "four");
  await both(window, "one", "  two", "  three", "four");
  await panel.placeCaret("two", 1);
  await window.press("Control+a");
  await selected(window, "3 characters selected");
  await window.press("Control+a");
  await selected(window, "2 lines selected");
  await window.press("Control+a");
  await selected(window, "3 lines selected");
  await window.press("Control+a");
  await selected(window, "4 lines selected");
});

test("one kind is turned into another and back, and nothing is lost", async () => {
  const window = await writing("parent **bold** #tag", "child");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("child");
  await window.press("Tab");
  await panel.placeCaret("parent **bold** #tag", 0);
  const [first, second] = await panel.lines();
  for (const key of ["1", "4", "6", "7", "8", "5", "2", "0"]) {
    await window.press(`Control+Alt+${key}`);
    await both(window, "parent **bold** #tag", "  child");
  }
  for (const kind of ["Comment", "Divider", "Table", "To-do: waiting", "Text"]) {
    await window.command(kind);
  }
  await window.is("plain text again", async () => {
    return (await window.panel(0).lines())[0]?.kind === "text";
  });
  await both(window, "parent **bold** #tag", "  child");
  expect((await panel.lines()).map(({ id }) => id)).toEqual([first?.id, second?.id]);
});

test("what is searched for is an expression, a whole word, or in exact case, as one likes", async () => {
  const window = await writing("Cat and cat", "concatenate", "cat 42");
  await window.panel(1).placeCaretAtEnd("cat 42");
  await window.press("Control+f");
  await window.shows(".find");
  const matches = async (status: string): Promise<void> => {
    await window.is(status, async () => {
      return (await window.text(".find-status")).endsWith(status);
    });
  };
  const toggle = async (name: string): Promise<void> => {
    await window.focusIn(`[aria-label='${name}']`);
    await window.press("Space");
    await window.focusIn("[aria-label='Find']");
  };
  await window.type("cat");
  await matches("4 matches");
  await toggle("Whole words only");
  await matches("3 matches");
  await toggle("Match upper and lower case");
  await matches("2 matches");
  await toggle("Whole words only");
  await toggle("Regular expression");
  await window.press("Control+a");
  await window.type("([a-z]+) (\\d+)");
  await matches("1 match");
  await window.focusIn("[aria-label='Replace with']");
  await window.type("$2 $1");
  await window.press("Control+Enter");
  await both(window, "Cat and cat", "concatenate", "42 cat");
  await window.press("Control+f");
  await window.is("the field", () => window.focusIs("[aria-label='Find']"));
  await window.press("Control+a");
  await window.type("(");
  await matches("Not an expression");
  await window.press("Escape");
  await window.isInEditor();
  await both(window, "Cat and cat", "concatenate", "42 cat");
});

test("finished to-dos, code in three languages and nested lists are pasted as what they are", async () => {
  const window = await writing("here");
  await window.panel(1).placeCaretAtEnd("here");
  await window.press("Enter");
  await window.paste("- [x] done\n  - [ ] open\n1. first\n\n```python\nx = 1\n```\n\n> said\n");
  await both(window, "here", "done", "  open", "first", "x = 1", "said");
  const kinds = (await window.panel(0).lines()).map(({ kind }) => kind);
  expect(kinds).toEqual(["text", "todo-done", "todo", "numbered", "code", "quote"]);
  await window.press("Control+z");
  await window.panel(0).shows("here", "");
});

test("three dashes make a divider, and writing goes on below it", async () => {
  const window = await writing("one");
  await window.panel(1).placeCaretAtEnd("one");
  await window.press("Enter");
  await window.type("---two");
  await both(window, "one", "", "two");
  const kinds = (await window.panel(0).lines()).map(({ kind }) => kind);
  expect(kinds).toEqual(["text", "divider", "text"]);
});

test("what was done before a restart is undone after it, step by step", async () => {
  const client = await world.client();
  const window = await client.start();
  await window.newDocument("Plan");
  await write(window, "one", "two");
  await window.press("Alt+ArrowUp");
  await window.panel().shows("two", "one");
  await window.isSaved();
  await client.quit();
  const again = await client.start();
  await again.panel().shows("two", "one");
  await again.isInEditor();
  await again.press("Control+z");
  await again.panel().shows("one", "two");
  await again.press("Control+z");
  await again.panel().shows("one", "");
  await again.press("Control+Shift+Z", "Control+Shift+Z");
  await again.panel().shows("two", "one");
});

test("a long text is read page by page, and writing goes on where it was", async () => {
  const client = await world.client();
  const window = await client.start();
  const panel = await window.newDocument("Plan");
  await window.paste(Array.from({ length: 90 }, (_, at) => `line ${at + 1}`).join("\n"));
  await window.press("Control+Home");
  await panel.line("line 1");
  await window.is("the top of it", async () => (await window.screen.evaluate(scrolledTo)) === 0);
  await window.press("F9");
  await window.shows("[role=toolbar]");
  const percent = async (): Promise<number> => {
    return Number.parseInt(await window.text("[role=toolbar] [aria-live]"), 10);
  };
  const page = async (from: number, to: number): Promise<boolean> => {
    const now = await percent();
    return now > from && now <= to;
  };
  await window.is("the first page", () => page(5, 45));
  await window.press("Space");
  await window.is("the second page", () => page(45, 80));
  await window.type("x");
  await window.press("PageUp");
  await window.is("the first page again", () => page(5, 45));
  await window.press("Escape");
  await window.isInEditor();
  await window.type("!");
  await panel.line("!line 1");
});

function scrolledTo(): number | undefined {
  return document.querySelector("[data-scroller]")?.scrollTop;
}
