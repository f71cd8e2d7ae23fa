// What a command is: something the user can do by name, by key and from the palette.

import type { PanelEditor } from "../editor/panelEditor";
import type { App } from "../state/store.svelte";
import { strings } from "../strings/strings";

interface Named {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Its keys unless the user changes them; the first one is shown. */
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

export type EditorRun = (editor: PanelEditor) => boolean;
export type WindowRun = (app: App) => void;

type Group = keyof typeof strings.groups;
type Id = keyof typeof strings.commands;

export function onEditor(group: Group) {
  return (id: Id, keys: readonly string[], run: EditorRun): UserCommand => ({
    ...named(group, id, keys),
    scope: "editor",
    run,
  });
}

export function onWindow(group: Group) {
  return (id: Id, keys: readonly string[], run: WindowRun): UserCommand => ({
    ...named(group, id, keys),
    scope: "window",
    run,
  });
}

function named(group: Group, id: Id, keys: readonly string[]): Named {
  return { id, title: strings.commands[id], group: strings.groups[group], keys };
}
