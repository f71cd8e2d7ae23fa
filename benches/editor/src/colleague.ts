// Somebody else with a replica of their own, who types. Speaks as a browser tab does, so that no
// second web engine takes the measured one's time.

import WebSocket from "ws";

import { Program } from "../../../tests/e2e/driver/process";
import { until } from "../../../tests/e2e/driver/until";
import { program } from "../../../tests/e2e/world/programs";
import { TITLE } from "./tideline";

const PANEL = 1;

interface Told {
  readonly type: string;
  readonly documents?: readonly { readonly id: string; readonly title: string }[];
  readonly rows?: readonly { readonly id: string }[];
}

export class Colleague {
  readonly #server: Program;
  readonly #socket: WebSocket;
  readonly #line: string;
  #serial = 0;

  private constructor(server: Program, socket: WebSocket, line: string) {
    this.#server = server;
    this.#socket = socket;
    this.#line = line;
  }

  /** Opens the measured document in a replica that has it, at its first line. */
  static async join(data: string): Promise<Colleague> {
    const server = new Program(program("tideline"), ["--data", data, "--json", "serve"]);
    const [, url = ""] = await server.says(/"url": ?"([^"]+)"/);
    const told: Told[] = [];
    const { host, hash } = new URL(url);
    const token = new URLSearchParams(hash.slice(1)).get("token") ?? "";
    const socket = new WebSocket(`ws://${host}/bridge?token=${encodeURIComponent(token)}`);
    socket.on("message", (data: Buffer) => told.push(JSON.parse(data.toString()) as Told));
    await new Promise<void>((resolve, reject) => socket.on("open", resolve).on("error", reject));
    socket.send(JSON.stringify({ type: "hello" }));
    const document = await until("the document to be there", () =>
      told.flatMap(({ documents = [] }) => documents).find(({ title }) => title === TITLE),
    );
    const open = { type: "openPanel", panel: PANEL, document: document.id, root: null };
    socket.send(JSON.stringify(open));
    const line = await until("its rows", () => told.flatMap(({ rows = [] }) => rows)[0]);
    return new Colleague(server, socket, line.id);
  }

  /** Types evenly, so many characters a second, at the start of the first line. */
  async type(characters: number, perSecond: number): Promise<void> {
    for (let at = 0; at < characters; at++) {
      const began = performance.now();
      const insert = at % 6 === 5 ? " " : "o";
      const intent = { type: "editText", line: this.#line, at, delete: 0, insert };
      const serial = ++this.#serial;
      const edit = { type: "edit", panel: PANEL, serial, revision: 1, intents: [intent] };
      this.#socket.send(JSON.stringify(edit));
      const next = began + 1000 / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(next - performance.now(), 0)));
    }
  }

  async leave(): Promise<void> {
    this.#socket.close();
    await this.#server.stop();
  }
}
