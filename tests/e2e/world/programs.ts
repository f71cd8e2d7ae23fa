// Where the programs under test are, and which engine draws them: both told by who starts the tests.
import { join } from "node:path";

import { chromiumEngine } from "../driver/chromium";
import { desktopEngine } from "../driver/desktop";
import type { Engine } from "../driver/engine";

export function program(name: "tideline" | "tideline-server"): string {
  return join(setting("TIDELINE_PROGRAMS"), name);
}

export async function startEngine(): Promise<Engine> {
  const name = setting("TIDELINE_ENGINE");
  if (name === "chromium") return chromiumEngine(program("tideline"));
  if (name === "desktop") return desktopEngine(program("tideline"));
  throw new Error(`TIDELINE_ENGINE is "${name}", not "chromium" or "desktop"`);
}

function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set; ./dev e2e sets it`);
}
