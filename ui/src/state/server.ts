// What the settings say of the sync server. Pure.

import type { Status } from "../bridge/generated/Status";
import { strings } from "../strings/strings";

export function serverSummary(status: Status | null): string {
  const server = status?.server ?? { type: "off" };
  const say = strings.server;
  switch (server.type) {
    case "off":
      return say.off;
    case "connecting":
      return say.connecting(server.url);
    case "connected":
      return say.connected(server.url);
    case "offline":
      return say.offline(server.url, server.reason);
    case "refused":
      return say.refused(server.url, server.reason);
  }
}

/** What is wrong with what was typed; empty when nothing is. */
export function serverAddressProblem(url: string, token: string): string {
  if (!/^wss?:\/\/[^\s/]+/.test(url.trim())) return strings.server.addressProblem;
  return token.trim() === "" ? strings.server.tokenProblem : "";
}
