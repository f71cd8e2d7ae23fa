// The bridge of a browser tab.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Message } from "../src/bridge/generated/Message";
import { linkParameter, websocketBridge } from "../src/bridge/websocket";

class FakeSocket {
  static all: FakeSocket[] = [];
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }
}

const place = (link: string): Location => new URL(link) as unknown as Location;

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a broken connection is opened again, and what was sent meanwhile is dropped", () => {
  const told: string[] = [];
  const bridge = websocketBridge(place("http://127.0.0.1:4000/#token=abc"));
  bridge.connect({
    opened: () => told.push("opened"),
    lost: () => told.push("lost"),
    message: (message: Message) => told.push(message.type),
  });
  const [first] = FakeSocket.all;
  expect(first?.url).toBe("ws://127.0.0.1:4000/bridge?token=abc");
  first?.onopen?.();
  bridge.send({ type: "hello" });
  first?.onmessage?.({ data: JSON.stringify({ type: "documents", documents: [] }) });
  first?.onclose?.();
  bridge.send({ type: "hello" });
  vi.runOnlyPendingTimers();
  FakeSocket.all[1]?.onopen?.();
  expect(told).toEqual(["opened", "documents", "lost", "opened"]);
  expect(FakeSocket.all.map((socket) => socket.sent.length)).toEqual([1, 0]);
});

test("after many refusals the page says that the link may be old", () => {
  let reason = "";
  websocketBridge(place("http://127.0.0.1:4000/")).connect({
    opened: () => undefined,
    lost: (text) => (reason = text),
    message: () => undefined,
  });
  for (let refusal = 0; refusal < 8; refusal++) {
    FakeSocket.all.at(-1)?.onclose?.();
    vi.runOnlyPendingTimers();
  }
  expect(reason).toMatch(/open the link/);
});

test("the link's parameters are read from the fragment, then from the query", () => {
  const link = place("http://127.0.0.1/?token=q&document=doc_1#token=f");
  expect(linkParameter(link, "token")).toBe("f");
  expect(linkParameter(link, "document")).toBe("doc_1");
  expect(linkParameter(link, "none")).toBeNull();
});
