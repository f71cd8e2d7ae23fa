// The bridge of a browser tab: JSON text frames over a websocket of the same origin, opened again
// when it breaks. The link's fragment holds the token.

import type { Bridge, BridgeEvents } from "./bridge";
import type { Message } from "./generated/Message";

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 4000;
/** As many refusals in a row mean that the link is from an earlier start. */
const REFUSALS_MAX = 6;

const ENDED =
  "Tideline is not answering this page. If you ended or restarted it, open the link that it " +
  "printed. What you typed since stays in this page while it is open.";
const BROKEN = "The connection to Tideline broke; trying again.";

export function websocketBridge(location: Location): Bridge {
  const token = linkParameter(location, "token") ?? "";
  let socket: WebSocket | null = null;

  function open(events: BridgeEvents, failures: number): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const address = `${scheme}://${location.host}/bridge?token=${encodeURIComponent(token)}`;
    const current = new WebSocket(address);
    let failed = failures;
    current.onopen = () => {
      failed = 0;
      socket = current;
      events.opened();
    };
    current.onmessage = (event: MessageEvent<string>) => {
      events.message(JSON.parse(event.data) as Message);
    };
    current.onclose = () => {
      socket = null;
      events.lost(failed >= REFUSALS_MAX ? ENDED : BROKEN);
      const delay_ms = Math.min(RETRY_FIRST_MS * 2 ** failed, RETRY_MAX_MS);
      window.setTimeout(() => open(events, failed + 1), delay_ms);
    };
  }

  return {
    connect: (events) => open(events, 0),
    send(command): void {
      socket?.send(JSON.stringify(command));
    },
    openWindow(name): void {
      const fragment = new URLSearchParams({ token, window: name });
      window.open(`${location.origin}${location.pathname}#${fragment.toString()}`, "_blank");
    },
    // The browser does, and would take it for a nuisance if the page did.
    restoresWindows: false,
    openLink(address): void {
      window.open(address, "_blank", "noopener,noreferrer");
    },
  };
}

/** A parameter of the link: from the fragment, else from the query. */
export function linkParameter(location: Location, name: string): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  return fragment.get(name) ?? new URLSearchParams(location.search).get(name);
}
