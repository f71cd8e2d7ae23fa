// Runs something again whenever what it reads has changed, as a component does. Knows nothing of what
// is read.

import { flushSync } from "svelte";

export function watched(run: () => void): () => void {
  const end = $effect.root(() => {
    $effect(run);
  });
  flushSync();
  return end;
}
