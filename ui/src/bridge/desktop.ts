// The bridge inside the desktop shell. The only file that imports Tauri.

import { invoke } from "@tauri-apps/api/core";

import type { Bridge, BridgeEvents } from "./bridge";
import type { Message } from "./generated/Message";

declare global {
  interface Window {
    /** The shell calls this with what the core says. */
    tellTideline?: (told: { readonly page: number; readonly messages: readonly Message[] }) => void;
  }
}

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
  /** What goes wrong with one message does not keep the next one back. */
  const tellAlone = (message: Message): void => {
    try {
      tell(message);
    } catch (error) {
      reportError(error);
    }
  };
  return {
    connect(events: BridgeEvents): void {
      tell = (message) => events.message(message);
      const page = Math.floor(performance.timeOrigin);
      window.tellTideline = (told) => {
        // What was meant for the page before this one in the same window is not for it.
        if (told.page === page) told.messages.forEach(tellAlone);
      };
      invoke("attach", { page }).then(
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
