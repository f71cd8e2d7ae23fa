// Puts the interface together around a bridge and shows it.

import "@fontsource-variable/inter";
import "./style/tokens.css";
import "./style/base.css";
import "./style/editor.css";

import { mount } from "svelte";

import type { Bridge } from "./bridge/bridge";
import { editorKeys } from "./commands/keymaps";
import AppView from "./shell/App.svelte";
import { recall } from "./state/memory";
import { App } from "./state/store.svelte";

/** `document`: what this window was opened for; it remembers no layout of its own then. */
export function start(target: HTMLElement, bridge: Bridge, document: string | null): App {
  const store = document === null ? window.localStorage : null;
  const memory = store && recall(store);
  const app = new App({ bridge, wanted: { memory, document }, store, keys: editorKeys });
  mount(AppView, { target, props: { app } });
  app.connect();
  return app;
}
