// Commands of the window: where to go, tabs and panels, documents, settings.

import type { PaletteMode, SettingsPage } from "../state/app";
import { FONT_SIZE_MAX_PX, FONT_SIZE_MIN_PX } from "../state/settings";
import type { App } from "../state/store.svelte";
import { onWindow, type UserCommand, type WindowRun } from "./command";

const line = onWindow("line");
const outline = onWindow("outline");
const go = onWindow("go");
const documents = onWindow("document");
const tab = onWindow("tab");
const view = onWindow("view");
const tideline = onWindow("tideline");

function palette(mode: PaletteMode): WindowRun {
  return (app) => app.happen({ type: "showDialog", dialog: { type: "palette", mode } });
}

function settings(page: SettingsPage): WindowRun {
  return (app) => app.happen({ type: "showDialog", dialog: { type: "settings", page } });
}

function withFocused(run: (app: App, panel: number, document: string) => void): WindowRun {
  return (app) => {
    const { focused, panels } = app.state;
    const document = focused === null ? undefined : panels[focused]?.document;
    if (focused !== null && document !== undefined) run(app, focused, document);
  };
}

/** Gives the focus to the first of these that is there, at once or as soon as they are shown. */
function focusOn(...selectors: readonly string[]): void {
  const focus = (): boolean => {
    const found = selectors.map((selector) => document.querySelector<HTMLElement>(selector));
    const first = found.find((element) => element !== null);
    first?.focus();
    return first !== undefined;
  };
  if (!focus()) requestAnimationFrame(focus);
}

const GO: readonly UserCommand[] = [
  go("go.to", ["Mod+P"], palette("everywhere")),
  go("go.heading", ["Mod+Shift+O"], palette("headings")),
  go("go.search", ["Mod+Shift+F"], palette("everywhere")),
  go("go.back", ["Mod+[", "Alt+Shift+ArrowLeft"], (app) => app.happen({ type: "goBack" })),
  go("go.forward", ["Mod+]", "Alt+Shift+ArrowRight"], (app) => app.happen({ type: "goForward" })),
  go("go.sidebar", ["Alt+1"], (app) => {
    if (!app.state.sidebar) app.happen({ type: "toggleSidebar" });
    focusOn("aside [aria-current=page]", "aside .filter input");
  }),
  go("go.outline", ["Alt+2"], (app) => {
    if (!app.state.outline) app.happen({ type: "toggleOutline" });
    focusOn("[data-outline] .heading", "[data-outline] button");
  }),
];

const DOCUMENTS: readonly UserCommand[] = [
  documents("document.new", ["Alt+N"], (app) => app.happen({ type: "createDocument" })),
  documents(
    "document.rename",
    ["F2"],
    withFocused((app, panel) => app.happen({ type: "nameDocument", panel })),
  ),
  documents(
    "document.folder",
    [],
    withFocused((app, _panel, document) =>
      app.happen({ type: "showDialog", dialog: { type: "folder", document } }),
    ),
  ),
  documents(
    "document.delete",
    [],
    withFocused((app, _panel, document) =>
      app.happen({ type: "showDialog", dialog: { type: "delete", document } }),
    ),
  ),
];

const TABS: readonly UserCommand[] = [
  tab("tab.new", ["Mod+T", "Alt+T"], (app) => {
    const dialog = { type: "palette", mode: "everywhere", where: "tab" } as const;
    app.happen({ type: "showDialog", dialog });
  }),
  tab("tab.next", ["Mod+PageDown", "Alt+PageDown"], (app) =>
    app.happen({ type: "nextTab", step: 1 }),
  ),
  tab("tab.previous", ["Mod+PageUp", "Alt+PageUp"], (app) =>
    app.happen({ type: "nextTab", step: -1 }),
  ),
  tab("tab.right", ["Alt+Shift+PageDown"], (app) => app.happen({ type: "shiftTab", step: 1 })),
  tab("tab.left", ["Alt+Shift+PageUp"], (app) => app.happen({ type: "shiftTab", step: -1 })),
  tab("tab.panel", ["Alt+Shift+M"], (app) => app.happen({ type: "moveToNextStack" })),
  tab(
    "tab.splitRight",
    [],
    withFocused((app, panel) =>
      app.happen({ type: "movePanel", panel, target: panel, side: "right" }),
    ),
  ),
  tab(
    "tab.splitDown",
    [],
    withFocused((app, panel) =>
      app.happen({ type: "movePanel", panel, target: panel, side: "below" }),
    ),
  ),
  tab(
    "tab.window",
    ["Alt+Shift+N"],
    withFocused((app, panel) => app.happen({ type: "moveToWindow", panel })),
  ),
];

function resize(by: number): WindowRun {
  return (app) => {
    const size = app.state.settings.fontSize_px + by;
    const value = Math.min(Math.max(size, FONT_SIZE_MIN_PX), FONT_SIZE_MAX_PX);
    app.happen({ type: "setSetting", name: "fontSize", value });
  };
}

const VIEW: readonly UserCommand[] = [
  view("view.splitRight", ["Mod+\\"], (app) =>
    app.happen({ type: "splitPanel", direction: "horizontal" }),
  ),
  view("view.splitDown", ["Mod+Shift+\\"], (app) =>
    app.happen({ type: "splitPanel", direction: "vertical" }),
  ),
  view(
    "view.close",
    ["Alt+W", "Mod+W"],
    withFocused((app, panel) => app.happen({ type: "closePanel", panel })),
  ),
  view("view.nextPanel", ["F6"], (app) => app.happen({ type: "focusStack", step: 1 })),
  view("view.previousPanel", ["Shift+F6"], (app) => app.happen({ type: "focusStack", step: -1 })),
  view("view.sidebar", ["Mod+B"], (app) => {
    // With a selection the key is for bold text.
    if (app.focusedEditor?.hasSelection !== true) app.happen({ type: "toggleSidebar" });
  }),
  view("view.outline", ["Mod+Alt+O"], (app) => app.happen({ type: "toggleOutline" })),
  view("view.reading", ["F9"], (app) => app.happen({ type: "toggleReading" })),
  view("view.larger", ["Mod+="], resize(1)),
  view("view.smaller", ["Mod+-"], resize(-1)),
  view(
    "view.follow",
    [],
    withFocused((app, panel) => {
      const people = app.state.panels[panel]?.people ?? [];
      const at = people.findIndex(({ id }) => id === app.state.following?.person.id);
      const person = people[at + 1];
      app.happen(person ? { type: "follow", person, panel } : { type: "stopFollowing" });
    }),
  ),
  view("view.window", ["Mod+Shift+N"], (app) => app.happen({ type: "openWindow" })),
];

/** Of the line where the caret is. */
const history: WindowRun = (app) => {
  const { focused } = app.state;
  const editor = app.focusedEditor;
  const row = editor?.row();
  if (focused === null || !editor || !row) return;
  editor.settle();
  app.happen({ type: "showHistory", panel: focused, line: row.id });
};

export const WINDOW: readonly UserCommand[] = [
  line("line.history", ["Mod+H"], history),
  outline("outline.zoomOut", ["Alt+ArrowLeft"], (app) => app.happen({ type: "zoomOut" })),
  ...GO,
  ...DOCUMENTS,
  ...TABS,
  ...VIEW,
  tideline("tideline.palette", ["Mod+K", "Mod+Shift+P"], palette("commands")),
  tideline("tideline.settings", ["Mod+,"], settings("looks")),
  tideline("tideline.keys", [], settings("keys")),
  tideline("tideline.status", [], (app) =>
    app.happen({ type: "showDialog", dialog: { type: "status" } }),
  ),
];
