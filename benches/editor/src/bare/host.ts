// Shows the bare page in the small browser that WebKitGTK brings along.

import { access, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { type DesktopApp, startProgram } from "../../../../tests/e2e/driver/desktop";
import { until } from "../../../../tests/e2e/driver/until";
import { hasElement } from "../probe";

const BROWSERS = ["webkit2gtk-4.1", "webkitgtk-6.0"].flatMap((version) =>
  ["x86_64-linux-gnu", "aarch64-linux-gnu", "."].map((system) =>
    join("/usr/lib", system, version, "MiniBrowser"),
  ),
);

/** As wide and as high as rows of Tideline. */
const PAGE = `<!doctype html><title>Bare</title><style>
  body { margin: 0 auto; max-width: 840px; height: 100vh; }
  .cm-editor { height: 100%; font-size: 16px; }
  .cm-scroller { font-family: "Inter Variable", sans-serif !important; line-height: 28px !important; }
</style><body><script type="module" src="/page.js"></script>`;

export interface Bare {
  readonly app: DesktopApp;
  end(): Promise<void>;
}

export async function startBare(texts: readonly string[], built: string): Promise<Bare> {
  const server = await serve({
    "/": ["text/html", PAGE],
    "/page.js": ["text/javascript", await readFile(join(built, "page.js"), "utf8")],
    "/rows": ["text/plain; charset=utf-8", texts.join("\n")],
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const app = await startProgram(await browser(), ["--automation"]);
  await app.visit(`http://127.0.0.1:${address.port}/`);
  await until("the bare editor", () => app.first.evaluate(hasElement, ".cm-line"));
  return {
    app,
    end: async () => {
      await app.kill();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function browser(): Promise<string> {
  for (const path of BROWSERS) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`WebKitGTK's MiniBrowser is at none of ${BROWSERS.join(", ")}`);
}

async function serve(
  pages: Readonly<Record<string, readonly [type: string, body: string]>>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    response.writeHead(page ? 200 : 404, { "content-type": page?.[0] ?? "text/plain" });
    response.end(page?.[1] ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
