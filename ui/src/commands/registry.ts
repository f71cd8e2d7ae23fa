// Every command of the interface: its title, its keys, what it does. The palette lists them, the
// keymaps come from here; nothing else names a key.

import { addCursorAbove, addCursorBelow, simplifySelection } from "@codemirror/commands";
import { findNext, findPrevious, selectNextOccurrence } from "@codemirror/search";
import type { Command } from "@codemirror/view";

import * as editing from "../editor/editing";
import { makeLink, toggleFormat } from "../editor/format";
import * as gestures from "../editor/gestures";
import type { Format } from "../editor/inline";
import { KIND_TITLES } from "../editor/kinds";
import type { PanelEditor } from "../editor/panelEditor";
import type { App } from "../state/store.svelte";

export type Group =
  "Line" | "Text" | "Turn into" | "Outline" | "View" | "Go" | "Document" | "Tideline";

interface Named {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  readonly keys: readonly string[];
}

/** `editor` commands work on the panel that has the focus, and their keys only inside it. */
export type UserCommand =
  | (Named & { readonly scope: "window"; readonly run: (app: App) => void })
  | (Named & {
      readonly scope: "editor";
      /** False lets the key go on to the editor itself. */
      readonly run: (editor: PanelEditor) => boolean;
    });

type EditorRun = (editor: PanelEditor) => boolean;
type WindowRun = (app: App) => void;

function onEditor(group: Group) {
  return (id: string, title: string, keys: readonly string[], run: EditorRun): UserCommand => ({
    id,
    title,
    group,
    keys,
    scope: "editor",
    run,
  });
}

function onWindow(group: Group) {
  return (id: string, title: string, keys: readonly string[], run: WindowRun): UserCommand => ({
    id,
    title,
    group,
    keys,
    scope: "window",
    run,
  });
}

const line = onEditor("Line");
const outline = onEditor("Outline");
const view = onWindow("View");
const go = onWindow("Go");
const documents = onWindow("Document");
const tideline = onWindow("Tideline");

const UP = ["Alt+ArrowUp", "Alt+Shift+ArrowUp"];
const DOWN = ["Alt+ArrowDown", "Alt+Shift+ArrowDown"];

const LINE: readonly UserCommand[] = [
  line("line.new", "New line", ["Enter"], editing.enter),
  line("line.indent", "Indent", ["Tab"], editing.tab),
  line("line.outdent", "Outdent", ["Shift+Tab"], editing.backTab),
  line("line.up", "Move up", UP, (editor) => editor.gesture(gestures.moveUp, "move.line")),
  line("line.down", "Move down", DOWN, (editor) => editor.gesture(gestures.moveDown, "move.line")),
  line("line.complete", "Complete, or make a to-do", ["Mod+Enter"], (editor) =>
    editor.gesture(gestures.cycleTodo),
  ),
  line("line.delete", "Delete line", ["Mod+Shift+K"], (editor) =>
    editor.gesture(gestures.deleteLines, "delete.line"),
  ),
  line("line.undo", "Undo", ["Mod+Z"], (editor) => editor.history("undo")),
  line("line.redo", "Redo", ["Mod+Shift+Z", "Mod+Y"], (editor) => editor.history("redo")),
  line("line.select", "Select more", ["Mod+A"], editing.growSelection),
];

const KIND_KEYS: Readonly<Record<string, string>> = {
  text: "Mod+Alt+0",
  heading1: "Mod+Alt+1",
  heading2: "Mod+Alt+2",
  heading3: "Mod+Alt+3",
  todo: "Mod+Alt+4",
  bullet: "Mod+Alt+5",
  numbered: "Mod+Alt+6",
  quote: "Mod+Alt+7",
  code: "Mod+Alt+8",
};

const KINDS: readonly UserCommand[] = Object.entries(KIND_TITLES).map(([kind, title]) =>
  onEditor("Turn into")(`kind.${kind}`, title, [KIND_KEYS[kind] ?? []].flat(), (editor) =>
    editor.gesture((planner, range) => gestures.setKind(planner, range, kind)),
  ),
);

const OUTLINE: readonly UserCommand[] = [
  outline("outline.fold", "Fold", ["Mod+ArrowUp"], (editor) => editor.fold()),
  outline("outline.unfold", "Unfold", ["Mod+ArrowDown"], (editor) => editor.unfold()),
  outline("outline.foldAll", "Fold everything", [], (editor) => editor.foldAll(true)),
  outline("outline.unfoldAll", "Unfold everything", [], (editor) => editor.foldAll(false)),
  outline("outline.zoomIn", "Zoom into line", ["Alt+ArrowRight"], (editor) => editor.zoomIn()),
];

const WINDOW: readonly UserCommand[] = [
  onWindow("Outline")("outline.zoomOut", "Zoom out", ["Alt+ArrowLeft"], (app) =>
    app.happen({ type: "zoomOut" }),
  ),
  go("go.to", "Go to document or line…", ["Mod+P"], (app) => palette(app, "everywhere")),
  go("go.search", "Search everywhere…", ["Mod+Shift+F"], (app) => palette(app, "everywhere")),
  go("go.find", "Find and replace", ["Mod+F"], (app) => {
    if (app.focusedEditor) app.focusedEditor.find();
    else palette(app, "everywhere");
  }),
  documents("document.new", "New document", ["Alt+N"], (app) =>
    app.happen({ type: "createDocument" }),
  ),
  documents("document.delete", "Move document to the bin…", [], (app) => {
    const { focused, panels } = app.state;
    const document = focused === null ? undefined : panels[focused]?.document;
    if (document) app.happen({ type: "showDialog", dialog: { type: "delete", document } });
  }),
  view("view.splitRight", "Split panel", ["Mod+\\"], (app) =>
    app.happen({ type: "splitPanel", direction: "horizontal" }),
  ),
  view("view.splitDown", "Split panel downwards", ["Mod+Shift+\\"], (app) =>
    app.happen({ type: "splitPanel", direction: "vertical" }),
  ),
  view("view.close", "Close panel", ["Alt+W"], (app) => {
    if (app.state.focused !== null) app.happen({ type: "closePanel", panel: app.state.focused });
  }),
  view("view.sidebar", "Show or hide the sidebar", ["Mod+B"], (app) => {
    // With a selection the key is for bold text.
    if (app.focusedEditor?.hasSelection !== true) app.happen({ type: "toggleSidebar" });
  }),
  view("view.window", "New window", ["Mod+Shift+N"], (app) => app.happen({ type: "openWindow" })),
  tideline("tideline.palette", "Command palette…", ["Mod+K", "Mod+Shift+P"], (app) =>
    palette(app, "commands"),
  ),
  tideline("tideline.settings", "Settings…", ["Mod+,"], (app) =>
    app.happen({ type: "showDialog", dialog: { type: "settings" } }),
  ),
  tideline("tideline.status", "What is saved where…", [], (app) =>
    app.happen({ type: "showDialog", dialog: { type: "status" } }),
  ),
];

const text = onEditor("Text");

/** Without a selection the key of bold text is for the sidebar. */
const bold: EditorRun = (editor) => editor.hasSelection && toggleFormat(editor, "bold");
const format = (name: Format) => (editor: PanelEditor) => toggleFormat(editor, name);
const native = (run: Command) => (editor: PanelEditor) => run(editor.view);

const EDITING: readonly UserCommand[] = [
  line("line.duplicate", "Duplicate line", ["Mod+Shift+D"], (editor) =>
    editor.gesture(gestures.duplicate, "input.copy"),
  ),
  line("line.todoState", "Next state of a to-do", ["Mod+Shift+Enter"], (editor) =>
    editor.gesture(gestures.nextTodo),
  ),
  text("text.bold", "Bold", ["Mod+B"], bold),
  text("text.italic", "Italic", ["Mod+I"], format("italic")),
  text("text.strike", "Strike through", ["Mod+Shift+X"], format("strike")),
  text("text.highlight", "Highlight", ["Mod+Shift+H"], format("highlight")),
  text("text.code", "Code in a line", ["Mod+E"], format("code")),
  text("text.link", "Link", ["Mod+Shift+L"], makeLink),
  text("text.openLink", "Open link", ["Alt+Enter"], (editor) => editor.openLinkHere()),
  text("text.caretAbove", "Add a caret above", ["Mod+Alt+ArrowUp"], native(addCursorAbove)),
  text("text.caretBelow", "Add a caret below", ["Mod+Alt+ArrowDown"], native(addCursorBelow)),
  text("text.findNext", "Next match", ["F3", "Mod+G"], native(findNext)),
  text("text.findPrevious", "Previous match", ["Shift+F3", "Mod+Shift+G"], native(findPrevious)),
  text("text.selectNext", "Select the same text again", ["Mod+D"], native(selectNextOccurrence)),
  text("text.oneCaret", "Only one caret", ["Escape"], native(simplifySelection)),
];

function palette(app: App, mode: "commands" | "everywhere" | "document"): void {
  app.happen({ type: "showDialog", dialog: { type: "palette", mode } });
}

export const COMMANDS: readonly UserCommand[] = [
  ...LINE,
  ...KINDS,
  ...OUTLINE,
  ...WINDOW,
  ...EDITING,
];

/** The first key of a command, for hints beside buttons. */
export function keyOf(id: string): string | undefined {
  return COMMANDS.find((command) => command.id === id)?.keys[0];
}

export function runCommand(command: UserCommand, app: App): void {
  if (command.scope === "window") {
    command.run(app);
  } else if (app.focusedEditor) {
    app.focusedEditor.focus();
    command.run(app.focusedEditor);
  }
}
