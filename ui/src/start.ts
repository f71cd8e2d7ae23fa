// Puts the interface together around a bridge and shows it.

import "@fontsource-variable/inter";
import "./style/tokens.css";
import "./style/base.css";
import "./style/editor.css";
import "./style/settings.css";

import { mount } from "svelte";

import type { Bridge } from "./bridge/bridge";
import { editorKeys } from "./commands/keymaps";
import AppView from "./shell/App.svelte";
import type { Wanted } from "./state/app";
import { App } from "./state/store.svelte";

export function start(target: HTMLElement, bridge: Bridge, wanted: Wanted): App {
  markFirstRow(target);
  const app = new App({ bridge, wanted, keys: editorKeys });
  mount(AppView, { target, props: { app } });
  app.connect();
  return app;
}

/** A mark in the engine's own timeline when the first row is painted: that long a start takes. */
function markFirstRow(target: HTMLElement): void {
  const observer = new MutationObserver(() => {
    if (target.querySelector(".cm-line[data-line]") === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => performance.mark("first-row")));
  });
  observer.observe(target, { childList: true, subtree: true });
}
