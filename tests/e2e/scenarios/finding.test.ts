// Going places and changing keys: the palette, the outline of headings, the first lessons.
import { expect, test } from "vitest";

import { useWorld } from "../world/world";
import type { Window } from "../world/window";

const world = useWorld();

test("a heading is gone to by a few letters, from the palette and from the outline", async () => {
  const { window } = await trip();
  await window.press("Control+Shift+O");
  await window.is("the headings in order", async () => {
    return JSON.stringify(await headings(window)) === JSON.stringify(HEADINGS);
  });
  await window.type("obrd");
  await window.is("the heading", () => window.offers("On board"));
  await window.press("Enter");
  await window.isInEditor();
  await window.type("!");
  await window.panel().line("On board!");

  await window.press("Control+Alt+o");
  await window.shows("[data-outline] .heading");
  await window.is("the new heading in the outline", async () =>
    (await window.texts("[data-outline] .heading")).includes("On board!"),
  );
  await window.press("Alt+2");
  await window.is("the outline to have the focus", () => window.focusIs("[data-outline] .heading"));
  await window.press("ArrowDown", "Enter");
  await window.isInEditor();
  await window.type("?");
  await window.panel().line("On board!?");
});

test("one palette finds documents, headings, and lines here and elsewhere", async () => {
  const { window } = await trip();
  await window.newDocument("Elsewhere");
  await window.type("the harbour master's number");
  await window.isSaved();
  await window.open("Trip");
  await window.press("Control+p");
  await window.shows(".palette-input");
  await window.type("harbour");
  await window.is("what is here before what is elsewhere", async () => {
    const found = (await window.texts(".palette-title")).map((text) => text.trim());
    return (
      JSON.stringify(found) ===
      JSON.stringify(["back in the harbour", "the harbour master's number"])
    );
  });
});

test("a key is changed, the other command that has it is named, and all are given back", async () => {
  const { window } = await trip();
  await window.openSettings("Keys");
  await window.screen.click("[data-command='outline.foldAll']");
  await window.press("Control+k");
  await window.is("the conflict", async () =>
    (await window.texts(".conflict")).join().includes("Ctrl+K is also the key of"),
  );
  await window.screen.click("[data-command='outline.foldAll']");
  await window.press("Control+Alt+j");
  await window.hides(".conflict");
  await window.press("Escape");
  await window.isInEditor();
  await window.panel().placeCaret("On board", 0);
  await window.press("Control+Alt+j");
  await window.panel().shows("Before we go", "On board");

  await window.openSettings("Keys");
  await window.screen.click(".tools .button");
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Control+Alt+j");
  await window.command("Unfold everything");
  await window.panel().line("back in the harbour");
});

test("the Welcome document ticks off what is done for the first time", async () => {
  const window = await (await world.client()).start();
  const panel = window.panel();
  const done = (text: string): Promise<void> =>
    window.is(`"${text}" to be ticked off`, async () => {
      const line = (await panel.lines()).find((one) => one.text.startsWith(text));
      return line?.kind === "todo-done";
    });
  await panel.line(WELCOME.palette);
  await window.press("Control+k");
  await window.shows(".palette-input");
  await window.press("Escape");
  await window.isInEditor();
  await done("Open the command palette");

  await panel.placeCaret(WELCOME.zoom, 0);
  await window.press("Alt+ArrowRight");
  await window.shows("[data-panel] nav li + li");
  await window.press("Alt+ArrowLeft");
  await done("Zoom into this line");

  await panel.placeCaretAtEnd(WELCOME.write);
  await window.press("Enter");
  await window.type("something");
  await done("Press Enter at the end");
  await window.press("Tab");
  await done("Press Tab");
  await window.press("Control+\\");
  await done("Split the panel");
  expect(await panel.kindOf(WELCOME.complete)).toBe("todo");
});

const WELCOME = {
  write: "Press Enter at the end of this line, and write something.",
  complete: "Tick this line off with Ctrl+Enter.",
  palette: "Open the command palette with Ctrl+K: every command, and its key.",
  zoom: "Zoom into this line with Alt+→, and out again with Alt+←.",
};

const HEADINGS = ["Before we go", "On board"];

async function trip(): Promise<{ window: Window }> {
  const window = await (await world.client()).start();
  const panel = await window.newDocument("Trip");
  await window.type("# Before we go");
  await window.press("Enter", "Tab");
  await window.type("book the cabin");
  await window.press("Enter", "Shift+Tab");
  await window.type("# On board");
  await window.press("Enter", "Tab");
  await window.type("back in the harbour");
  await panel.shows("Before we go", "  book the cabin", "On board", "  back in the harbour");
  return { window };
}

async function headings(window: Window): Promise<readonly string[]> {
  return (await window.texts(".palette-title")).map((text) => text.trim());
}
