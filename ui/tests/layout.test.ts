// How panels share the window.

import { expect, test } from "vitest";

import {
  addTab,
  type Layout,
  layoutKey,
  movePanel,
  moveToStack,
  neighbour,
  newStack,
  otherStack,
  panelsIn,
  readLayout,
  removePanel,
  resizeSplit,
  shownPanels,
  showTab,
  splitPanel,
  stacksIn,
} from "../src/state/layout";

/** `[1 2*|3*]`: stacks of tabs side by side, the shown ones starred; `/` is one above the other. */
function drawn(layout: Layout | null): string {
  if (layout === null) return "";
  if (layout.type === "stack") {
    return layout.tabs.map((tab) => `${tab}${tab === layout.shown ? "*" : ""}`).join(" ");
  }
  return `[${layout.parts.map(drawn).join(layout.direction === "horizontal" ? "|" : "/")}]`;
}

const one = newStack(1);
const tabs = addTab(addTab(one, 1, 2), 2, 3);
const beside = splitPanel(tabs, 3, 4, "horizontal");

test("a new tab stands behind the one it was opened from, and is shown", () => {
  expect(drawn(tabs)).toBe("1 2 3*");
  expect(drawn(addTab(tabs, 1, 9))).toBe("1 9* 2 3");
});

test("splits of one direction lie side by side, others inside each other", () => {
  expect(drawn(splitPanel(beside, 1, 5, "horizontal"))).toBe("[1 2 3*|5*|4*]");
  const nested = splitPanel(beside, 4, 5, "vertical");
  expect(drawn(nested)).toBe("[1 2 3*|[4*/5*]]");
  expect(drawn(removePanel(nested, 4))).toBe("[1 2 3*|5*]");
});

test("a closed tab leaves the next one shown, and the last one its place", () => {
  expect(drawn(removePanel(tabs, 3))).toBe("1 2*");
  expect(drawn(removePanel(showTab(tabs, 1), 1))).toBe("2* 3");
  expect(drawn(removePanel(beside, 4))).toBe("1 2 3*");
  expect(removePanel(one, 1)).toBeNull();
});

test("the focus goes to the next tab of the stack, else to the stack beside", () => {
  expect(neighbour(beside, 3)).toBe(2);
  expect(neighbour(beside, 4)).toBe(3);
  expect(neighbour(one, 1)).toBeNull();
});

test.each([
  [2, 4, "tab", "[1 3*|2* 4]"],
  [4, 1, "tab", "4* 1 2 3"],
  [2, 4, "right", "[1 3*|4*|2*]"],
  [2, 4, "above", "[1 3*|[2*/4*]]"],
  [3, 3, "left", "[3*|1 2*|4*]"],
  [3, 3, "below", "[[1 2*/3*]|4*]"],
  [4, 4, "left", "[1 2 3*|4*]"],
  [1, 1, "tab", "[1 2 3*|4*]"],
] as const)("moving tab %i to %i, %s", (panel, target, side, expected) => {
  expect(drawn(movePanel(beside, panel, target, side))).toBe(expected);
});

test("moving keeps every panel, and no two stacks have one name", () => {
  for (const panel of [1, 2, 3, 4]) {
    for (const target of [1, 2, 3, 4]) {
      for (const side of ["tab", "left", "right", "above", "below"] as const) {
        const moved = movePanel(beside, panel, target, side);
        expect([...panelsIn(moved)].sort()).toEqual([1, 2, 3, 4]);
        const ids = stacksIn(moved).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }
    }
  }
});

test("a tab is moved behind the last one of another stack", () => {
  expect(drawn(moveToStack(beside, 4, 1))).toBe("1 2 3 4*");
  expect(drawn(moveToStack(beside, 1, 3))).toBe("[2 3 1*|4*]");
});

test("stacks are walked round and round", () => {
  expect(otherStack(beside, 4, 1)?.shown).toBe(3);
  expect(otherStack(beside, 1, -1)?.shown).toBe(4);
  expect(shownPanels(beside)).toEqual([3, 4]);
});

test("sizes are kept with their split, and forgotten when its parts change", () => {
  const sized = resizeSplit(beside, layoutKey(beside), [30, 70]);
  expect(sized).toMatchObject({ sizes: [30, 70] });
  expect(addTab(sized, 1, 7)).toMatchObject({ sizes: [30, 70] });
  expect(splitPanel(sized, 1, 7, "horizontal")).not.toHaveProperty("sizes");
});

test("a layout is read back as it was written, and broken ones as far as they make sense", () => {
  const sized = resizeSplit(beside, layoutKey(beside), [30, 70]);
  expect(readLayout(JSON.parse(JSON.stringify(sized)))).toEqual(sized);
  expect(readLayout({ type: "panel", panel: 3 })).toBeNull();
  expect(drawn(readLayout({ type: "split", direction: "vertical", parts: [one, {}] }))).toBe("1*");
  expect(drawn(readLayout({ type: "stack", id: 1, tabs: [1, 2], shown: 9 }))).toBe("1* 2");
});
