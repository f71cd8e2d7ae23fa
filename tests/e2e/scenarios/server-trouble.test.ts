// A server that is absent, refuses the token, or is of another version: the status says so, and
// writing goes on.
import { expect, test } from "vitest";

import { freePort } from "../driver/process";
import { type Client, settled } from "../world/client";
import { OtherVersionServer, REFUSAL } from "../world/otherVersion";
import { useWorld } from "../world/world";

const world = useWorld();

test("a server that is not there is named with the reason, and found when it comes", async () => {
  const server = await world.server();
  const client = await world.client();
  await client.connect(server.url, await server.addUser("Anna"));
  await server.stop();
  await client.start();
  expect(await client.window.says(/not connected to the server/)).toContain("trying again");
  await writeAndSave(client, /Saved on this computer · \d+ changes? waiting for the server/);
  await server.start();
  await settled(client);
});

test("a token that the server does not know is refused with the reason", async () => {
  const server = await world.server();
  const client = await world.client();
  await expect(client.connect(server.url, "not-a-token-of-this-server")).rejects.toThrow("refused");
  await client.start();
  expect(await client.window.says(/not connected to the server/)).toContain("token");
  expect(await client.window.status()).toMatchObject({ level: "danger", server: "refused" });
  await writeAndSave(
    client,
    /^Saved on this computer · (not connected to the server|\d+ changes? not sent)/,
  );
});

test("a server of another version is refused with what to do", async () => {
  const server = await OtherVersionServer.start();
  const client = await world.client();
  await expect(client.connect(server.url, "any token")).rejects.toThrow(REFUSAL);
  await client.start();
  expect(await client.window.says(/not connected to the server/)).toContain(REFUSAL);
  await writeAndSave(
    client,
    /^Saved on this computer · (not connected to the server|\d+ changes? not sent)/,
  );
  server.stop();
});

test("a server is connected to in the settings, by keyboard", async () => {
  const server = await world.server();
  const token = await server.addUser("Anna");
  const client = await world.client();
  const window = await client.start();
  await window.newDocument("Plan");
  await window.type("written before there was a server");
  await window.isSaved();
  await enterServer(client, `ws://127.0.0.1:${await freePort()}`, token);
  await window.says(/not connected to the server|waiting for the server/);
  await enterServer(client, server.url, token);
  await settled(client);
  await client.quit();
  await client.start();
  await settled(client);
});

async function writeAndSave(client: Client, status: RegExp): Promise<void> {
  const panel = await client.window.newDocument("Plan");
  await client.window.type("written all the same");
  await panel.shows("written all the same");
  await client.window.says(status);
}

async function enterServer(client: Client, url: string, token: string): Promise<void> {
  const window = client.window;
  await window.openSettings("Sync server");
  await window.focusField("setting-url");
  await window.press("Control+a");
  await window.type(url);
  await window.press("Tab");
  await window.type(token);
  await window.press("Enter", "Escape");
  await window.hides("#setting-url");
}
