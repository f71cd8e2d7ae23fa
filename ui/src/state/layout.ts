// How panels share the window: a tree of splits, whose leaves are stacks of panels. Of a stack one
// panel is shown, and each has a tab. Pure.

import { strings } from "../strings/strings";

export type Direction = "horizontal" | "vertical";

/** Where a panel goes, seen from another one: into the same stack, or beside that stack. */
export type Side = "tab" | "left" | "right" | "above" | "below";

export interface Stack {
  readonly type: "stack";
  /** Names the stack as long as it lives. */
  readonly id: number;
  readonly tabs: readonly number[];
  readonly shown: number;
}

export interface Split {
  readonly type: "split";
  readonly direction: Direction;
  readonly parts: readonly Layout[];
  /** Percent of the whole, one for each part; shared equally without. */
  readonly sizes?: readonly number[];
}

export type Layout = Stack | Split;

export function stacksIn(layout: Layout | null): readonly Stack[] {
  if (layout === null) return [];
  return layout.type === "stack" ? [layout] : layout.parts.flatMap(stacksIn);
}

/** All panels, hidden ones too. */
export function panelsIn(layout: Layout | null): readonly number[] {
  return stacksIn(layout).flatMap(({ tabs }) => tabs);
}

export function shownPanels(layout: Layout | null): readonly number[] {
  return stacksIn(layout).map(({ shown }) => shown);
}

export function stackOf(layout: Layout | null, panel: number): Stack | undefined {
  return stacksIn(layout).find(({ tabs }) => tabs.includes(panel));
}

/** What tells a panel from others of the same name: its place, where there are several. */
export function panelName(layout: Layout | null, panel: number): string {
  const all = shownPanels(layout);
  return strings.panel.name(all.length > 1 ? all.indexOf(panel) + 1 : null);
}

export function newStack(panel: number, id = 1): Stack {
  return { type: "stack", id, tabs: [panel], shown: panel };
}

function mapStacks(layout: Layout, change: (stack: Stack) => Layout | null): Layout | null {
  if (layout.type === "stack") return change(layout);
  const kept: [Layout, number | undefined][] = layout.parts.flatMap((part, at) => {
    const next = mapStacks(part, change);
    return next ? [[next, layout.sizes?.[at]] as [Layout, number | undefined]] : [];
  });
  const [only] = kept;
  if (kept.length <= 1) return only?.[0] ?? null;
  const parts = kept.map(([part]) => part);
  if (parts.length < layout.parts.length) return { ...without(layout), parts };
  return { ...layout, parts };
}

function without({ type, direction, parts }: Split): Split {
  return { type, direction, parts };
}

/** Puts `added` behind `panel` in its stack and shows it. */
export function addTab(layout: Layout, panel: number, added: number): Layout {
  return insertTab(layout, panel, added, "behind");
}

function insertTab(
  layout: Layout,
  panel: number,
  added: number,
  where: "before" | "behind",
): Layout {
  const next = mapStacks(layout, (stack) => {
    const at = stack.tabs.indexOf(panel);
    if (at < 0) return stack;
    const tabs = stack.tabs.toSpliced(where === "behind" ? at + 1 : at, 0, added);
    return { ...stack, tabs, shown: added };
  });
  return next ?? layout;
}

export function showTab(layout: Layout, panel: number): Layout {
  const next = mapStacks(layout, (stack) =>
    stack.tabs.includes(panel) ? { ...stack, shown: panel } : stack,
  );
  return next ?? layout;
}

/** Puts `added` beside the stack of `panel`, in the same split where it runs in that direction. */
export function splitPanel(
  layout: Layout,
  panel: number,
  added: number,
  direction: Direction,
  place: "before" | "behind" = "behind",
): Layout {
  const id = Math.max(...stacksIn(layout).map((stack) => stack.id)) + 1;
  return putBeside(layout, panel, newStack(added, id), direction, place);
}

function putBeside(
  layout: Layout,
  panel: number,
  leaf: Stack,
  direction: Direction,
  place: "before" | "behind",
): Layout {
  const holds = (part: Layout): boolean => part.type === "stack" && part.tabs.includes(panel);
  if (layout.type === "stack") {
    if (!holds(layout)) return layout;
    return {
      type: "split",
      direction,
      parts: place === "behind" ? [layout, leaf] : [leaf, layout],
    };
  }
  const at = layout.parts.findIndex(holds);
  if (at >= 0 && layout.direction === direction) {
    const index = place === "behind" ? at + 1 : at;
    return { ...without(layout), parts: layout.parts.toSpliced(index, 0, leaf) };
  }
  const parts = layout.parts.map((part) => putBeside(part, panel, leaf, direction, place));
  return { ...layout, parts };
}

/** Without `panel`; its stack shows the next tab, and a stack without tabs gives its place back. */
export function removePanel(layout: Layout, panel: number): Layout | null {
  return mapStacks(layout, (stack) => {
    const at = stack.tabs.indexOf(panel);
    if (at < 0) return stack;
    const tabs = stack.tabs.toSpliced(at, 1);
    const next = tabs[Math.min(at, tabs.length - 1)];
    if (next === undefined) return null;
    return { ...stack, tabs, shown: stack.shown === panel ? next : stack.shown };
  });
}

/** Takes `panel` from where it is to a side of the stack of `target`; as a tab, before `target`. */
export function movePanel(layout: Layout, panel: number, target: number, side: Side): Layout {
  if (panel === target && (side === "tab" || stackOf(layout, panel)?.tabs.length === 1)) {
    return layout;
  }
  const beside = panel === target ? otherTab(layout, panel) : target;
  const left = removePanel(layout, panel);
  if (!left) return layout;
  switch (side) {
    case "tab":
      return insertTab(left, beside, panel, "before");
    case "left":
      return splitPanel(left, beside, panel, "horizontal", "before");
    case "right":
      return splitPanel(left, beside, panel, "horizontal");
    case "above":
      return splitPanel(left, beside, panel, "vertical", "before");
    case "below":
      return splitPanel(left, beside, panel, "vertical");
  }
}

/** Puts `panel` behind the last tab of the stack of `target`. */
export function moveToStack(layout: Layout, panel: number, target: number): Layout {
  const last = stackOf(layout, target)?.tabs.findLast((tab) => tab !== panel);
  const left = last === undefined ? null : removePanel(layout, panel);
  return left && last !== undefined ? addTab(left, last, panel) : layout;
}

function otherTab(layout: Layout, panel: number): number {
  return stackOf(layout, panel)?.tabs.find((tab) => tab !== panel) ?? panel;
}

/** Keeps how the parts of the split that holds these stacks share it. */
export function resizeSplit(layout: Layout, key: string, sizes: readonly number[]): Layout {
  if (layout.type === "stack") return layout;
  if (layoutKey(layout) === key) return { ...layout, sizes };
  return { ...layout, parts: layout.parts.map((part) => resizeSplit(part, key, sizes)) };
}

/** Names a node by the stacks in it, so that it keeps its place on screen. */
export function layoutKey(layout: Layout): string {
  return layout.type === "stack" ? String(layout.id) : `(${layout.parts.map(layoutKey).join()})`;
}

/** The panel that gets the focus when `panel` goes. */
export function neighbour(layout: Layout, panel: number): number | null {
  const stack = stackOf(layout, panel);
  const left = removePanel(layout, panel);
  if (!stack || !left) return null;
  const same = stacksIn(left).find(({ id }) => id === stack.id);
  if (same) return same.shown;
  const all = stacksIn(layout);
  const at = all.indexOf(stack);
  return (all[at - 1] ?? all[at + 1])?.shown ?? null;
}

/** The stack after (or before) that of `panel`, round and round. */
export function otherStack(layout: Layout | null, panel: number, step: 1 | -1): Stack | undefined {
  const all = stacksIn(layout);
  const at = all.findIndex(({ tabs }) => tabs.includes(panel));
  return all.at((at + step + all.length) % all.length);
}

/** What another program, or an earlier version, left as a layout; null when it is none. */
export function readLayout(json: unknown): Layout | null {
  if (typeof json !== "object" || json === null) return null;
  const { type, id, tabs, shown, direction, parts, sizes } = json as Record<string, unknown>;
  if (type === "stack") {
    if (!isNumbers(tabs) || tabs.length === 0 || typeof id !== "number") return null;
    const [first = 0] = tabs;
    const known = typeof shown === "number" && tabs.includes(shown) ? shown : first;
    return { type, id, tabs, shown: known };
  }
  if (type !== "split" || (direction !== "horizontal" && direction !== "vertical")) return null;
  const read = Array.isArray(parts) ? parts.map(readLayout).filter((part) => part !== null) : [];
  const [only] = read;
  if (read.length <= 1) return only ?? null;
  const kept = isNumbers(sizes) && sizes.length === read.length ? { sizes } : {};
  return { type, direction, parts: read, ...kept };
}

function isNumbers(json: unknown): json is number[] {
  return Array.isArray(json) && json.every((one) => typeof one === "number");
}
