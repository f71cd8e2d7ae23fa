// Where the programs under test are: told by who starts the tests.
import { join } from "node:path";

export function program(name: "tideline" | "tideline-server"): string {
  return join(setting("TIDELINE_PROGRAMS"), name);
}

export function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set; ./dev e2e sets it`);
}
