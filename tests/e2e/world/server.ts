// A real sync server with a data folder of its own, and the people and devices it lets in.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, Program, run } from "../driver/process";
import { program } from "./programs";

export class SyncServer {
  readonly data: string;
  readonly #port: number;
  #running: Program | undefined;

  private constructor(data: string, port: number) {
    this.data = data;
    this.#port = port;
  }

  static async start(): Promise<SyncServer> {
    const data = await mkdtemp(join(tmpdir(), "tideline-e2e-server-"));
    const server = new SyncServer(data, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Also after a stop: with the same data, at the same address. */
  async start(): Promise<void> {
    const listen = `127.0.0.1:${this.#port}`;
    this.#running = new Program(program("tideline-server"), [
      ...["--data", this.data, "--listen", listen],
    ]);
    await this.#running.says(new RegExp(listen.replaceAll(".", "\\.")));
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  /** Makes a user with a group, and hands back a token for a device. */
  async addUser(name: string): Promise<string> {
    await this.#ask("user", "add", name);
    return this.addDevice(name);
  }

  async addDevice(user: string): Promise<string> {
    return (await this.#ask("token", "add", user)).token ?? "";
  }

  /** Lets a new person into the group of somebody who is there already. */
  async invite(group: string, name: string): Promise<string> {
    const { code = "" } = await this.#ask("invite", "add", group);
    return (await this.#ask("invite", "accept", code, name)).token ?? "";
  }

  async #ask(...words: readonly string[]): Promise<{ token?: string; code?: string }> {
    const options = ["--data", this.data, "--json"];
    const answer = await run(program("tideline-server"), [...options, ...words]);
    return JSON.parse(answer) as { token?: string; code?: string };
  }
}
