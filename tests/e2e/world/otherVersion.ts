// A server of a version that no client of today speaks: says no to every client, as docs/protocol.md
// has it, and nothing else.
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** Every websocket server proves with it that it read the request (RFC 6455, 1.3). */
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export const REFUSAL = "this server speaks version 900; update Tideline to use it";

export class OtherVersionServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<OtherVersionServer> {
    const server = createServer();
    server.on("upgrade", (request, socket) => {
      refuse(socket, request.headers["sec-websocket-key"] ?? "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new OtherVersionServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function refuse(socket: Duplex, key: string): void {
  const accept = createHash("sha1")
    .update(key + WEBSOCKET_GUID)
    .digest("base64");
  const headers = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  socket.on("error", () => socket.destroy());
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("\r\n")}\r\n\r\n`);
  // The first thing that comes is the client's Hello.
  socket.once("data", () => socket.end(binaryFrame(refusal())));
}

/** `Refused { regarding: Connection, code: Version, reason, retry_ms: None }` in postcard. */
function refusal(): Buffer {
  const reason = Buffer.from(REFUSAL);
  return Buffer.from([1, 0, 1, reason.length, ...reason, 0]);
}

/** One unmasked frame of less than 126 bytes (RFC 6455, 5.2). */
function binaryFrame(bytes: Buffer): Buffer {
  return Buffer.from([0x82, bytes.length, ...bytes]);
}
