// What the settings say of the sync server. Pure.

import type { Status } from "../bridge/generated/Status";

export function serverSummary(status: Status | null): string {
  const server = status?.server ?? { type: "off" };
  switch (server.type) {
    case "off":
      return "No server: documents are on this computer only.";
    case "connecting":
      return `Connecting to ${server.url}…`;
    case "connected":
      return `Connected to ${server.url}.`;
    case "offline":
      return `${server.url} is not reached: ${server.reason}. It is tried again by itself; everything is safe on this computer.`;
    case "refused":
      return `${server.url} refused: ${server.reason}. It is not tried again by itself; everything is safe on this computer.`;
  }
}

/** What is wrong with what was typed; empty when nothing is. */
export function serverAddressProblem(url: string, token: string): string {
  if (!/^wss?:\/\/[^\s/]+/.test(url.trim())) {
    return "The address starts with wss:// (or ws:// on this machine or a private network), then the server's name.";
  }
  if (token.trim() === "") {
    return "The server wants a device token; whoever runs it makes one with: tideline-server token.";
  }
  return "";
}
