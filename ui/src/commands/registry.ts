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
import { keysFor } from "./bindings";
import { type EditorRun, onEditor, type UserCommand } from "./command";
import { shownKey } from "./keys";
import { lessonOf } from "./lessons";
import { WINDOW } from "./windowCommands";

const line = onEditor("Line");
const outline = onEditor("Outline");

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
  text("text.find", "Find and replace", ["Mod+F"], (editor) => editor.find()),
  text("text.findNext", "Next match", ["F3", "Mod+G"], native(findNext)),
  text("text.findPrevious", "Previous match", ["Shift+F3", "Mod+Shift+G"], native(findPrevious)),
  text("text.selectNext", "Select the same text again", ["Mod+D"], native(selectNextOccurrence)),
  text("text.oneCaret", "Only one caret", ["Escape"], native(simplifySelection)),
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
