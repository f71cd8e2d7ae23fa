// The page's entry.

import { chooseBridge } from "./bridge/bridge";
import { linkParameter } from "./bridge/websocket";
import { start } from "./start";
import { FIRST_WINDOW } from "./state/memory";

const target = document.getElementById("app");
if (target) {
  start(target, chooseBridge(), {
    window: linkParameter(window.location, "window") ?? FIRST_WINDOW,
    document: linkParameter(window.location, "document"),
  });
}
