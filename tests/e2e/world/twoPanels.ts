// A document with a second panel beside it that must show the same.
import type { Window } from "./window";
import type { World } from "./world";

/** Opens a window with two panels on a document of these lines; the caret is behind the last one. */
export function writingIn(world: World): (...lines: readonly string[]) => Promise<Window> {
  return async (...lines) => {
    const client = await world.client();
    const window = await client.start();
    await window.newDocument("Plan");
    await write(window, ...lines);
    await window.press("Control+\\");
    await window.is("two panels", async () => (await window.panels()) === 2);
    await both(window, ...lines);
    return window;
  };
}

/** Types lines of one depth, where the caret is. */
export async function write(window: Window, ...lines: readonly string[]): Promise<void> {
  for (const [at, line] of lines.entries()) {
    if (at > 0) await window.press("Enter");
    await window.type(line);
  }
}

export async function both(window: Window, ...lines: readonly string[]): Promise<void> {
  await window.panel(0).shows(...lines);
  await window.panel(1).shows(...lines);
}
