// What a window remembers from one start to the next, in the browser's own store.

import type { Memory } from "./app";

const KEY = "tideline.window";

export function recall(store: Storage): Memory | null {
  try {
    const text = store.getItem(KEY);
    return text === null ? null : (JSON.parse(text) as Memory);
  } catch {
    return null;
  }
}

export function remember(store: Storage, memory: Memory): void {
  try {
    store.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Full or forbidden: the window then opens as at the first start.
  }
}
