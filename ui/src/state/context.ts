// How components reach the app: through the component tree, never by import of an instance.

import { getContext, setContext } from "svelte";

import type { App } from "./store.svelte";

const KEY = Symbol("app");

export function provideApp(app: App): void {
  setContext(KEY, app);
}

export function useApp(): App {
  return getContext<App>(KEY);
}
