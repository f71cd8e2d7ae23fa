// The bridge inside the desktop shell. The only file that imports Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";

import type { Bridge, BridgeEvents } from "./bridge";
import type { Message } from "./generated/Message";

export function insideDesktop(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export function desktopBridge(): Bridge {
  let tell = (_message: Message): void => undefined;
  const refused = (reason: unknown): void => {
    tell({
      type: "notice",
      level: "error",
      text:
        `Tideline did not take the last action (${String(reason)}). ` +
        "What is in the documents is safe; close this window and open it again.",
    });
  };
  return {
    connect(events: BridgeEvents): void {
      tell = (message) => events.message(message);
      const channel = new Channel<Message>(tell);
      invoke("attach", { channel }).then(
        () => events.opened(),
        (reason: unknown) => events.lost(`This window cannot reach Tideline: ${String(reason)}`),
      );
    },
    send(command): void {
      invoke("command", { command }).catch(refused);
    },
    openWindow(window): void {
      invoke("open_window", { name: window }).catch(refused);
    },
    restoresWindows: true,
    openLink(address): void {
      invoke("open_link", { address }).catch(refused);
    },
  };
}
