// Says where what was written is, in sentences. Never says more than is true.

import type { Status } from "../bridge/generated/Status";
import type { AppState, Connection } from "./app";

/** How good the news is, worst last. */
export type Level = "safe" | "busy" | "waiting" | "danger";

export interface StatusSentence {
  readonly level: Level;
  readonly text: string;
}

/** The core's status, and on top of it what was typed in this window and has not reached the core. */
export function windowStatus({
  status,
  panels,
}: Pick<AppState, "status" | "panels">): Status | null {
  const unanswered = Object.values(panels).filter(({ selection }) => selection?.unanswered).length;
  return status && { ...status, pendingDisk: status.pendingDisk + unanswered };
}

/** `retry_s`: seconds until the server is tried again, counted down since the status came. */
export function statusSentence(
  connection: Connection,
  status: Status | null,
  retry_s: number,
): StatusSentence {
  if (connection.type === "lost") return { level: "danger", text: connection.reason };
  if (connection.type === "starting" || !status) return { level: "busy", text: "Opening…" };
  const disk = diskSentence(status);
  const server = serverSentence(status, retry_s);
  if (disk.level === "danger" || !server) return disk;
  if (server.level === "safe") {
    return disk.level === "safe" ? { ...disk, text: `${disk.text} and ${server.text}` } : disk;
  }
  return { level: worse(disk.level, server.level), text: `${disk.text} · ${server.text}` };
}

const LEVELS: readonly Level[] = ["safe", "busy", "waiting", "danger"];

function worse(a: Level, b: Level): Level {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b) ? a : b;
}

/** Whether `a` is better news than `b`. */
export function isBetter(a: Level, b: Level): boolean {
  return LEVELS.indexOf(a) < LEVELS.indexOf(b);
}

function diskSentence({ disk, pendingDisk }: Status): StatusSentence {
  if (disk.type === "failing") {
    const kept = `${changes(pendingDisk)} kept in memory and tried again`;
    return { level: "danger", text: `Not saved: ${disk.reason} · ${kept}` };
  }
  if (pendingDisk > 0) return { level: "busy", text: "Saving…" };
  return { level: "safe", text: "Saved on this computer" };
}

function serverSentence(status: Status, retry_s: number): StatusSentence | null {
  const { server, pendingServer: pending } = status;
  switch (server.type) {
    case "off":
      return null;
    case "connecting":
      return { level: "busy", text: `${waiting(pending)}connecting to the server` };
    case "connected":
      return pending > 0
        ? { level: "busy", text: `sending ${changes(pending)} to the server` }
        : { level: "safe", text: "on the server" };
    case "offline":
      return {
        level: "waiting",
        text: `${pending > 0 ? `${changes(pending)} waiting for the server` : "not connected to the server"}: ${server.reason}, ${retry(retry_s)}`,
      };
    case "refused":
      return {
        level: "danger",
        text: `${pending > 0 ? `${changes(pending)} not sent` : "not connected to the server"}: ${server.reason}`,
      };
  }
}

function waiting(pending: number): string {
  return pending > 0 ? `${changes(pending)} waiting, ` : "";
}

function retry(seconds: number): string {
  return seconds > 0 ? `trying again in ${seconds} s` : "trying again now";
}

export function changes(count: number): string {
  return count === 1 ? "1 change" : `${count.toLocaleString("en")} changes`;
}
