// The commands' keys, bound where they work: in a panel's editor, or in the whole window.

import type { KeyBinding } from "@codemirror/view";
import { createKeybindingsHandler } from "tinykeys";

import { backspace, deleteForward } from "../editor/editing";
import type { PanelEditor } from "../editor/panelEditor";
import type { App } from "../state/store.svelte";
import { editorKey, windowKey } from "./keys";
import { COMMANDS } from "./registry";

/** Keys of the editor that are no commands: they depend on where the caret is. */
const EDITOR_KEYS: readonly (readonly [string, (editor: PanelEditor) => boolean])[] = [
  ["Backspace", backspace],
  ["Shift-Backspace", backspace],
  ["Delete", deleteForward],
];

export function editorKeys(_app: App, editor: PanelEditor): readonly KeyBinding[] {
  const bindings = COMMANDS.flatMap((command) =>
    command.scope === "editor"
      ? command.keys.map((key) => ({ key: editorKey(key), run: () => command.run(editor) }))
      : [],
  );
  return [...bindings, ...EDITOR_KEYS.map(([key, run]) => ({ key, run: () => run(editor) }))];
}

/** Listens on the window. While a dialog is open only the palette's own keys work. */
export function windowKeys(app: App): (event: KeyboardEvent) => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const command of COMMANDS) {
    if (command.scope !== "window") continue;
    for (const key of command.keys) {
      bindings[windowKey(key)] = (event) => {
        if (event.defaultPrevented) return;
        const { dialog } = app.state;
        const opens = command.title.endsWith("…");
        if (dialog && !(dialog.type === "palette" && opens)) return;
        event.preventDefault();
        command.run(app);
      };
    }
  }
  return createKeybindingsHandler(bindings);
}
