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
import type { Keys } from "../state/settings";
import type { App } from "../state/store.svelte";
import { strings } from "../strings/strings";
import { keysFor } from "./bindings";
import { type EditorRun, onEditor, type UserCommand } from "./command";
import { shownKey } from "./keys";
import { lessonOf } from "./lessons";
import { WINDOW } from "./windowCommands";

const line = onEditor("line");
const outline = onEditor("outline");

const UP = ["Alt+ArrowUp", "Alt+Shift+ArrowUp"];
const DOWN = ["Alt+ArrowDown", "Alt+Shift+ArrowDown"];

const LINE: readonly UserCommand[] = [
  line("line.new", ["Enter"], editing.enter),
  line("line.indent", ["Tab"], editing.tab),
  line("line.outdent", ["Shift+Tab"], editing.backTab),
  line("line.up", UP, (editor) => editor.gesture(gestures.moveUp, "move.line")),
  line("line.down", DOWN, (editor) => editor.gesture(gestures.moveDown, "move.line")),
  line("line.complete", ["Mod+Enter"], (editor) => editor.gesture(gestures.cycleTodo)),
  line("line.delete", ["Mod+Shift+K"], (editor) =>
    editor.gesture(gestures.deleteLines, "delete.line"),
  ),
  line("line.undo", ["Mod+Z"], (editor) => editor.history("undo")),
  line("line.redo", ["Mod+Shift+Z", "Mod+Y"], (editor) => editor.history("redo")),
  line("line.select", ["Mod+A"], editing.growSelection),
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

const KINDS: readonly UserCommand[] = Object.entries(KIND_TITLES).map(([kind, title]) => ({
  id: `kind.${kind}`,
  title,
  group: strings.groups.kind,
  keys: [KIND_KEYS[kind] ?? []].flat(),
  scope: "editor",
  run: (editor) => editor.gesture((planner, lines) => gestures.setKind(planner, lines, kind)),
}));

const OUTLINE: readonly UserCommand[] = [
  outline("outline.fold", ["Mod+ArrowUp"], (editor) => editor.folding.fold()),
  outline("outline.unfold", ["Mod+ArrowDown"], (editor) => editor.folding.unfold()),
  outline("outline.foldAll", [], (editor) => editor.folding.all(true)),
  outline("outline.unfoldAll", [], (editor) => editor.folding.all(false)),
  outline("outline.filter", ["Mod+Alt+F"], (editor) => editor.filter.open()),
  outline("outline.zoomIn", ["Alt+ArrowRight"], (editor) => editor.zoomIn()),
];

const text = onEditor("text");

/** Without a selection the key of bold text is for the sidebar. */
const bold: EditorRun = (editor) => editor.hasSelection && toggleFormat(editor, "bold");
const format = (name: Format) => (editor: PanelEditor) => toggleFormat(editor, name);
const native = (run: Command) => (editor: PanelEditor) => run(editor.view);

const EDITING: readonly UserCommand[] = [
  line("line.duplicate", ["Mod+Shift+D"], (editor) =>
    editor.gesture(gestures.duplicate, "input.copy"),
  ),
  line("line.todoState", ["Mod+Shift+Enter"], (editor) => editor.gesture(gestures.nextTodo)),
  text("text.bold", ["Mod+B"], bold),
  text("text.italic", ["Mod+I"], format("italic")),
  text("text.strike", ["Mod+Shift+X"], format("strike")),
  text("text.highlight", ["Mod+Shift+H"], format("highlight")),
  text("text.code", ["Mod+E"], format("code")),
  text("text.link", ["Mod+Shift+L"], makeLink),
  text("text.openLink", ["Alt+Enter"], (editor) => editor.openLinkHere()),
  text("text.caretAbove", ["Mod+Alt+ArrowUp"], native(addCursorAbove)),
  text("text.caretBelow", ["Mod+Alt+ArrowDown"], native(addCursorBelow)),
  text("text.find", ["Mod+F"], (editor) => editor.find()),
  text("text.findNext", ["F3", "Mod+G"], native(findNext)),
  text("text.findPrevious", ["Shift+F3", "Mod+Shift+G"], native(findPrevious)),
  text("text.selectNext", ["Mod+D"], native(selectNextOccurrence)),
  text("text.oneCaret", ["Escape"], native(simplifySelection)),
];

export const COMMANDS: readonly UserCommand[] = [
  ...LINE,
  ...KINDS,
  ...OUTLINE,
  ...WINDOW,
  ...EDITING,
];

/** The key of a command as people read it, for hints beside buttons; empty without one. */
export function shownKeyOf(id: string, changed: Keys): string {
  const command = COMMANDS.find((one) => one.id === id);
  const [key] = command ? keysFor(command, changed) : [];
  return key === undefined ? "" : shownKey(key);
}

export function runCommand(command: UserCommand, app: App): void {
  if (command.scope === "window") {
    runInWindow(command, app);
  } else if (app.focusedEditor) {
    app.focusedEditor.focus();
    runInEditor(command, app, app.focusedEditor);
  }
}

export function runInWindow(command: UserCommand & { scope: "window" }, app: App): void {
  command.run(app);
  learn(command, app);
}

/** False when the command had nothing to do: the key goes on. */
export function runInEditor(
  command: UserCommand & { scope: "editor" },
  app: App,
  editor: PanelEditor,
): boolean {
  const done = command.run(editor);
  if (done) learn(command, app);
  return done;
}

function learn(command: UserCommand, app: App): void {
  const lesson = lessonOf(command.id);
  if (lesson) app.happen({ type: "learned", lesson });
}
