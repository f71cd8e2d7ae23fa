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
  const app = new App({ bridge, wanted, keys: editorKeys });
  mount(AppView, { target, props: { app } });
  app.connect();
  return app;
}
