// Panels, tabs and the ways between places, step by step. Pure.

import type { AppState, Effect, Happening, Look, PanelState, Stop } from "./app";
import { foldedAll, UNFOLDED, withFold } from "./folds";
import {
  addTab,
  type Direction,
  type Layout,
  movePanel,
  moveToStack,
  neighbour,
  newStack,
  otherStack,
  panelsIn,
  removePanel,
  shownPanels,
  showTab,
  type Side,
  splitPanel,
  stackOf,
} from "./layout";
import { memoryOfTab, type TabMemory } from "./memory";

export interface Step {
  readonly state: AppState;
  readonly effects: readonly Effect[];
}

/** Places to go back to, for each panel. */
const STOPS_MAX = 50;
/** Hidden tabs beyond these sleep: they have no editor, and the core forgets them. */
const AWAKE_MAX = 12;

export function quiet(state: AppState): Step {
  return { state, effects: [] };
}

export function sends(state: AppState, ...effects: Effect[]): Step {
  return { state, effects };
}

export function remembered({ state, effects }: Step): Step {
  return { state, effects: [...effects, { type: "remember" }] };
}

export function focusedPanel(state: AppState): PanelState | undefined {
  return state.focused === null ? undefined : state.panels[state.focused];
}

export function focusEffects(state: AppState): Effect[] {
  return state.focused === null ? [] : [{ type: "focusEditor", panel: state.focused }];
}

export function withPanel(state: AppState, panel: number, change: Partial<PanelState>): AppState {
  const before = state.panels[panel];
  if (!before) return state;
  return { ...state, panels: { ...state.panels, [panel]: { ...before, ...change } } };
}

// What a panel shows.

const NOWHERE: Omit<TabMemory, "document"> = { root: null, folds: UNFOLDED, spot: null };

export function panelOn(state: AppState, tab: TabMemory): PanelState {
  const title = state.documents.find((entry) => entry.id === tab.document)?.title ?? "";
  return {
    ...tab,
    title,
    breadcrumb: [],
    people: [],
    rows: "asleep",
    closed: null,
    selection: null,
    back: [],
    forward: [],
    travelling: false,
    titled: false,
  };
}

/** Opens the editor of a panel that has none, or shows another document in it. */
function wake({ state, effects }: Step, panel: number, line: string | null = null): Step {
  const shown = state.panels[panel];
  if (!shown) return { state, effects };
  const { document, root, spot } = shown;
  const awake = [...state.awake.filter((one) => one !== panel), panel];
  const next = withPanel({ ...state, awake }, panel, { rows: "loading", travelling: true });
  const open: Effect = { type: "openEditor", panel, document, root, line, spot };
  return letSleep({ state: next, effects: [...effects, open] });
}

/** The tab that was hidden for the longest time sleeps, when too many are awake. */
function letSleep(step: Step): Step {
  const { state } = step;
  const shown = shownPanels(state.layout);
  const hidden = state.awake.filter((panel) => !shown.includes(panel));
  const [oldest] = hidden;
  if (hidden.length <= AWAKE_MAX || oldest === undefined) return step;
  const asleep = withPanel(state, oldest, { rows: "asleep", selection: null, people: [] });
  const awake = state.awake.filter((panel) => panel !== oldest);
  return { state: { ...asleep, awake }, effects: [...step.effects, ...closing(oldest)] };
}

function closing(panel: number): Effect[] {
  return [
    { type: "closeEditor", panel },
    { type: "send", command: { type: "closePanel", panel } },
  ];
}

/** Wakes what became visible. */
export function shownAll(step: Step): Step {
  return shownPanels(step.state.layout)
    .filter((panel) => step.state.panels[panel]?.rows === "asleep")
    .reduce<Step>((before, panel) => wake(before, panel), step);
}

function visited(state: AppState, document: string): AppState {
  const recent = [document, ...state.recent.filter((one) => one !== document)];
  return { ...state, recent };
}

// Going somewhere.

function stopAt(state: AppState, panel: number, look: Look): Stop | null {
  const shown = state.panels[panel];
  if (!shown || shown.closed !== null) return null;
  const { document, root, folds, rows, travelling } = shown;
  // On the way to a place that is not seen yet, one is there already.
  const spot = rows === "shown" && !travelling ? look(panel) : shown.spot;
  return { document, root, folds, spot };
}

/** Puts where one is on the way back. */
export function leaving(state: AppState, panel: number, look: Look): AppState {
  const stop = stopAt(state, panel, look);
  if (!stop) return state;
  const back = [...(state.panels[panel]?.back ?? []), stop].slice(-STOPS_MAX);
  return withPanel(state, panel, { back, forward: [] });
}

export function openDocument(
  state: AppState,
  happening: Pick<Extract<Happening, { type: "openDocument" }>, "document" | "where"> & {
    readonly line: string | null;
  },
  look: Look,
): Step {
  const { document, line, where } = happening;
  const closed = visited({ ...state, dialog: null, following: null }, document);
  const { focused } = closed;
  const tab = { ...NOWHERE, document };
  if (where === "window") {
    return sends(closed, { type: "openWindow", memory: memoryOfTab(tab, closed) });
  }
  if (focused === null || where !== "here") {
    return newPanel(closed, where === "beside" ? "beside" : "tab", tab, line);
  }
  return goIn(closed, focused, document, line, look);
}

/** Shows a document, or a line of it, in a panel. */
export function goIn(
  state: AppState,
  panel: number,
  document: string,
  line: string | null,
  look: Look,
): Step {
  const open = state.panels[panel];
  const left = leaving(state, panel, look);
  const focus: Effect = { type: "focusEditor", panel };
  if (open?.document === document && open.closed === null && line !== null) {
    return sends(left, { type: "revealLine", panel, line }, focus);
  }
  const fresh = panelOn(left, { ...NOWHERE, document });
  const { back = [], forward = [] } = left.panels[panel] ?? {};
  const next = { ...left, panels: { ...left.panels, [panel]: { ...fresh, back, forward } } };
  const shown = wake(quiet(next), panel, line);
  return remembered({ ...shown, effects: [...shown.effects, focus] });
}

export function newPanel(
  state: AppState,
  where: "tab" | "beside" | "below",
  tab: TabMemory,
  line: string | null = null,
): Step {
  const panel = state.nextPanel;
  const { layout, focused } = state;
  const place = (): Layout => {
    if (!layout || focused === null) return newStack(panel);
    if (where === "tab") return addTab(layout, focused, panel);
    return splitPanel(layout, focused, panel, where === "beside" ? "horizontal" : "vertical");
  };
  const next: AppState = {
    ...state,
    layout: place(),
    focused: panel,
    nextPanel: panel + 1,
    panels: { ...state.panels, [panel]: panelOn(state, tab) },
  };
  const shown = wake(quiet(next), panel, line);
  return remembered({ ...shown, effects: [...shown.effects, { type: "focusEditor", panel }] });
}

/** The same place once more. */
export function split(state: AppState, direction: Direction, look: Look): Step {
  const { focused } = state;
  const stop = focused === null ? null : stopAt(state, focused, look);
  const open = focusedPanel(state);
  if (!open) return quiet(state);
  const { document, root, folds } = open;
  const tab = stop ?? { document, root, folds, spot: null };
  return newPanel(state, direction === "horizontal" ? "beside" : "below", tab);
}

export function closePanel(state: AppState, panel: number): Step {
  if (!state.layout || !state.panels[panel]) return quiet(state);
  const focused = state.focused === panel ? neighbour(state.layout, panel) : state.focused;
  const panels = { ...state.panels };
  delete panels[panel];
  const next: AppState = {
    ...state,
    layout: removePanel(state.layout, panel),
    focused,
    panels,
    awake: state.awake.filter((one) => one !== panel),
    following: state.following?.panel === panel ? null : state.following,
    reading: state.reading === panel ? null : state.reading,
  };
  const closed = shownAll({ state: next, effects: closing(panel) });
  return remembered({ ...closed, effects: [...closed.effects, ...focusEffects(closed.state)] });
}

// Tabs.

export function showPanel(state: AppState, panel: number): Step {
  if (!state.layout || !state.panels[panel]) return quiet(state);
  const layout = showTab(state.layout, panel);
  const awake = state.awake.includes(panel)
    ? [...state.awake.filter((one) => one !== panel), panel]
    : state.awake;
  const shown = shownAll(quiet({ ...state, layout, awake, focused: panel }));
  return remembered({ ...shown, effects: [...shown.effects, { type: "focusEditor", panel }] });
}

export function nextTab(state: AppState, step: 1 | -1): Step {
  const { focused } = state;
  const tabs = focused === null ? [] : (stackOf(state.layout, focused)?.tabs ?? []);
  const at = focused === null ? -1 : tabs.indexOf(focused);
  const next = tabs.at((at + step + tabs.length) % Math.max(tabs.length, 1));
  return next === undefined || next === focused ? quiet(state) : showPanel(state, next);
}

/** One place further among the tabs of its stack. */
export function shiftTab(state: AppState, step: 1 | -1): Step {
  const { focused, layout } = state;
  if (!layout || focused === null) return quiet(state);
  const tabs = stackOf(layout, focused)?.tabs ?? [];
  const other = tabs[tabs.indexOf(focused) + step];
  if (other === undefined) return quiet(state);
  const [panel, before] = step === 1 ? [other, focused] : [focused, other];
  const moved = showTab(movePanel(layout, panel, before, "tab"), focused);
  return remembered(quiet({ ...state, layout: moved }));
}

export function focusStack(state: AppState, step: 1 | -1): Step {
  const { focused } = state;
  const stack = focused === null ? undefined : otherStack(state.layout, focused, step);
  return stack ? showPanel(state, stack.shown) : quiet(state);
}

export function moved(state: AppState, panel: number, target: number, side: Side): Step {
  if (!state.layout) return quiet(state);
  return placed(state, panel, movePanel(state.layout, panel, target, side));
}

export function movedToStack(state: AppState, panel: number, target: number): Step {
  if (!state.layout) return quiet(state);
  return placed(state, panel, moveToStack(state.layout, panel, target));
}

/** Into the next panel; where there is none, beside. */
export function movedToNextStack(state: AppState): Step {
  const { focused, layout } = state;
  if (focused === null || !layout) return quiet(state);
  const next = otherStack(layout, focused, 1);
  if (next && !next.tabs.includes(focused)) return movedToStack(state, focused, next.shown);
  return moved(state, focused, focused, "right");
}

function placed(state: AppState, panel: number, layout: Layout): Step {
  if (layout === state.layout) return quiet(state);
  const shown = shownAll(quiet({ ...state, layout: showTab(layout, panel), focused: panel }));
  return remembered({ ...shown, effects: [...shown.effects, { type: "focusEditor", panel }] });
}

/** A window of its own for what the panel shows. */
export function movedToWindow(state: AppState, panel: number, look: Look): Step {
  const open = state.panels[panel];
  if (!open || panelsIn(state.layout).length < 2) return quiet(state);
  const { document, root, folds, spot } = open;
  const tab = stopAt(state, panel, look) ?? { document, root, folds, spot };
  const opened: Effect = { type: "openWindow", memory: memoryOfTab(tab, state) };
  const closed = closePanel(state, panel);
  return { ...closed, effects: [opened, ...closed.effects] };
}

/** Another window on the same place. */
export function newWindow(state: AppState, look: Look): Step {
  const { focused } = state;
  const open = focusedPanel(state);
  const stop = focused === null ? null : stopAt(state, focused, look);
  const tab = stop ?? { ...NOWHERE, document: open?.document ?? "" };
  return sends(state, { type: "openWindow", memory: memoryOfTab(tab, state) });
}

// Back and forward.

export function travel(state: AppState, way: "back" | "forward", look: Look): Step {
  const { focused } = state;
  const open = focusedPanel(state);
  const stop = open?.[way].at(-1);
  if (focused === null || !open || !stop) return quiet(state);
  const here = stopAt(state, focused, look);
  const other = way === "back" ? "forward" : "back";
  const ways = {
    [way]: open[way].slice(0, -1),
    [other]: here ? [...open[other], here] : open[other],
  };
  const { document, root, folds, spot } = stop;
  const focus: Effect = { type: "focusEditor", panel: focused };
  if (document !== open.document || open.closed !== null || open.rows !== "shown") {
    const fresh = panelOn(state, { document, root, folds, spot });
    const trails = { back: open.back, forward: open.forward, ...ways };
    const panels = { ...state.panels, [focused]: { ...fresh, ...trails } };
    const shown = wake(quiet(visited({ ...state, panels }, document)), focused);
    return remembered({ ...shown, effects: [...shown.effects, focus] });
  }
  const zoomed = root !== open.root;
  const next = withPanel(state, focused, { ...ways, root, spot, travelling: zoomed });
  const back: Effect[] = spot ? [{ type: "returnTo", panel: focused, spot }] : [];
  if (!zoomed) return remembered(sends(next, ...back, focus));
  const zoom: Effect = { type: "zoomEditor", panel: focused, root };
  return remembered(sends(next, zoom, ...back, focus));
}

// Folds.

export function folded(
  state: AppState,
  { panel, line, folded: fold }: Extract<Happening, { type: "folded" }>,
): Step {
  const before = state.panels[panel]?.folds;
  if (!before) return quiet(state);
  const folds = line === null ? foldedAll(fold) : withFold(before, line, fold);
  return remembered(quiet(withPanel(state, panel, { folds })));
}
