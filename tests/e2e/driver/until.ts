// Waits for conditions: the one place of these tests that lets time pass.
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 25;
export const DEADLINE_MS = 30_000;

/** Asks `probe` until it answers with something true, and hands that back. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`);
    await pause(POLL_MS);
  }
}

/** Waits until `read` gives `expected`; fails showing what it gave instead. */
export async function untilEqual<T>(
  what: string,
  expected: T,
  read: () => Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const wanted = JSON.stringify(expected);
  let seen = "";
  const same = async (): Promise<boolean> => (seen = JSON.stringify(await read())) === wanted;
  await until(what, same, deadlineMs).catch((error: unknown) => {
    throw new Error(`${String(error)}\n  expected ${wanted}\n  last seen ${seen}`);
  });
}
