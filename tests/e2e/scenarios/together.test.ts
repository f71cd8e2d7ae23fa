// Every gesture of the outline while somebody else types in the same document without a pause:
// nothing of either gets lost, both end with the same lines.
import { expect, test } from "vitest";

import { type Client, settled } from "../world/client";
import { write } from "../world/twoPanels";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();

/** Types words at the end of a line until it is told to stop; says how many. */
function typingOn(window: Window): { stop(): Promise<number> } {
  let going = true;
  const typed = (async () => {
    let words = 0;
    while (going) await window.type(` w${++words}`);
    return words;
  })();
  // When the test fails meanwhile, the window goes: its own failure is what is told.
  typed.catch(() => undefined);
  const stop = async (): Promise<number> => {
    going = false;
    return typed;
  };
  return { stop };
}

const LINES = ["alpha", "beta", "gamma", "delta"];

async function writeTogether(anna: Client, ben: Client): Promise<void> {
  await anna.window.newDocument("Plan");
  await write(anna.window, ...LINES, "Ben:");
  await ben.window.open("Plan");
  await ben.window.panel().shows(...LINES, "Ben:");
  await ben.window.panel().placeCaretAtEnd("Ben:");
}

/** What is on screen, but for the line that Ben is typing in. */
async function without(window: Window): Promise<readonly string[]> {
  return (await window.panel().outline()).filter((line) => !line.includes("Ben:"));
}

async function shows(window: Window, ...expected: readonly string[]): Promise<void> {
  const text = JSON.stringify(expected);
  await window.is(text, async () => JSON.stringify(await without(window)) === text);
}

test("structure is changed while somebody types in a line that moves with it", async () => {
  const { anna, ben } = await world.twoPeople();
  await writeTogether(anna, ben);
  const { window } = anna;
  const panel = window.panel();
  const typing = typingOn(ben.window);
  await panel.placeCaretAtEnd("beta");
  await window.press("Tab");
  await shows(window, "alpha", "  beta", "gamma", "delta");
  await window.press("Alt+Shift+ArrowUp");
  await shows(window, "beta", "alpha", "gamma", "delta");
  await window.press("Control+Shift+D");
  await shows(window, "beta", "beta", "alpha", "gamma", "delta");
  await window.press("Control+Shift+K");
  await shows(window, "beta", "alpha", "gamma", "delta");
  await panel.placeCaret("gamma", 2);
  await window.press("Enter");
  await shows(window, "beta", "alpha", "ga", "mma", "delta");
  await window.press("Backspace");
  await shows(window, "beta", "alpha", "gamma", "delta");
  await window.press("Control+Enter");
  await window.is("a to-do", async () => (await panel.kindOf("gamma")) === "todo");
  await window.press("Control+x");
  await shows(window, "beta", "alpha", "delta");
  await panel.placeCaretAtEnd("beta");
  await window.press("Control+v");
  await shows(window, "beta", "gamma", "alpha", "delta");
  await window.press("Control+z", "Control+z");
  await shows(window, "beta", "alpha", "gamma", "delta");
  const words = await typing.stop();
  await endAlike(anna, ben, words);
});

test("what somebody types in goes on in one's own selection, search and folds", async () => {
  const { anna, ben } = await world.twoPeople();
  await writeTogether(anna, ben);
  const { window } = anna;
  const panel = window.panel();
  const typing = typingOn(ben.window);
  await panel.placeCaretAtEnd("alpha");
  await window.press("Control+Alt+ArrowDown");
  await window.type("!");
  await shows(window, "alpha!", "beta!", "gamma", "delta");
  await window.press("Escape", "Control+f");
  await window.shows(".find");
  await window.type("!");
  await window.is("two matches", async () => (await window.text(".find-status")).includes("2"));
  await window.focusIn("[aria-label='Replace with']");
  await window.type("?");
  await window.press("Control+Enter", "Escape");
  await window.isInEditor();
  await shows(window, "alpha?", "beta?", "gamma", "delta");
  await panel.placeCaretAtEnd("delta");
  await window.press("Tab");
  await shows(window, "alpha?", "beta?", "gamma", "  delta");
  await panel.placeCaretAtEnd("gamma");
  await window.press("Control+ArrowUp");
  await shows(window, "alpha?", "beta?", "gamma");
  await panel.dragLine("gamma", { text: "alpha?", half: "upper", depth: 0 });
  await shows(window, "gamma", "alpha?", "beta?");
  await window.press("Control+z");
  await shows(window, "alpha?", "beta?", "gamma");
  await window.press("Control+ArrowDown");
  await shows(window, "alpha?", "beta?", "gamma", "  delta");
  const words = await typing.stop();
  await endAlike(anna, ben, words);
});

async function endAlike(anna: Client, ben: Client, words: number): Promise<void> {
  const wanted = `Ben:${Array.from({ length: words }, (_, at) => ` w${at + 1}`).join("")}`;
  await settled(anna, ben);
  await anna.window.is("all that Ben typed", async () => {
    return (await anna.window.panel().outline()).includes(wanted);
  });
  const lines = await anna.window.panel().outline();
  await ben.window.panel().shows(...lines);
  await anna.quit();
  await ben.quit();
  const [one, other] = await Promise.all(
    [anna, ben].map(async (client) => {
      return (await client.verify()).find(({ title }) => title === "Plan");
    }),
  );
  expect(one?.problems).toEqual([]);
  expect(one?.hash).toBe(other?.hash);
}
