// Whoever reads a part of the state is asked again when that part changes, and only then.

import { flushSync } from "svelte";
import { expect, test } from "vitest";

import { partsOf } from "../src/state/parts.svelte";
import { watched } from "./watched.svelte";

test("who reads one part is asked again when that part changes, and not when another one does", () => {
  const { shown, show } = partsOf({ theme: "light", rows: 1 });
  const seen: string[] = [];
  const end = watched(() => void seen.push(shown.theme));
  flushSync(() => show({ theme: "light", rows: 2 }));
  flushSync(() => show({ theme: "dark", rows: 2 }));
  end();
  expect(seen).toEqual(["light", "dark"]);
  expect({ ...shown }).toEqual({ theme: "dark", rows: 2 });
});
