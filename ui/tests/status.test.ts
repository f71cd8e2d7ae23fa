// What the status bar says.

import { expect, test } from "vitest";

import type { Status } from "../src/bridge/generated/Status";
import type { Connection, PanelState } from "../src/state/app";
import { serverAddressProblem } from "../src/state/server";
import { statusSentence, windowStatus } from "../src/state/status";

const url = "wss://sync.example.org";
const calm: Status = {
  disk: { type: "ok" },
  pendingDisk: 0,
  server: { type: "off" },
  pendingServer: 0,
};
const connected: Connection = { type: "connected" };

test.each<[string, string, Partial<Status>, number]>([
  ["safe", "Saved on this computer", {}, 0],
  ["busy", "Saving…", { pendingDisk: 2 }, 0],
  ["safe", "Saved on this computer and on the server", { server: { type: "connected", url } }, 0],
  [
    "busy",
    "Saved on this computer · sending 1 change to the server",
    { server: { type: "connected", url }, pendingServer: 1 },
    0,
  ],
  ["busy", "Saving…", { server: { type: "connected", url }, pendingDisk: 1 }, 0],
  [
    "waiting",
    "Saved on this computer · 3 changes waiting for the server: server not reachable, trying again in 8 s",
    {
      server: { type: "offline", url, reason: "server not reachable", retryS: 8 },
      pendingServer: 3,
    },
    8,
  ],
  [
    "waiting",
    "Saved on this computer · not connected to the server: server not reachable, trying again now",
    { server: { type: "offline", url, reason: "server not reachable", retryS: 0 } },
    0,
  ],
  [
    "danger",
    "Saved on this computer · 1,200 changes not sent: the token is unknown",
    { server: { type: "refused", url, reason: "the token is unknown" }, pendingServer: 1200 },
    0,
  ],
  [
    "danger",
    "Not saved: the disk is full · 4 changes kept in memory and tried again",
    {
      disk: { type: "failing", reason: "the disk is full" },
      pendingDisk: 4,
      server: { type: "connected", url },
    },
    0,
  ],
])("%s: %s", (level, text, status, retry_s) => {
  expect(statusSentence(connected, { ...calm, ...status }, retry_s)).toEqual({ level, text });
});

test("nothing is green while the core is not reached", () => {
  expect(statusSentence({ type: "lost", reason: "Gone." }, calm, 0)).toEqual({
    level: "danger",
    text: "Gone.",
  });
  expect(statusSentence({ type: "starting" }, null, 0).level).toBe("busy");
});

test("an address that cannot be one is refused before it is tried", () => {
  expect(serverAddressProblem("https://x", "t")).toMatch(/wss:\/\//);
  expect(serverAddressProblem("wss://x", " ")).toMatch(/token/);
  expect(serverAddressProblem(" wss://sync.example.org ", "t")).toBe("");
});

test("what the core has not heard of is not saved", () => {
  const selection = { rows: 1, row: 1, selectedRows: 0, selectedCharacters: 0, unanswered: true };
  const panel: PanelState = {
    document: "doc_1",
    title: "Plan",
    root: null,
    breadcrumb: [],
    people: [],
    rows: "shown",
    closed: null,
    folds: { all: false, lines: [] },
    back: [],
    forward: [],
    spot: null,
    travelling: false,
    titled: true,
    selection,
  };
  const typing = windowStatus({ status: calm, panels: { 1: panel } });
  expect(statusSentence(connected, typing, 0)).toEqual({ level: "busy", text: "Saving…" });
  const answered = { ...panel, selection: { ...selection, unanswered: false } };
  expect(windowStatus({ status: calm, panels: { 1: answered } })).toEqual(calm);
});
