// What happens to the state of the window.

import { beforeEach, expect, test } from "vitest";

import type { DocumentEntry } from "../src/bridge/generated/DocumentEntry";
import type { Message } from "../src/bridge/generated/Message";
import type { Row } from "../src/bridge/generated/Row";
import type { JsonValue } from "../src/bridge/generated/serde_json/JsonValue";
import {
  type AppState,
  type Effect,
  type Happening,
  initialState,
  type Wanted,
} from "../src/state/app";
import { documentsIn, filtered, foldersOf, folderTree, reordered } from "../src/state/documents";
import { addTab, layoutKey, newStack, panelsIn, splitPanel } from "../src/state/layout";
import { LineNumbers } from "../src/state/lineNumbers";
import { pieces } from "../src/state/search";
import { defaultSettings } from "../src/state/settings";
import type { Spot } from "../src/state/spot";
import { step } from "../src/state/step";

function entry(id: string, title = id, folder = "", updatedMs = 0): DocumentEntry {
  return { id, title, folder, updatedMs, group: null };
}

const SETTINGS = { theme: "dark", fontSize: 99, name: "Mira", server: { url: "wss://x" } };

function boot(documents: DocumentEntry[], more: Record<string, JsonValue>): Message {
  return {
    type: "boot",
    linePrefix: "line_r_",
    firstNumber: 7,
    numbers: 10,
    user: { id: "user_1", name: "Mira", color: 2 },
    documents,
    settings: { ...SETTINGS, ...more },
    status: { disk: { type: "ok" }, pendingDisk: 0, server: { type: "off" }, pendingServer: 0 },
    version: "0.1.0",
  };
}

type PanelRows = Extract<Message, { type: "panelRows" }>;

let state: AppState;
let effects: readonly Effect[];

function happen(...all: Happening[]): void {
  for (const happening of all) ({ state, effects } = step(state, happening, () => here));
}

const here: Spot = { caret: null, top: "line_top", above_px: 4 };

function start(
  documents: DocumentEntry[],
  wanted: Partial<Wanted> = {},
  settings: Record<string, JsonValue> = {},
): void {
  state = initialState({ window: "main", document: null, ...wanted });
  happen({ type: "opened" }, { type: "message", message: boot(documents, settings) });
}

function show(panel: number, document: string, more: Partial<PanelRows> = {}): void {
  const rows: PanelRows = {
    type: "panelRows",
    panel,
    revision: 1,
    ack: 0,
    document,
    title: document,
    root: null,
    breadcrumb: [],
    total: 0,
    first: 0,
    early: false,
    resumed: false,
    rows: [],
    ...more,
  };
  happen({ type: "message", message: rows });
}

function opened(): (string | undefined)[] {
  return panelsIn(state.layout).map((panel) => state.panels[panel]?.document);
}

beforeEach(() => start([entry("old", "Old", "", 1), entry("new", "New", "", 2)]));

test("the first start shows the document that was changed last", () => {
  expect(opened()).toEqual(["new"]);
  expect(effects.map((effect) => effect.type)).toContain("takeNumbers");
});

test("settings of a wrong form have their defaults", () => {
  expect(state.settings).toMatchObject({ theme: "dark", fontSize_px: 22, name: "Mira" });
  expect(state.server).toBe("wss://x");
});

test("a window opened for a document shows that one", () => {
  start([entry("a"), entry("b")], { document: "a" });
  expect(opened()).toEqual(["a"]);
});

test("tabs come back with their folds and places, without documents that are gone", () => {
  const tab = (document: string): JsonValue => ({
    document,
    root: "line_1",
    folds: { all: false, lines: ["line_2"] },
    spot: { caret: null, top: "line_9", above_px: 3 },
  });
  const layout = splitPanel(addTab(newStack(3), 3, 4), 4, 5, "horizontal");
  const memory = {
    layout: layout as unknown as JsonValue,
    tabs: { 3: tab("old"), 4: tab("gone"), 5: tab("old") },
    focused: 4,
    sidebar: false,
  };
  start([entry("old")], {}, { "window.main": memory });
  expect(opened()).toEqual(["old", "old"]);
  expect(state.panels[3]).toMatchObject({ root: "line_1", rows: "loading" });
  expect(state.panels[3]?.folds).toEqual({ all: false, lines: ["line_2"] });
  expect(state.panels[5]?.spot?.top).toBe("line_9");
  expect([state.focused, state.nextPanel, state.sidebar]).toEqual([3, 6, false]);
});

test("only tabs that are shown are opened; others wait until they are", () => {
  const tab = { document: "a", root: null, folds: null, spot: null };
  const layout = addTab(newStack(1), 1, 2) as unknown as JsonValue;
  start([entry("a")], {}, { "window.main": { layout, tabs: { 1: tab, 2: tab }, focused: 2 } });
  expect([state.panels[1]?.rows, state.panels[2]?.rows]).toEqual(["asleep", "loading"]);
  happen({ type: "nextTab", step: 1 });
  expect(state.panels[1]?.rows).toBe("loading");
  expect(effects.map(({ type }) => type)).toEqual(["openEditor", "focusEditor", "remember"]);
});

test("the first window opens the others again, and takes the place of one when it was closed", () => {
  const memory = { layout: newStack(1) as unknown as JsonValue, tabs: { 1: { document: "a" } } };
  const others = { "window.window-a": memory, "window.window-b": memory };
  start([entry("a")], {}, { "window.main": memory, ...others });
  const restored = (): unknown =>
    effects.flatMap((effect) => ("names" in effect ? [[effect.type, effect.names]] : []));
  expect(restored()).toEqual([
    ["forgetWindows", []],
    ["restoreWindows", ["window-a", "window-b"]],
  ]);
  start([entry("a")], {}, others);
  expect(opened()).toEqual(["a"]);
  expect(restored()).toEqual([
    ["forgetWindows", ["window-a"]],
    ["restoreWindows", ["window-b"]],
  ]);
  start([entry("a")], { window: "window-b" }, others);
  expect(restored()).toEqual([]);
});

test("a split shows the same document beside, and closing gives its place back", () => {
  happen({ type: "splitPanel", direction: "horizontal" });
  expect(opened()).toEqual(["new", "new"]);
  expect(state.focused).toBe(2);
  happen({ type: "closePanel", panel: 2 });
  expect(opened()).toEqual(["new"]);
  expect(state.focused).toBe(1);
  expect(effects.map((effect) => effect.type)).toContain("closeEditor");
  happen({ type: "closePanel", panel: 1 });
  expect(state.layout).toBeNull();
});

test("a new document opens where the focus is, and waits for its title", () => {
  happen({ type: "createDocument" });
  expect(effects).toEqual([
    { type: "send", command: { type: "createDocument", title: "", openIn: 1 } },
  ]);
  happen(
    { type: "message", message: { type: "documents", documents: [entry("made", "")] } },
    { type: "message", message: { type: "documentCreated", document: "made", openIn: 1 } },
  );
  expect(opened()).toEqual(["made"]);
  expect(state.naming).toBe(1);
});

test("a line of the document that is shown is only looked up", () => {
  happen({ type: "openDocument", document: "new", line: "line_5", where: "here" });
  expect(effects.map((effect) => effect.type)).toEqual(["revealLine", "focusEditor"]);
});

test("zooming out goes to the parent of what is zoomed into", () => {
  const breadcrumb = [
    { line: "line_1", text: "one" },
    { line: "line_2", text: "two" },
  ];
  show(1, "new", { root: "line_2", breadcrumb });
  happen({ type: "zoomOut" });
  expect(effects).toEqual([{ type: "zoomEditor", panel: 1, root: "line_1" }]);
});

test("back and forward go through documents, zooms and far jumps, each to its place", () => {
  show(1, "new");
  show(1, "new", { root: "line_1" });
  happen({ type: "openDocument", document: "old", where: "here" });
  show(1, "old");
  happen({ type: "openDocument", document: "old", line: "line_5", where: "here" });
  expect(state.panels[1]?.back).toHaveLength(3);

  happen({ type: "goBack" });
  expect(effects).toContainEqual({ type: "returnTo", panel: 1, spot: here });
  happen({ type: "goBack" });
  expect(effects).toContainEqual(
    expect.objectContaining({ type: "openEditor", document: "new", root: "line_1", spot: here }),
  );
  show(1, "new", { root: "line_1" });
  happen({ type: "goBack" });
  expect(effects).toContainEqual({ type: "zoomEditor", panel: 1, root: null });
  show(1, "new");
  happen({ type: "goBack" });
  expect(effects).toEqual([]);
  expect(state.panels[1]?.forward).toHaveLength(3);
  happen({ type: "goForward" });
  show(1, "new", { root: "line_1" });
  expect(state.panels[1]).toMatchObject({ root: "line_1", back: [{}], forward: [{}, {}] });
});

test("going back twice at once leaves nothing out on the way forward", () => {
  show(1, "new");
  show(1, "new", { root: "line_1" });
  happen({ type: "openDocument", document: "old", where: "here" });
  happen({ type: "goBack" }, { type: "goBack" });
  expect(state.panels[1]).toMatchObject({ document: "new", root: null, rows: "loading" });
  expect(state.panels[1]?.forward.map(({ document, root }) => [document, root])).toEqual([
    ["old", null],
    ["new", "line_1"],
  ]);
});

test("going somewhere new forgets the way forward", () => {
  show(1, "new");
  happen({ type: "openDocument", document: "old", where: "here" });
  show(1, "old");
  happen({ type: "goBack" });
  show(1, "new");
  show(1, "new", { root: "line_1" });
  expect(state.panels[1]?.forward).toEqual([]);
});

test("a document opens in a tab, beside and in a window of its own", () => {
  happen({ type: "openDocument", document: "old", where: "tab" });
  expect(layoutKey(state.layout ?? newStack(0))).toBe("1");
  happen({ type: "openDocument", document: "old", where: "beside" });
  expect(layoutKey(state.layout ?? newStack(0))).toBe("(1,2)");
  happen({ type: "openDocument", document: "old", where: "window" });
  expect(effects).toEqual([
    expect.objectContaining({
      type: "openWindow",
      memory: expect.objectContaining({
        tabs: { 1: expect.objectContaining({ document: "old" }) as unknown },
      }) as unknown,
    }),
  ]);
});

test("a tab goes to another window with its folds and its place", () => {
  happen({ type: "splitPanel", direction: "vertical" });
  show(2, "new");
  happen({ type: "folded", panel: 2, line: "line_3", folded: true });
  happen({ type: "moveToWindow", panel: 2 });
  expect(opened()).toEqual(["new"]);
  const [first] = effects;
  expect(first).toMatchObject({
    type: "openWindow",
    memory: { tabs: { 1: { spot: here, folds: { all: false, lines: ["line_3"] } } } },
  });
  happen({ type: "moveToWindow", panel: 1 });
  expect(effects, "the last tab stays").toEqual([]);
});

test("what is folded is known as the core wants it back", () => {
  const fold = (line: string | null, folded: boolean): void =>
    happen({ type: "folded", panel: 1, line, folded });
  fold("a", true);
  fold("b", true);
  fold("a", false);
  expect(state.panels[1]?.folds).toEqual({ all: false, lines: ["b"] });
  fold(null, true);
  fold("c", false);
  expect(state.panels[1]?.folds).toEqual({ all: true, lines: ["c"] });
});

test("many hidden tabs sleep, the longest hidden first", () => {
  for (let count = 0; count < 15; count++) {
    happen({ type: "openDocument", document: "old", where: "tab" });
  }
  const asleep = Object.entries(state.panels).filter(([, { rows }]) => rows === "asleep");
  expect(asleep.map(([panel]) => panel)).toEqual(["1", "2", "3"]);
});

test("the title is not shown above a heading that says the same", () => {
  const row: Row = {
    id: "line_1",
    parent: "",
    depth: 0,
    kind: "heading1",
    text: "new",
    hasChildren: false,
    folded: false,
    number: null,
    tags: [],
    properties: [],
    newerVersion: false,
  };
  show(1, "new", { rows: [row] });
  expect(state.panels[1]?.titled).toBe(false);
  happen({ type: "nameDocument", panel: 1 });
  expect(state.panels[1]?.titled).toBe(true);
  happen({ type: "named" });

  happen({ type: "openDocument", document: "old", where: "here" });
  happen({ type: "nameDocument", panel: 1 });
  expect(state.panels[1]?.titled, "before the rows have come").toBe(true);
  happen({ type: "named" });
  show(1, "old", { rows: [row], title: "new" });
  expect(state.panels[1]?.titled, "while it is typed").toBe(true);
});

test("who follows somebody is where they are, until they go their own way", () => {
  const person = { id: "user_2", name: "Ana", color: 1 };
  const caret = { line: "line_4", offset: 0, anchorLine: "line_4", anchorOffset: 0 };
  const at = (document: string, root: string | null): Happening => ({
    type: "message",
    message: { type: "followed", person, document, root, caret },
  });
  happen({ type: "follow", person, panel: 1 });
  expect(effects).toEqual([{ type: "send", command: { type: "follow", person: "user_2" } }]);
  happen(at("new", "line_1"));
  expect(effects).toEqual([
    { type: "zoomEditor", panel: 1, root: "line_1" },
    { type: "showLine", panel: 1, line: "line_4" },
  ]);
  happen(at("old", null));
  expect(opened()).toEqual(["old"]);
  happen({ type: "stopFollowing" });
  expect(effects).toEqual([{ type: "send", command: { type: "follow", person: null } }]);
  happen(at("new", null));
  expect(opened()).toEqual(["old"]);
});

test("a lesson is told once", () => {
  happen({ type: "learned", lesson: "fold" });
  expect(effects).toEqual([{ type: "send", command: { type: "learned", lesson: "fold" } }]);
  happen({ type: "learned", lesson: "fold" });
  expect(effects).toEqual([]);
});

test("documents are put in order by hand", () => {
  const tree = (): string[] => documentsIn(folderTree(state.documents, state.settings)).map(idOf);
  const idOf = ({ id }: DocumentEntry): string => id;
  expect(tree()).toEqual(["new", "old"]);
  happen({ type: "orderDocuments", order: reordered(tree(), "new", "old", "behind") });
  expect(tree()).toEqual(["old", "new"]);
  expect(foldersOf([entry("a", "a", "x/y"), entry("b", "b", "z")])).toEqual(["x", "x/y", "z"]);
});

test("one question is asked at a time, and the latest after it", () => {
  const asked = (): unknown => effects.map((effect) => "command" in effect && effect.command);
  const answer = (queryId: number): void =>
    happen({ type: "message", message: { type: "places", queryId, places: [] } });
  happen({ type: "search", text: "a", mode: "everywhere" });
  const seek = { type: "seek", queryId: 1, text: "a", document: "new", scope: "everything" };
  expect(asked()).toEqual([seek, { type: "search", queryId: 1, text: "a", document: null }]);
  happen({ type: "search", text: "ab", mode: "everywhere" });
  expect(asked()).toEqual([]);
  happen({ type: "search", text: "abc", mode: "everywhere" });
  answer(1);
  expect(asked()).toEqual([
    { ...seek, queryId: 2, text: "abc" },
    { type: "search", queryId: 2, text: "abc", document: null },
  ]);
  const result = { document: "new", title: "New", line: "l", text: "ab", matches: [] };
  happen({ type: "message", message: { type: "searchResults", queryId: 1, results: [result] } });
  expect(state.search.results).toEqual([]);
  happen({ type: "message", message: { type: "searchResults", queryId: 2, results: [result] } });
  expect(state.search.results).toEqual([result]);
  answer(2);
  expect(asked()).toEqual([]);
});

test("the same notice is shown once, and few at a time", () => {
  for (const text of ["a", "b", "a", "c", "d", "e", "f"]) {
    happen({ type: "message", message: { type: "notice", level: "warning", text } });
  }
  expect(state.notices.map((notice) => notice.text)).toEqual(["a", "c", "d", "e", "f"]);
});

test("after a break the panels are opened again", () => {
  happen({ type: "lost", reason: "gone" });
  expect(state.connection).toEqual({ type: "lost", reason: "gone" });
  happen({ type: "opened" });
  expect(effects).toEqual([
    { type: "send", command: { type: "hello" } },
    { type: "reconnectEditors" },
  ]);
});

test("who is here is named once, whatever the number of windows", () => {
  const person = { id: "user_2", name: "Ana", color: 1 };
  const caret = { line: "l", offset: 0, anchorLine: "l", anchorOffset: 0 };
  const carets = ["r/1", "r/2"].map((replica) => ({ person, replica, caret }));
  happen({ type: "message", message: { type: "carets", panel: 1, carets } });
  expect(state.panels[1]?.people).toEqual([person]);
});

test("documents stand in their folders, by name and number", () => {
  const tree = folderTree(
    [
      entry("b", "10. b", "x/y"),
      entry("a", "9. a", "x/y"),
      entry("c", "", ""),
      entry("d", "d", "x"),
    ],
    defaultSettings,
  );
  expect(tree.documents.map(({ id }) => id)).toEqual(["c"]);
  expect(tree.folders[0]?.folders[0]?.documents.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(tree.folders[0]?.documents.map(({ id }) => id)).toEqual(["d"]);
});

test("the filter finds letters in order, best first", () => {
  const all = [entry("a", "Meeting notes"), entry("b", "Notes"), entry("c", "Über uns")];
  expect(filtered(all, "notes").map(({ id }) => id)).toEqual(["b", "a"]);
  expect(filtered(all, "mtn").map(({ id }) => id)).toEqual(["a"]);
  expect(filtered(all, "uber").map(({ id }) => id)).toEqual(["c"]);
  expect(filtered(all, "zzz")).toEqual([]);
});

test("what matched is marked, offsets counting characters", () => {
  expect(pieces({ text: "a😀bc", matches: [[2, 3]] })).toEqual([
    { text: "a😀", matched: false },
    { text: "b", matched: true },
    { text: "c", matched: false },
  ]);
});

test("ids for new lines are given once, and asked for before they are gone", () => {
  let asked = 0;
  const numbers = new LineNumbers(() => asked++, 1);
  numbers.add("line_r_", 5, 2);
  expect([numbers.take(), asked, numbers.take()]).toEqual(["line_r_5", 1, "line_r_6"]);
  numbers.add("line_r_", 90, 2);
  expect(numbers.take()).toBe("line_r_90");
});

test("rows of a document that was left meanwhile change nothing", () => {
  show(1, "new");
  happen({ type: "openDocument", document: "old", where: "here" });
  show(1, "new", { root: "line_1" });
  expect(state.panels[1]).toMatchObject({ document: "old", root: null, rows: "loading" });
});

test("the history of a line is asked for, shown when it comes, and asked for again after a break", () => {
  start([entry("a")]);
  happen({ type: "showHistory", panel: 1, line: "line_1" });
  const asked = {
    type: "send",
    command: { type: "readLineHistory", panel: 1, queryId: 1, line: "line_1" },
  };
  expect(effects).toEqual([asked]);
  expect(state.dialog).toEqual({ type: "history" });
  happen({ type: "lost", reason: "gone" }, { type: "opened" });
  expect(effects).toContainEqual(asked);
  const author = { id: "user_1", name: "Mira", color: 2 };
  const versions = [{ timeMs: 5, author, kind: "text", turnedMs: null, text: "one" }];
  const answer = { type: "lineHistory", versions, isCut: false } as const;
  happen({ type: "message", message: { ...answer, queryId: 7 } });
  expect(state.history?.versions).toBe(null);
  happen({ type: "message", message: { ...answer, queryId: 1 } });
  expect(state.history?.versions).toEqual(versions);
  happen({ type: "lost", reason: "gone" }, { type: "opened" });
  expect(effects).not.toContainEqual(asked);
  happen({ type: "message", message: { ...answer, queryId: 1, versions: null } });
  expect(state.history?.versions).toBe("unknown");
});

test("a setting counts at once, so that the next one can build on it", () => {
  start([entry("a")], {}, { fontSize: 15, theme: "light" });
  happen({ type: "setSetting", name: "fontSize", value: 16 });
  expect(state.settings.fontSize_px).toBe(16);
  happen({ type: "setSetting", name: "theme", value: "dark" });
  happen({ type: "setSetting", name: "keys", value: { "line.new": ["Mod+J"] } });
  expect(state.settings).toMatchObject({
    fontSize_px: 16,
    theme: "dark",
    keys: { "line.new": ["Mod+J"] },
  });
  happen({ type: "setSetting", name: "window.main", value: {} });
  expect(Object.keys(state.settings)).not.toContain("window.main");
});

test("what the core says of an earlier change does not take back a later one", () => {
  start([entry("a")], {}, { fontSize: 15, theme: "light" });
  const keys = { "line.new": ["Mod+J"], "line.end": ["Mod+E"] };
  happen({ type: "setSetting", name: "fontSize", value: 16 });
  happen({ type: "setSetting", name: "keys", value: keys });
  happen({ type: "setSetting", name: "fontSize", value: 17 });
  const told = (settings: Record<string, JsonValue>): void => {
    happen({ type: "message", message: { type: "settings", settings } });
  };
  told({ fontSize: 15, theme: "dark" });
  expect(state.settings).toMatchObject({ fontSize_px: 17, theme: "dark", keys });
  told({ fontSize: 16, theme: "dark" });
  expect(state.settings).toMatchObject({ fontSize_px: 17, keys });
  told({ fontSize: 16, keys: { "line.end": ["Mod+E"], "line.new": ["Mod+J"] } });
  expect(state.settings.fontSize_px).toBe(17);
  told({ fontSize: 17, keys });
  expect(state.settings).toMatchObject({ fontSize_px: 17, keys });
  // Somebody else has the last word.
  told({ fontSize: 20 });
  expect(state.settings).toMatchObject({ fontSize_px: 20, keys: {} });
});
