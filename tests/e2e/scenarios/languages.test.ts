// Writing in other scripts and with input methods, and seeing or hearing otherwise.
import { expect, test } from "vitest";

import { both, writingIn } from "../world/twoPanels";
import { settled } from "../world/client";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const writing = writingIn(world);

test("right-to-left lines stand at the right, and mixed ones keep their order", async () => {
  const window = await writing("first");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("first");
  await window.press("Enter");
  await window.type("שלום worlds");
  await window.press("Enter");
  await window.type("مرحبا");
  await both(window, "first", "שלום worlds", "مرحبا");
  await window.is("directions", async () => {
    const directions = await window.screen.evaluate(directionsIn, 1);
    return JSON.stringify(directions) === JSON.stringify(["ltr", "rtl", "rtl"]);
  });
  await window.press("Control+Alt+5", "Home");
  await window.type("1 ");
  await both(window, "first", "שלום worlds", "1 مرحبا");
  await window.press("ArrowUp", "End", "Backspace");
  await both(window, "first", "שלום world", "1 مرحبا");
});

test("what reads as one character is walked over and deleted as one", async () => {
  const family = "👨‍👩‍👧‍👦";
  const flag = "🇳🇱";
  const window = await writing("a");
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("a");
  await window.paste(`${family}${flag}e\u0301`);
  await both(window, `a${family}${flag}e\u0301`);
  await window.press("ArrowLeft", "ArrowLeft", "ArrowLeft");
  await window.type("-");
  await both(window, `a-${family}${flag}e\u0301`);
  await window.press("Delete");
  await both(window, `a-${flag}e\u0301`);
  await window.press("End", "Backspace", "Backspace", "Backspace");
  await both(window, "a");
});

test("an input method writes Chinese while somebody else writes in the same line", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Plan");
  await window.type("start ");
  await ben.window.open("Plan");
  await ben.window.panel().shows("start ");
  await ben.window.panel().placeCaret("start ", 0);
  await window.screen.compose("你");
  await window.panel().shows("start u4f60");
  await ben.window.type(">> ");
  await ben.window.panel().shows(">> start ");
  await window.screen.commit();
  await window.panel().shows(">> start 你");
  await window.screen.compose("好");
  await window.screen.commit();
  await window.panel().shows(">> start 你好");
  await ben.window.panel().shows(">> start 你好");
  await settled(anna, ben);
  await window.type("!");
  await window.press("Enter");
  await window.type("next");
  await ben.window.panel().shows(">> start 你好!", "next");
});

test("what an input method puts together above is not disturbed by lines that others change", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Plan");
  await window.type("one");
  await window.press("Enter");
  await window.type("two ");
  await ben.window.open("Plan");
  await ben.window.panel().placeCaret("one", 0);
  await window.screen.compose("漢");
  await window.panel().shows("one", "two u6f22");
  await ben.window.press("Enter");
  await ben.window.type("zero");
  await window.screen.commit();
  await window.panel().shows("", "zeroone", "two 漢");
  await ben.window.panel().shows("", "zeroone", "two 漢");
});

test("what the settings say of text size, motion and contrast is what is seen", async () => {
  const window = await (await world.client()).start();
  await window.newDocument("Plan");
  await window.type("words");
  expect(await attribute(window, ".cm-content", "spellcheck")).toBe("true");
  const before = Number.parseFloat(await style(window, ".cm-line.row", "font-size"));
  await window.press("Control+=", "Control+=");
  await window.is("larger text", async () => {
    return Number.parseFloat(await style(window, ".cm-line.row", "font-size")) === before + 2;
  });
  await window.press("Control+-", "Control+-", "Control+-");
  await window.is("smaller text", async () => {
    return Number.parseFloat(await style(window, ".cm-line.row", "font-size")) === before - 1;
  });
  await window.openSettings("Looks");
  await chooseIn(window, "contrast", "More");
  await window.is("black on white, or white on black", async () => {
    const colour = await style(window, ".cm-line.row", "color");
    return ["rgb(0, 0, 0)", "rgb(255, 255, 255)"].includes(colour);
  });
  await chooseIn(window, "motion", "None");
  await window.is("no motion", async () => {
    return (await style(window, ".icon-button", "transition-duration")).startsWith("0s");
  });
  expect(await window.isMoving()).toBe(false);
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Control+k");
  await window.shows(".palette-input");
  expect(await window.isMoving()).toBe(false);
});

/** Goes to a setting by keyboard and chooses what it offers beside what is chosen. */
async function chooseIn(window: Window, name: string, choice: string): Promise<void> {
  const chosen = `[aria-labelledby="${name}-label"] [data-state=checked]`;
  await window.focusIn(chosen);
  for (let steps = 0; (await window.text(chosen)) !== choice; steps++) {
    if (steps > 4) throw new Error(`"${name}" does not offer "${choice}"`);
    const before = await window.text(chosen);
    await window.press("ArrowRight");
    await window.is("another choice", async () => (await window.text(chosen)) !== before);
  }
}

async function style(window: Window, selector: string, name: string): Promise<string> {
  return window.screen.evaluate(
    (selector, name) => {
      const element = document.querySelector(selector);
      return element ? getComputedStyle(element).getPropertyValue(name) : "";
    },
    selector,
    name,
  );
}

async function attribute(window: Window, selector: string, name: string): Promise<string> {
  return window.screen.evaluate(
    (selector, name) => document.querySelector(selector)?.getAttribute(name) ?? "",
    selector,
    name,
  );
}

/** On which side the text of each line begins. */
function directionsIn(place: number): string[] {
  const panel = document.querySelectorAll("[data-panel]")[place];
  return [...(panel?.querySelectorAll("[data-line]") ?? [])].map((line) => {
    const range = document.createRange();
    range.selectNodeContents(line);
    const text = range.getBoundingClientRect();
    const box = line.getBoundingClientRect();
    return text.left - box.left > box.right - text.right ? "rtl" : "ltr";
  });
}
