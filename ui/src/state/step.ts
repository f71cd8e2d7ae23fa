// The one place where the interface's state changes: what happened gives a new state and effects.
// Pure; carries nothing out itself.

import type { Message } from "../bridge/generated/Message";
import type { NoticeLevel } from "../bridge/generated/NoticeLevel";
import type { AppState, Effect, Happening, Look } from "./app";
import { asksAgain, historyCame, showHistory } from "./history";
import { resizeSplit } from "./layout";
import * as panels from "./panels";
import {
  focusedPanel,
  focusEffects,
  quiet,
  remembered,
  sends,
  type Step,
  withPanel,
} from "./panels";
import { firstLayout } from "./restore";
import { isShown, readServer, type SettingChange, withChanges, withSetting } from "./settings";

/** More than these would cover the text. */
const NOTICES_MAX = 5;

/** `look`: where one is in a panel now. */
export function step(state: AppState, happening: Happening, look: Look = () => null): Step {
  switch (happening.type) {
    case "opened":
      return opened(state);
    case "lost":
      return quiet({ ...state, connection: { type: "lost", reason: happening.reason } });
    case "message":
      return received(state, happening.message, look);
    case "openDocument":
      return panels.openDocument(state, { ...happening, line: happening.line ?? null }, look);
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
    case "moveDocument": {
      const { document, folder } = happening;
      const command = { type: "moveDocument", document, folder } as const;
      return sends({ ...state, dialog: null }, { type: "send", command });
    }
    case "orderDocuments":
      return ordered(state, happening.order);
    case "nameDocument": {
      const { panel } = happening;
      const next = { ...withPanel(state, panel, { titled: true }), naming: panel };
      const zoomed = state.panels[panel]?.root ?? null;
      // The title stands above the whole document only.
      return zoomed === null ? quiet(next) : sends(next, { type: "zoomEditor", panel, root: null });
    }
    case "named":
      return quiet({ ...state, naming: null });
    case "splitPanel":
      return panels.split(state, happening.direction, look);
    case "closePanel":
      return panels.closePanel(state, happening.panel);
    case "focusPanel":
      return focusPanel(state, happening.panel);
    case "focusStack":
      return panels.focusStack(state, happening.step);
    case "showTab":
      return panels.showPanel(state, happening.panel);
    case "nextTab":
      return panels.nextTab(state, happening.step);
    case "shiftTab":
      return panels.shiftTab(state, happening.step);
    case "movePanel":
      return panels.moved(state, happening.panel, happening.target, happening.side);
    case "moveToStack":
      return panels.movedToStack(state, happening.panel, happening.target);
    case "moveToNextStack":
      return panels.movedToNextStack(state);
    case "moveToWindow":
      return panels.movedToWindow(state, happening.panel, look);
    case "resized": {
      const { key, sizes } = happening;
      const layout = state.layout && resizeSplit(state.layout, key, sizes);
      return remembered(quiet({ ...state, layout }));
    }
    case "goBack":
      return panels.travel(state, "back", look);
    case "goForward":
      return panels.travel(state, "forward", look);
    case "folded":
      return panels.folded(state, happening);
    case "focusEditor":
      return sends(state, ...focusEffects(state));
    case "zoom":
      return sends(state, { type: "zoomEditor", panel: happening.panel, root: happening.root });
    case "zoomOut":
      return zoomOut(state);
    case "selected":
      return quiet(withPanel(state, happening.panel, { selection: happening.report }));
    case "openWindow":
      return panels.newWindow(state, look);
    case "showDialog":
      return quiet({
        ...state,
        dialog: happening.dialog,
        search: { ...state.search, text: "", next: null, results: [], places: [] },
      });
    case "showHistory":
      return showHistory(state, happening.panel, happening.line);
    case "closeDialog":
      return sends({ ...state, dialog: null }, ...focusEffects(state));
    case "search":
      return search(state, happening);
    case "seekHeadings":
      return seekHeadings(state);
    case "toggleOutline": {
      const outline = state.outline ? null : { queryId: 0, document: "", headings: [] };
      return remembered(seekHeadings({ ...state, outline }));
    }
    case "toggleReading": {
      const reading = state.reading === null ? state.focused : null;
      return sends({ ...state, reading }, ...focusEffects(state));
    }
    case "toggleSidebar":
      return remembered(quiet({ ...state, sidebar: !state.sidebar }));
    case "toggleFolder": {
      const { path } = happening;
      const others = state.foldedFolders.filter((folder) => folder !== path);
      const folded = others.length < state.foldedFolders.length ? others : [...others, path];
      return remembered(quiet({ ...state, foldedFolders: folded }));
    }
    case "follow":
      return follow(state, happening);
    case "stopFollowing":
      return stopFollowing(state);
    case "learned":
      return learned(state, happening.lesson);
    case "setSetting":
      return set(state, happening);
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

function notify(state: AppState, level: NoticeLevel, text: string): AppState {
  const others = state.notices.filter((notice) => notice.text !== text);
  const notices = [...others, { id: state.nextNotice, level, text }].slice(-NOTICES_MAX);
  return { ...state, notices, nextNotice: state.nextNotice + 1 };
}

function focusPanel(state: AppState, panel: number): Step {
  if (state.focused === panel || !state.panels[panel]) return quiet(state);
  return remembered(seekHeadings({ ...state, focused: panel }));
}

// The connection.

function opened(state: AppState): Step {
  // What was asked of the connection before has no answer any more.
  const search = { ...state.search, asking: false, next: null };
  const next: AppState = { ...state, connection: { type: "connected" }, search };
  const hello: Effect = { type: "send", command: { type: "hello" } };
  return sends(next, hello, { type: "reconnectEditors" }, ...asksAgain(state));
}

function received(state: AppState, message: Message, look: Look): Step {
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
      return created(state, message.document, message.openIn, look);
    case "panelRows":
      return rowsCame(state, message, look);
    case "lineShown":
    case "spanRows":
    case "found":
    case "matches":
    case "filtered":
      return sends(state, { type: "deliver", message });
    case "panelPatch": {
      const shown = sends(state, { type: "deliver", message });
      const watched = state.outline && message.panel === state.focused;
      return watched ? { ...shown, effects: [...shown.effects, SEEK_SOON] } : shown;
    }
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
      return placesCame(state, message);
    case "lineHistory":
      return quiet(historyCame(state, message));
    case "followed":
      return followed(state, message, look);
    case "notice":
      return quiet(notify(state, message.level, message.text));
    case "settings":
      return quiet(settingsCame(state, message.settings));
  }
}

const SEEK_SOON: Effect = { type: "seekHeadingsSoon" };

function settingsCame(
  state: AppState,
  json: Extract<Message, { type: "settings" }>["settings"],
): AppState {
  const { settings, changes } = withChanges(json, state.settingChanges);
  return { ...state, settings, settingChanges: changes, server: readServer(json) };
}

/** What is set next may build on these before the core has answered. */
function set(state: AppState, ...made: readonly SettingChange[]): Step {
  const changes = made.filter(({ name }) => isShown(name));
  const settings = changes.reduce(
    (settings, { name, value }) => withSetting(settings, name, value),
    state.settings,
  );
  return sends(
    { ...state, settings, settingChanges: [...state.settingChanges, ...changes] },
    ...made.map(({ name, value }): Effect => ({
      type: "send",
      command: { type: "setSetting", name, value },
    })),
  );
}

function boot(state: AppState, message: Extract<Message, { type: "boot" }>): Step {
  const { linePrefix, firstNumber, numbers, user, documents, settings, status, version } = message;
  const known = { ...state, user, documents, status, version, statusCount: state.statusCount + 1 };
  const next = settingsCame({ ...known, settingChanges: [] }, settings);
  const take: Effect = {
    type: "takeNumbers",
    prefix: linePrefix,
    first: firstNumber,
    count: numbers,
    instead: false,
  };
  if (!state.wanted) return sends(next, take);
  const shown = firstLayout({ ...next, wanted: null }, state.wanted, settings);
  return { state: shown.state, effects: [take, ...shown.effects] };
}

function rowsCame(
  state: AppState,
  message: Extract<Message, { type: "panelRows" }>,
  look: Look,
): Step {
  const { panel, document, title, root, breadcrumb, rows } = message;
  const before = state.panels[panel];
  if (!before) return quiet(state);
  // Of a document that was left before its rows came.
  if (before.document !== document) return sends(state, { type: "deliver", message });
  const zoomed = before.root !== root;
  const stopped = zoomed && !before.travelling ? panels.leaving(state, panel, look) : state;
  const fresh = before.rows === "loading" || zoomed;
  // Somebody may be typing into it already.
  const wanted = state.naming === panel || (before.rows === "loading" && before.titled);
  const next = withPanel(stopped, panel, {
    document,
    title,
    root,
    breadcrumb,
    rows: "shown",
    closed: null,
    travelling: false,
    spot: null,
    titled: fresh ? wanted || !saysTitle(rows[0], title) : before.titled,
  });
  const shown = sends(next, { type: "deliver", message });
  const kept = zoomed ? remembered(shown) : shown;
  if (panel !== state.focused || !state.outline) return kept;
  return { ...kept, effects: [...kept.effects, SEEK_SOON] };
}

/** Whether a document begins with a heading that says its title, perhaps at more length. */
function saysTitle(
  row: { readonly kind: string; readonly text: string } | undefined,
  title: string,
): boolean {
  if (row?.kind !== "heading1" || title.trim() === "") return false;
  return row.text.trim().toLowerCase().startsWith(title.trim().toLowerCase());
}

// Documents.

function createDocument(state: AppState): Step {
  const openIn = state.focused ?? state.nextPanel;
  const command = { type: "createDocument", title: "", openIn } as const;
  return sends({ ...state, dialog: null }, { type: "send", command });
}

function created(state: AppState, document: string, openIn: number | null, look: Look): Step {
  if (openIn === null) return quiet(state);
  const open = { document, line: null, where: "here" } as const;
  const { state: next, effects } = panels.openDocument(state, open, look);
  const silent = effects.filter((effect) => effect.type !== "focusEditor");
  const { focused } = next;
  const named = focused === null ? next : withPanel(next, focused, { titled: true });
  return { state: { ...named, naming: focused }, effects: silent };
}

/** The order of documents by hand; choosing one is choosing to order by hand. */
function ordered(state: AppState, order: readonly string[]): Step {
  return set(state, { name: "documentOrder", value: [...order] }, { name: "order", value: "hand" });
}

/** To the parent of what is zoomed into. */
function zoomOut(state: AppState): Step {
  const open = focusedPanel(state);
  if (!open || state.focused === null || open.root === null) return quiet(state);
  const root = open.breadcrumb.at(-2)?.line ?? null;
  return sends(state, { type: "zoomEditor", panel: state.focused, root });
}

// Finding.

function search(state: AppState, { text, mode }: Extract<Happening, { type: "search" }>): Step {
  const { search: before } = state;
  const empty = text.trim() === "";
  if (mode === "commands" || (empty && mode === "everywhere")) {
    const none = { results: [], places: [], next: null };
    return quiet({ ...state, search: { ...before, ...none, text } });
  }
  if (before.asking) return quiet({ ...state, search: { ...before, text, next: { text, mode } } });
  const queryId = before.queryId + 1;
  const asked = { ...before, queryId, text, asking: true, next: null };
  const scope = mode === "headings" ? "headings" : "everything";
  const document = focusedPanel(state)?.document ?? null;
  const seek = { type: "seek", queryId, text, document, scope } as const;
  const effects: Effect[] = [{ type: "send", command: seek }];
  if (mode === "everywhere") {
    const command = { type: "search", queryId, text, document: null } as const;
    effects.push({ type: "send", command });
  }
  return sends({ ...state, search: asked }, ...effects);
}

function placesCame(state: AppState, message: Extract<Message, { type: "places" }>): Step {
  const { queryId, places } = message;
  const { outline, search: searched } = state;
  if (outline && queryId === outlineQuery(outline.queryId)) {
    return quiet({ ...state, outline: { ...outline, headings: places } });
  }
  if (queryId !== searched.queryId || !searched.asking) return quiet(state);
  const answered = { ...state, search: { ...searched, places, asking: false, next: null } };
  const { next } = searched;
  return next ? search(answered, { type: "search", ...next }) : quiet(answered);
}

/** The outline's questions have numbers that the palette's never reach. */
function outlineQuery(queryId: number): number {
  return 0x4000_0000 + queryId;
}

function seekHeadings(state: AppState): Step {
  const { outline } = state;
  const document = focusedPanel(state)?.document;
  if (!outline || document === undefined) return quiet(state);
  const queryId = outline.queryId + 1;
  const headings = outline.document === document ? outline.headings : [];
  const next = { ...state, outline: { queryId, document, headings } };
  const command = {
    type: "seek",
    queryId: outlineQuery(queryId),
    text: "",
    document,
    scope: "headings",
  } as const;
  return sends(next, { type: "send", command });
}

// Other people.

function follow(state: AppState, { person, panel }: Extract<Happening, { type: "follow" }>): Step {
  if (state.following?.person.id === person.id) return stopFollowing(state);
  const next = { ...state, following: { person, panel } };
  return sends(next, { type: "send", command: { type: "follow", person: person.id } });
}

function stopFollowing(state: AppState): Step {
  if (!state.following) return quiet(state);
  const command = { type: "follow", person: null } as const;
  return sends({ ...state, following: null }, { type: "send", command });
}

function followed(
  state: AppState,
  { person, document, root, caret }: Extract<Message, { type: "followed" }>,
  look: Look,
): Step {
  const { following } = state;
  const open = following && state.panels[following.panel];
  if (!following || following.person.id !== person.id || !open) return quiet(state);
  const { panel } = following;
  if (!state.documents.some((entry) => entry.id === document)) return quiet(state);
  if (open.document !== document) {
    const gone = panels.goIn(state, panel, document, caret.line, look);
    // Whoever follows in one panel may be writing in another.
    return { ...gone, effects: gone.effects.filter(({ type }) => type !== "focusEditor") };
  }
  const zoom: Effect[] = open.root === root ? [] : [{ type: "zoomEditor", panel, root }];
  return sends(state, ...zoom, { type: "showLine", panel, line: caret.line });
}

function learned(state: AppState, lesson: Extract<Happening, { type: "learned" }>["lesson"]): Step {
  if (state.settings.lessons.includes(lesson)) return quiet(state);
  const lessons = [...state.settings.lessons, lesson];
  const next = { ...state, settings: { ...state.settings, lessons } };
  return sends(next, { type: "send", command: { type: "learned", lesson } });
}
