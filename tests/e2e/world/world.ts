// What a scenario has around it: an engine, servers and clients, all ended when it is over.
import { rm } from "node:fs/promises";

import { afterAll, afterEach, beforeAll } from "vitest";

import type { Engine } from "../driver/engine";
import { Client } from "./client";
import { startEngine } from "./chosenEngine";
import { SyncServer } from "./server";

export class World {
  #engine: Engine | undefined;
  #clients: Client[] = [];
  #servers: SyncServer[] = [];

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error("no engine before the tests begin");
    return this.#engine;
  }

  /** A client that has never run. */
  async client(): Promise<Client> {
    const client = await Client.create(this.engine);
    this.#clients.push(client);
    return client;
  }

  async server(): Promise<SyncServer> {
    const server = await SyncServer.start();
    this.#servers.push(server);
    return server;
  }

  /** Two people who share what the first one writes, both running and connected. */
  async twoPeople(): Promise<{ server: SyncServer; anna: Client; ben: Client }> {
    const server = await this.server();
    const [anna, ben] = [await this.client(), await this.client()];
    await anna.connect(server.url, await server.addUser("Anna"));
    await ben.connect(server.url, await server.invite("Anna", "Ben"));
    await anna.start();
    await ben.start();
    return { server, anna, ben };
  }

  async begin(): Promise<void> {
    this.#engine = await startEngine();
  }

  /** What every window shows: the first thing to know about a failure. */
  async tell(): Promise<void> {
    for (const client of this.#clients) console.log(await client.tell());
  }

  async clear(): Promise<void> {
    for (const client of this.#clients) await client.quit();
    for (const server of this.#servers) await server.stop();
    const folders = [...this.#clients, ...this.#servers].map(({ data }) => data);
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    [this.#clients, this.#servers] = [[], []];
  }

  async end(): Promise<void> {
    await this.#engine?.close();
  }
}

/** Call at the top of a file of scenarios. */
export function useWorld(): World {
  const world = new World();
  beforeAll(() => world.begin());
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await world.tell();
    await world.clear();
  });
  afterAll(() => world.end());
  return world;
}
