// What a window shows first: what a link named, what it showed last, or the newest document. Pure.

import type { Message } from "../bridge/generated/Message";
import type { AppState, Effect, Wanted } from "./app";
import { type Layout, panelsIn, removePanel, shownPanels } from "./layout";
import { FIRST_WINDOW, type Memory, otherWindows, readMemory, surplusWindows } from "./memory";
import { focusEffects, openDocument, panelOn, quiet, shownAll, type Step } from "./panels";

type Settings = Extract<Message, { type: "boot" }>["settings"];

export function firstLayout(state: AppState, wanted: Wanted, settings: Settings): Step {
  const first = wanted.window === FIRST_WINDOW;
  const others = first ? otherWindows(settings, wanted.window) : [];
  const own = readMemory(settings, wanted.window);
  // When the first window was closed before the others, one of those takes its place.
  const heir = own ? null : (others[0] ?? null);
  const memory = own ?? (heir === null ? null : readMemory(settings, heir));
  const shown = show(memory ? withMemory(state, memory) : state, memory, wanted.document);
  if (!first) return shown;
  const surplus = surplusWindows(others);
  const gone = heir === null ? surplus : [...surplus, heir];
  const names = others.filter((name) => !gone.includes(name));
  const effects: Effect[] = [
    { type: "forgetWindows", names: gone },
    { type: "restoreWindows", names },
  ];
  return { ...shown, effects: [...shown.effects, ...effects] };
}

function withMemory(state: AppState, memory: Memory): AppState {
  const { sidebar, foldedFolders, recent } = memory;
  const outline = memory.outline ? { queryId: 0, document: "", headings: [] } : null;
  return { ...state, sidebar, foldedFolders, recent, outline };
}

function show(state: AppState, memory: Memory | null, document: string | null): Step {
  const exists = (id: string): boolean => state.documents.some((entry) => entry.id === id);
  const open = { line: null, where: "here" } as const;
  const look = (): null => null;
  if (document !== null && exists(document)) {
    return openDocument(state, { ...open, document }, look);
  }
  if (memory?.layout) {
    const gone = panelsIn(memory.layout).filter(
      (panel) => !exists(memory.tabs[panel]?.document ?? ""),
    );
    const layout = gone.reduce<Layout | null>(
      (left, panel) => left && removePanel(left, panel),
      memory.layout,
    );
    if (layout) return restore(state, layout, memory);
  }
  // A window whose panels were all closed stays as it was left.
  if (memory && memory.layout === null) return quiet(state);
  const newest = [...state.documents].sort((a, b) => b.updatedMs - a.updatedMs)[0];
  return newest ? openDocument(state, { ...open, document: newest.id }, look) : quiet(state);
}

function restore(state: AppState, layout: Layout, memory: Memory): Step {
  const all = panelsIn(layout);
  const seen = shownPanels(layout);
  const focused = seen.find((panel) => panel === memory.focused) ?? seen[0] ?? null;
  const panels = Object.fromEntries(
    all.flatMap((panel) => {
      const tab = memory.tabs[panel];
      return tab ? [[panel, panelOn(state, tab)]] : [];
    }),
  );
  const nextPanel = Math.max(0, ...all) + 1;
  const shown = shownAll(quiet({ ...state, layout, panels, focused, nextPanel }));
  return { ...shown, effects: [...shown.effects, ...focusEffects(shown.state)] };
}
