// The commands' keys, bound where they work: in a panel's editor, or in the whole window.

import type { KeyBinding } from "@codemirror/view";

import { backspace, deleteForward } from "../editor/editing";
import type { PanelEditor } from "../editor/panelEditor";
import type { App } from "../state/store.svelte";
import { commandsByKey, keysFor } from "./bindings";
import type { UserCommand } from "./command";
import { editorKey, keysOf } from "./keys";
import { COMMANDS, runInEditor, runInWindow } from "./registry";

/** Keys of the editor that are no commands: they depend on where the caret is. */
const EDITOR_KEYS: readonly (readonly [string, (editor: PanelEditor) => boolean])[] = [
  ["Backspace", backspace],
  ["Shift-Backspace", backspace],
  ["Delete", deleteForward],
];

export function editorKeys(app: App, editor: PanelEditor): readonly KeyBinding[] {
  const { keys: changed } = app.state.settings;
  const bindings = COMMANDS.flatMap((command) =>
    command.scope === "editor"
      ? keysFor(command, changed).map((key) => ({
          key: editorKey(key),
          run: () => runInEditor(command, app, editor),
        }))
      : [],
  );
  return [...bindings, ...EDITOR_KEYS.map(([key, run]) => ({ key, run: () => run(editor) }))];
}

/** Listens on the window. While a dialog is open only the palette's own keys work. */
export function windowKeys(app: App): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const command = commandAt(app, event);
    if (!command) return;
    const { dialog } = app.state;
    const opens = command.title.endsWith("…");
    if (dialog && !(dialog.type === "palette" && opens)) return;
    event.preventDefault();
    runInWindow(command, app);
  };
}

type WindowCommand = UserCommand & { readonly scope: "window" };

function commandAt(app: App, event: KeyboardEvent): WindowCommand | undefined {
  const byKey = commandsByKey(COMMANDS, app.state.settings.keys);
  for (const key of keysOf(event)) {
    const found = (byKey.get(key) ?? []).find(
      (command): command is WindowCommand => command.scope === "window",
    );
    if (found) return found;
  }
  return undefined;
}
