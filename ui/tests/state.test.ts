// What happens to the state of the window.

import { beforeEach, expect, test } from "vitest";

import type { DocumentEntry } from "../src/bridge/generated/DocumentEntry";
import type { Message } from "../src/bridge/generated/Message";
import { type AppState, type Effect, type Happening, initialState } from "../src/state/app";
import { filtered, folderTree } from "../src/state/documents";
import { layoutKey, panelsIn, removePanel, splitPanel } from "../src/state/layout";
import { LineNumbers } from "../src/state/lineNumbers";
import { pieces } from "../src/state/search";
import { step } from "../src/state/step";

function entry(id: string, title = id, folder = "", updatedMs = 0): DocumentEntry {
  return { id, title, folder, updatedMs, group: null };
}

function boot(documents: DocumentEntry[]): Message {
  return {
    type: "boot",
    linePrefix: "line_r_",
    firstNumber: 7,
    numbers: 10,
    user: { id: "user_1", name: "Mira", color: 2 },
    documents,
    settings: { theme: "dark", fontSize: 99, name: "Mira", server: { url: "wss://x" } },
    status: { disk: { type: "ok" }, pendingDisk: 0, server: { type: "off" }, pendingServer: 0 },
    version: "0.1.0",
  };
}

let state: AppState;
let effects: readonly Effect[];

function happen(...all: Happening[]): void {
  for (const happening of all) ({ state, effects } = step(state, happening));
}

function start(documents: DocumentEntry[], wanted = {}): void {
  state = initialState({ memory: null, document: null, ...wanted });
  happen({ type: "opened" }, { type: "message", message: boot(documents) });
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

test("the layout comes back without documents that are gone", () => {
  const memory = {
    layout: splitPanel({ type: "panel", panel: 3 }, 3, 4, "horizontal"),
    documents: { 3: { document: "gone", root: null }, 4: { document: "old", root: "line_1" } },
    focused: 3,
    sidebar: false,
  };
  start([entry("old")], { memory });
  expect(opened()).toEqual(["old"]);
  expect(state.panels[4]?.root).toBe("line_1");
  expect(state.focused).toBe(4);
  expect(state.nextPanel).toBe(5);
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
  happen({
    type: "message",
    message: {
      type: "panelRows",
      panel: 1,
      revision: 1,
      ack: 0,
      document: "new",
      title: "New",
      root: "line_2",
      breadcrumb,
      rows: [],
    },
  });
  happen({ type: "zoomOut" });
  expect(effects).toEqual([{ type: "zoomEditor", panel: 1, root: "line_1" }]);
});

test("answers to an older search are not shown", () => {
  happen({ type: "search", text: "a", mode: "everywhere" });
  happen({ type: "search", text: "ab", mode: "document" });
  expect(effects).toEqual([
    { type: "send", command: { type: "search", queryId: 2, text: "ab", document: "new" } },
  ]);
  const result = { document: "new", title: "New", line: "l", text: "ab", matches: [] };
  happen({ type: "message", message: { type: "searchResults", queryId: 1, results: [result] } });
  expect(state.search.results).toEqual([]);
  happen({ type: "message", message: { type: "searchResults", queryId: 2, results: [result] } });
  expect(state.search.results).toEqual([result]);
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

test("splits of one direction lie side by side, others inside each other", () => {
  const row = splitPanel({ type: "panel", panel: 1 }, 1, 2, "horizontal");
  expect(layoutKey(splitPanel(row, 1, 3, "horizontal"))).toBe("(1,3,2)");
  const nested = splitPanel(row, 2, 3, "vertical");
  expect(layoutKey(nested)).toBe("(1,(2,3))");
  const left = removePanel(nested, 2);
  expect(left && layoutKey(left)).toBe("(1,3)");
});

test("documents stand in their folders, by name and number", () => {
  const tree = folderTree([
    entry("b", "10. b", "x/y"),
    entry("a", "9. a", "x/y"),
    entry("c", "", ""),
    entry("d", "d", "x"),
  ]);
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
