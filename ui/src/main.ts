// The page's entry.

import { chooseBridge } from "./bridge/bridge";
import { linkParameter } from "./bridge/websocket";
import { start } from "./start";

const target = document.getElementById("app");
if (target) start(target, chooseBridge(), linkParameter(window.location, "document"));
