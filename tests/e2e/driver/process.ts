// Programs under test: started in process groups of their own, so that nothing outlives a scenario.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

import { until } from "./until";

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<Program>();

// A run that is cut short leaves nothing behind.
process.once("exit", () => {
  for (const { pid } of running) endGroup(pid, "SIGKILL");
});

export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = "";
  #ended = false;

  constructor(path: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#name = [path.split("/").at(-1), ...args].join(" ");
    this.#child = spawn(path, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    this.#child.stdout?.on("data", (data: Buffer) => (this.#output += data.toString()));
    this.#child.stderr?.on("data", (data: Buffer) => (this.#output += data.toString()));
    this.#child.on("exit", () => this.#hasEnded());
    this.#child.on("error", (error) => {
      this.#output += String(error);
      this.#hasEnded();
    });
    running.add(this);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything it printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`"${this.#name}" to print ${pattern}`, () => {
      const found = pattern.exec(this.#output);
      if (found) return found;
      if (this.#ended) throw new Error(`"${this.#name}" ended after printing: ${this.#output}`);
      return null;
    });
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  #hasEnded(): void {
    this.#ended = true;
    running.delete(this);
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    if (!this.#ended) endGroup(this.pid, signal);
    await until(`"${this.#name}" to end`, () => this.#ended);
  }
}

function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Runs a program to its end and hands back what it printed, or fails with it. */
export async function run(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(path, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  let problem = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (problem += data.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code === 0) return output;
  throw new Error(`${path} ${args.join(" ")} ended with ${code}: ${problem}${output}`);
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
