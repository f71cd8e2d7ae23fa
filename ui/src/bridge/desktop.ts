// The bridge inside the desktop shell. The only file that imports Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";

import type { Bridge, BridgeEvents } from "./bridge";
import type { Message } from "./generated/Message";

export function insideDesktop(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export function desktopBridge(): Bridge {
  let lost = (_reason: unknown): void => undefined;
  return {
    connect(events: BridgeEvents): void {
      lost = (reason) => events.lost(String(reason));
      const channel = new Channel<Message>((message) => events.message(message));
      invoke("attach", { channel }).then(() => events.opened(), lost);
    },
    send(command): void {
      invoke("command", { command }).catch(lost);
    },
    openWindow(document): void {
      invoke("open_window", { document }).catch(lost);
    },
  };
}
