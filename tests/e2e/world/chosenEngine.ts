// Which engine draws the programs under test: told by who starts the tests.
import { chromiumEngine } from "../driver/chromium";
import { desktopEngine } from "../driver/desktop";
import type { Engine } from "../driver/engine";
import { program, setting } from "./programs";

export async function startEngine(): Promise<Engine> {
  const name = setting("TIDELINE_ENGINE");
  if (name === "chromium") return chromiumEngine(program("tideline"));
  if (name === "desktop") return desktopEngine(program("tideline"));
  throw new Error(`TIDELINE_ENGINE is "${name}", not "chromium" or "desktop"`);
}
