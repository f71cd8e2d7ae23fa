// What a button says of itself: its name, and the key of its command where it has one.

import { shownKeyOf } from "../commands/registry";
import type { App } from "../state/store.svelte";
import { strings } from "../strings/strings";

export function hint(app: App, title: string, command: string): string {
  return strings.hint(title, shownKeyOf(command, app.state.settings.keys));
}
