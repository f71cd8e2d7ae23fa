// The one place where the interface's state changes: what happened gives a new state and effects.
// Pure; carries nothing out itself.

import type { Message } from "../bridge/generated/Message";
import type { NoticeLevel } from "../bridge/generated/NoticeLevel";
import type { AppState, Effect, Happening, Memory, PanelState, Wanted, Where } from "./app";
import {
  type Direction,
  type Layout,
  neighbour,
  panelsIn,
  removePanel,
  splitPanel,
} from "./layout";
import { readServer, readSettings } from "./settings";

export interface Step {
  readonly state: AppState;
  readonly effects: readonly Effect[];
}

/** More than these would cover the text. */
const NOTICES_MAX = 5;

export function step(state: AppState, happening: Happening): Step {
  switch (happening.type) {
    case "opened":
      return opened(state);
    case "lost":
      return quiet({ ...state, connection: { type: "lost", reason: happening.reason } });
    case "message":
      return received(state, happening.message);
    case "openDocument":
      return openDocument(state, happening.document, happening.line ?? null, happening.where);
    case "createDocument":
      return createDocument(state);
    case "renameDocument": {
      const { document, title } = happening;
      return sends(state, { type: "send", command: { type: "renameDocument", document, title } });
    }
    case "deleteDocument": {
      const { document } = happening;
      const closed = { ...state, dialog: null };
      return sends(closed, { type: "send", command: { type: "deleteDocument", document } });
    }
    case "named":
      return quiet({ ...state, naming: null });
    case "splitPanel":
      return split(state, happening.direction);
    case "closePanel":
      return closePanel(state, happening.panel);
    case "focusPanel":
      return state.focused === happening.panel
        ? quiet(state)
        : remembered(quiet({ ...state, focused: happening.panel }));
    case "focusEditor":
      return sends(state, ...focusEffects(state));
    case "zoom":
      return sends(state, { type: "zoomEditor", panel: happening.panel, root: happening.root });
    case "zoomOut":
      return zoomOut(state);
    case "selected":
      return quiet(withPanel(state, happening.panel, { selection: happening.report }));
    case "openWindow":
      return sends(state, { type: "openWindow", document: focusedPanel(state)?.document ?? null });
    case "showDialog":
      return quiet({
        ...state,
        dialog: happening.dialog,
        search: { ...state.search, text: "", results: [] },
      });
    case "closeDialog":
      return sends({ ...state, dialog: null }, ...focusEffects(state));
    case "search":
      return search(state, happening);
    case "toggleSidebar":
      return remembered(quiet({ ...state, sidebar: !state.sidebar }));
    case "toggleFolder": {
      const { path } = happening;
      const others = state.foldedFolders.filter((folder) => folder !== path);
      const folded = others.length < state.foldedFolders.length ? others : [...others, path];
      return quiet({ ...state, foldedFolders: folded });
    }
    case "setSetting": {
      const { name, value } = happening;
      return sends(state, { type: "send", command: { type: "setSetting", name, value } });
    }
    case "setServer": {
      const { server } = happening;
      return sends(state, { type: "send", command: { type: "setServer", server } });
    }
    case "dismissNotice":
      return quiet({
        ...state,
        notices: state.notices.filter((notice) => notice.id !== happening.notice),
      });
    case "notify":
      return quiet(notify(state, happening.level, happening.text));
  }
}

export function focusedPanel(state: AppState): PanelState | undefined {
  return state.focused === null ? undefined : state.panels[state.focused];
}

function quiet(state: AppState): Step {
  return { state, effects: [] };
}

function sends(state: AppState, ...effects: Effect[]): Step {
  return { state, effects };
}

function focusEffects(state: AppState): Effect[] {
  return state.focused === null ? [] : [{ type: "focusEditor", panel: state.focused }];
}

function withPanel(state: AppState, panel: number, change: Partial<PanelState>): AppState {
  const before = state.panels[panel];
  if (!before) return state;
  return { ...state, panels: { ...state.panels, [panel]: { ...before, ...change } } };
}

function notify(state: AppState, level: NoticeLevel, text: string): AppState {
  const others = state.notices.filter((notice) => notice.text !== text);
  const notices = [...others, { id: state.nextNotice, level, text }].slice(-NOTICES_MAX);
  return { ...state, notices, nextNotice: state.nextNotice + 1 };
}

function remembered({ state, effects }: Step): Step {
  return { state, effects: [...effects, { type: "remember", memory: memoryOf(state) }] };
}

function memoryOf({ layout, panels, focused, sidebar }: AppState): Memory {
  const documents = Object.fromEntries(
    Object.entries(panels).map(([panel, { document, root }]) => [panel, { document, root }]),
  );
  return { layout, documents, focused, sidebar };
}

// The connection.

function opened(state: AppState): Step {
  const next: AppState = { ...state, connection: { type: "connected" } };
  const hello: Effect = { type: "send", command: { type: "hello" } };
  return sends(next, hello, { type: "reconnectEditors" });
}

function received(state: AppState, message: Message): Step {
  switch (message.type) {
    case "boot":
      return boot(state, message);
    case "lineNumbers": {
      const { linePrefix: prefix, firstNumber: first, numbers: count } = message;
      return sends(state, { type: "takeNumbers", prefix, first, count, instead: true });
    }
    case "documents":
      return quiet({ ...state, documents: message.documents });
    case "documentCreated":
      return created(state, message.document, message.openIn);
    case "panelRows": {
      const { panel, document, title, root, breadcrumb } = message;
      const zoomed = state.panels[panel]?.root !== root;
      const next = withPanel(state, panel, {
        document,
        title,
        root,
        breadcrumb,
        rows: "shown",
        closed: null,
      });
      const shown = sends(next, { type: "deliver", message });
      return zoomed ? remembered(shown) : shown;
    }
    case "panelPatch":
      return sends(state, { type: "deliver", message });
    case "carets": {
      const people = message.carets.map((caret) => caret.person);
      const distinct = [...new Map(people.map((person) => [person.id, person])).values()];
      const next = withPanel(state, message.panel, { people: distinct });
      return sends(next, { type: "deliver", message });
    }
    case "panelClosed":
      return quiet(withPanel(state, message.panel, { closed: message.reason }));
    case "panelTitle": {
      const { panel, title, breadcrumb } = message;
      return quiet(withPanel(state, panel, { title, breadcrumb }));
    }
    case "status":
      return quiet({ ...state, status: message.status, statusCount: state.statusCount + 1 });
    case "searchResults":
      return message.queryId === state.search.queryId
        ? quiet({ ...state, search: { ...state.search, results: message.results } })
        : quiet(state);
    case "places":
    case "followed":
      return quiet(state);
    case "notice":
      return quiet(notify(state, message.level, message.text));
    case "settings":
      return quiet(withSettings(state, message.settings));
  }
}

function withSettings(
  state: AppState,
  json: Extract<Message, { type: "settings" }>["settings"],
): AppState {
  return { ...state, settings: readSettings(json), server: readServer(json) };
}

function boot(state: AppState, message: Extract<Message, { type: "boot" }>): Step {
  const { linePrefix, firstNumber, numbers, user, documents, settings, status, version } = message;
  const known = { ...state, user, documents, status, version, statusCount: state.statusCount + 1 };
  const next = withSettings(known, settings);
  const take: Effect = {
    type: "takeNumbers",
    prefix: linePrefix,
    first: firstNumber,
    count: numbers,
    instead: false,
  };
  if (!state.wanted) return sends(next, take);
  const { state: shown, effects } = firstLayout({ ...next, wanted: null }, state.wanted);
  return { state: shown, effects: [take, ...effects] };
}

/** What a window shows first: what it was opened for, what it showed last, or the newest document. */
function firstLayout(state: AppState, { document, memory }: Wanted): Step {
  const exists = (id: string): boolean => state.documents.some((entry) => entry.id === id);
  if (document !== null && exists(document)) return openDocument(state, document, null, "here");
  if (memory?.layout) {
    const gone = panelsIn(memory.layout).filter(
      (panel) => !exists(memory.documents[panel]?.document ?? ""),
    );
    const layout = gone.reduce<Layout | null>(
      (left, panel) => left && removePanel(left, panel),
      memory.layout,
    );
    if (layout) return restore(state, layout, memory);
  }
  const newest = [...state.documents].sort((a, b) => b.updatedMs - a.updatedMs)[0];
  return newest ? openDocument(state, newest.id, null, "here") : quiet(state);
}

function restore(state: AppState, layout: Layout, memory: Memory): Step {
  const all = panelsIn(layout);
  const focused = all.find((panel) => panel === memory.focused) ?? all[0] ?? null;
  const start: Step = {
    state: { ...state, layout, focused, nextPanel: Math.max(0, ...all) + 1 },
    effects: [],
  };
  const opened = all.reduce((step, panel) => {
    const { document = "", root = null } = memory.documents[panel] ?? {};
    return showIn(step, panel, document, root, null);
  }, start);
  return { ...opened, effects: [...opened.effects, ...focusEffects(opened.state)] };
}

// Documents and panels.

function showIn(
  { state, effects }: Step,
  panel: number,
  document: string,
  root: string | null,
  line: string | null,
): Step {
  const title = state.documents.find((entry) => entry.id === document)?.title ?? "";
  const shown: PanelState = {
    document,
    title,
    root,
    breadcrumb: [],
    people: [],
    rows: "loading",
    closed: null,
    selection: null,
  };
  return {
    state: { ...state, panels: { ...state.panels, [panel]: shown } },
    effects: [...effects, { type: "openEditor", panel, document, root, line }],
  };
}

function openDocument(state: AppState, document: string, line: string | null, where: Where): Step {
  if (where === "window")
    return sends({ ...state, dialog: null }, { type: "openWindow", document });
  const open = focusedPanel(state);
  const { focused } = state;
  const closed: AppState = { ...state, dialog: null };
  if (focused === null || where === "beside") {
    return newPanel(closed, "horizontal", document, null, line);
  }
  if (open?.document === document && open.closed === null && line !== null) {
    const focus: Effect = { type: "focusEditor", panel: focused };
    return sends(closed, { type: "revealLine", panel: focused, line }, focus);
  }
  const shown = showIn(quiet(closed), focused, document, null, line);
  return remembered({ ...shown, effects: [...shown.effects, ...focusEffects(closed)] });
}

function newPanel(
  state: AppState,
  direction: Direction,
  document: string,
  root: string | null,
  line: string | null,
): Step {
  const panel = state.nextPanel;
  const leaf: Layout = { type: "panel", panel };
  const layout =
    state.layout && state.focused !== null
      ? splitPanel(state.layout, state.focused, panel, direction)
      : leaf;
  const next = { ...state, layout, focused: panel, nextPanel: panel + 1 };
  const shown = showIn(quiet(next), panel, document, root, line);
  return remembered({ ...shown, effects: [...shown.effects, { type: "focusEditor", panel }] });
}

function split(state: AppState, direction: Direction): Step {
  const open = focusedPanel(state);
  return open ? newPanel(state, direction, open.document, open.root, null) : quiet(state);
}

function closePanel(state: AppState, panel: number): Step {
  if (!state.layout || !state.panels[panel]) return quiet(state);
  const layout = removePanel(state.layout, panel);
  const focused = state.focused === panel ? neighbour(state.layout, panel) : state.focused;
  const panels = { ...state.panels };
  delete panels[panel];
  const next = { ...state, layout, focused, panels };
  const effects: Effect[] = [
    { type: "closeEditor", panel },
    { type: "send", command: { type: "closePanel", panel } },
  ];
  return remembered({ state: next, effects: [...effects, ...focusEffects(next)] });
}

function createDocument(state: AppState): Step {
  const openIn = state.focused ?? state.nextPanel;
  const command = { type: "createDocument", title: "", openIn } as const;
  return sends({ ...state, dialog: null }, { type: "send", command });
}

function created(state: AppState, document: string, openIn: number | null): Step {
  if (openIn === null) return quiet(state);
  const { state: next, effects } = openDocument(state, document, null, "here");
  const silent = effects.filter((effect) => effect.type !== "focusEditor");
  return { state: { ...next, naming: next.focused }, effects: silent };
}

/** To the parent of what is zoomed into. */
function zoomOut(state: AppState): Step {
  const open = focusedPanel(state);
  if (!open || state.focused === null || open.root === null) return quiet(state);
  const root = open.breadcrumb.at(-2)?.line ?? null;
  return sends(state, { type: "zoomEditor", panel: state.focused, root });
}

function search(state: AppState, { text, mode }: Extract<Happening, { type: "search" }>): Step {
  const queryId = state.search.queryId + 1;
  const document = mode === "document" ? (focusedPanel(state)?.document ?? null) : null;
  if (text.trim() === "") return quiet({ ...state, search: { queryId, text, results: [] } });
  const next = { ...state, search: { ...state.search, queryId, text } };
  return sends(next, { type: "send", command: { type: "search", queryId, text, document } });
}
