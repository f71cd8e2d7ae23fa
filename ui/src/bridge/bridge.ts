// What the interface needs of the world outside its page. Two forms: the desktop shell and, in a
// browser, a websocket. This folder is the only place that knows which.

import type { Command } from "./generated/Command";
import type { Message } from "./generated/Message";
import { desktopBridge, insideDesktop } from "./desktop";
import { websocketBridge } from "./websocket";

/** What a bridge tells. `opened` comes again after every `lost`; the core knows nothing then. */
export interface BridgeEvents {
  opened(): void;
  message(message: Message): void;
  /** `reason` is a sentence for people. */
  lost(reason: string): void;
}

export interface Bridge {
  connect(events: BridgeEvents): void;
  /** Commands arrive in order; while the connection is lost they are dropped. */
  send(command: Command): void;
  /** What it is to show is in the core's settings under that name. */
  openWindow(window: string): void;
  /** Whether windows that were open at the end are opened again with the first one. */
  readonly restoresWindows: boolean;
  /** Opens an address of the web or of mail in the program that the system has for it. */
  openLink(address: string): void;
}

export function chooseBridge(): Bridge {
  return insideDesktop() ? desktopBridge() : websocketBridge(window.location);
}
