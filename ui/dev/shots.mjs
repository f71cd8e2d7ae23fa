// Takes pictures of the development page: node dev/shots.mjs FOLDER [NAME…]. Needs a Chromium.

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const [folder = "shots", ...names] = process.argv.slice(2);
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const editor = (page, at = 0) => page.locator(".cm-content").nth(at);

const shots = {
  document: {
    hash: "",
    async act(page) {
      await editor(page).click({ position: { x: 300, y: 200 } });
    },
  },
  kinds: {
    hash: "alone",
    async act(page) {
      await page.locator("[data-scroller]").evaluate((e) => e.scrollTo(0, 480));
    },
  },
  hover: {
    hash: "alone",
    async act(page) {
      await page.locator(".row").nth(1).hover();
    },
  },
  selection: {
    hash: "alone",
    async act(page) {
      await page.locator(".row").nth(3).click();
      for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowDown");
    },
  },
  folded: {
    hash: "alone",
    async act(page) {
      await page.locator(".row").nth(4).click();
      await page.keyboard.press("Control+ArrowUp");
    },
  },
  zoomed: {
    hash: "alone",
    async act(page) {
      await page.locator(".row").nth(4).click();
      await page.keyboard.press("Alt+ArrowRight");
      await page.waitForTimeout(200);
    },
  },
  palette: {
    hash: "",
    async act(page) {
      await page.keyboard.press("Control+k");
    },
  },
  goto: {
    hash: "",
    async act(page) {
      await page.keyboard.press("Control+p");
      await page.keyboard.type("book");
      await page.waitForTimeout(300);
    },
  },
  find: {
    hash: "",
    async act(page) {
      await editor(page).click();
      await page.keyboard.press("Control+f");
      await page.keyboard.type("the");
      await page.keyboard.press("Enter");
      await page.waitForTimeout(300);
    },
  },
  drag: {
    hash: "alone",
    async act(page) {
      const box = await page.locator(".row-bullet").first().boundingBox();
      const left = await page.evaluate(
        () => document.querySelector(".row-bullet").getBoundingClientRect().left + 84,
      );
      await page.mouse.move(left, box.y + 14);
      await page.mouse.down();
      await page.mouse.move(left - 20, box.y + 40, { steps: 4 });
      await page.mouse.move(left - 20, box.y + 130, { steps: 4 });
    },
  },
  settings: {
    hash: "",
    async act(page) {
      await page.keyboard.press("Control+,");
    },
  },
  status: {
    hash: "offline",
    async act(page) {
      await page.locator("[data-status]").click();
    },
  },
  empty: { hash: "empty" },
  newdoc: {
    hash: "",
    async act(page) {
      await page.keyboard.press("Alt+n");
      await page.waitForTimeout(200);
    },
  },
  panels: {
    hash: "offline",
    async act(page) {
      await editor(page).click();
      await page.keyboard.press("Control+\\");
      await page.waitForTimeout(300);
      await page.getByRole("button", { name: "Welcome", exact: true }).click();
    },
  },
  narrow: {
    hash: "failing",
    size: { width: 480, height: 720 },
    async act(page) {
      await page.keyboard.press("Control+b");
    },
  },
  menu: {
    hash: "",
    async act(page) {
      await page.getByRole("button", { name: "Welcome", exact: true }).click({ button: "right" });
    },
  },
  bin: {
    hash: "",
    async act(page) {
      await page.getByRole("button", { name: "Welcome", exact: true }).click({ button: "right" });
      await page.getByText("Move to the bin").click();
    },
  },
  notices: { hash: "notice,refused" },
};

const server = await createServer({ logLevel: "error", server: { port: 0, strictPort: false } });
await server.listen();
const address = `${server.resolvedUrls.local[0]}dev/`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
await mkdir(folder, { recursive: true });
for (const [name, { hash, size, act }] of Object.entries(shots)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({
      viewport: size ?? { width: 1200, height: 800 },
      colorScheme,
      reducedMotion: "reduce",
    });
    page.on("pageerror", (error) => console.error(name, error.message));
    page.on(
      "console",
      (message) => message.type() === "error" && console.error(name, message.text()),
    );
    await page.goto(`${address}#${hash}`);
    await page.waitForSelector("[data-status]:not([data-status=busy])");
    if (hash !== "empty") await page.waitForSelector(".row");
    await page.evaluate(() => document.fonts.ready);
    await act?.(page);
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
    await page.close();
  }
}
await browser.close();
await server.close();
