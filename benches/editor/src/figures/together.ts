// The longest time that the page is busy with one thing while a colleague types.

import { SyncServer } from "../../../../tests/e2e/world/server";
import { Colleague } from "../colleague";
import { longestTask, scrollToPart, watchTasks } from "../probe";
import type { Figure } from "../report";
import type { Sight } from "../sight";
import { Tideline } from "../tideline";

const CHARACTERS = 200;
const PER_SECOND = 20;
const SYNC_S_MAX = "180";

export async function together({ tideline, note, name }: Sight): Promise<readonly Figure[]> {
  const server = await SyncServer.start();
  const other = await Tideline.create();
  let colleague: Colleague | undefined;
  try {
    await tideline.quit();
    await tideline.command("connect", server.url, await server.addUser("Anna"));
    await tideline.command("sync", "--once", "--timeout-s", SYNC_S_MAX);
    await other.command("connect", server.url, await server.invite("Anna", "Ben"));
    await other.command("sync", "--once", "--timeout-s", SYNC_S_MAX);
    const window = await tideline.start();
    await window.is("the server", async () => (await window.status()).server === "connected");
    colleague = await Colleague.join(other.data);
    const screen = tideline.app.first;
    await screen.evaluate(scrollToPart, 0);
    await screen.evaluate(watchTasks);
    await colleague.type(CHARACTERS, PER_SECOND);
    const arrived = "ooooo ".repeat(5);
    await window.is("what the colleague typed", async () => {
      return (await window.panel().lines()).some(({ text }) => text.includes(arrived));
    });
    const ours = await screen.evaluate(longestTask);
    note(`longest task while a colleague types: ${ours} ms`);
    return [{ name: name("longest-task"), ours, unit: "ms", target: 50 }];
  } finally {
    await colleague?.leave();
    await other.end();
    await server.stop();
  }
}
