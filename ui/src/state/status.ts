// Says where what was written is, in sentences. Never says more than is true.

import type { Status } from "../bridge/generated/Status";
import { strings } from "../strings/strings";
import type { AppState, Connection } from "./app";

const say = strings.status;

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
  if (connection.type === "starting" || !status) return { level: "busy", text: strings.opening };
  const disk = diskSentence(status);
  const server = serverSentence(status, retry_s);
  if (disk.level === "danger" || !server) return disk;
  if (server.level === "safe") {
    return disk.level === "safe" ? { ...disk, text: say.savedAnd(disk.text, server.text) } : disk;
  }
  return { level: worse(disk.level, server.level), text: say.both(disk.text, server.text) };
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
    return { level: "danger", text: say.failing(disk.reason, strings.changes(pendingDisk)) };
  }
  if (pendingDisk > 0) return { level: "busy", text: say.saving };
  return { level: "safe", text: say.saved };
}

function serverSentence(status: Status, retry_s: number): StatusSentence | null {
  const { server, pendingServer: pending } = status;
  const waiting = pending > 0 ? strings.changes(pending) : null;
  switch (server.type) {
    case "off":
      return null;
    case "connecting":
      return { level: "busy", text: say.connecting(waiting) };
    case "connected":
      return waiting === null
        ? { level: "safe", text: say.onServer }
        : { level: "busy", text: say.sending(waiting) };
    case "offline": {
      const text = say.offline(waiting, server.reason, say.retry(retry_s));
      return { level: "waiting", text };
    }
    case "refused":
      return { level: "danger", text: say.refused(waiting, server.reason) };
  }
}
