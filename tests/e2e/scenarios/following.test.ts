// Following somebody: one panel is where they are.
import { test } from "vitest";

import { useWorld } from "../world/world";

const world = useWorld();

test("who follows goes where the other goes, until they write themselves", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Other");
  await window.type("in another document");
  await window.newDocument("Plan");
  await window.type("here");
  await window.press("Enter", "Tab");
  await window.type("and below");

  await ben.window.open("Plan");
  await ben.window.panel().placeCaretAtEnd("here");
  await window.shows(".person");
  await window.command("Follow the next person here");
  await window.is("to say whom", async () =>
    (await window.text("[role=status]")).startsWith("Following Ben"),
  );

  await ben.window.press("Alt+ArrowRight");
  await window.shows("[data-panel] nav li + li");
  await ben.window.open("Other");
  await ben.window.panel().placeCaretAtEnd("in another document");
  await window.is("the other document", async () => (await window.panel().title()) === "Other");

  await window.panel().placeCaretAtEnd("in another document");
  await window.type("!");
  await window.hides("[role=status]");
  await ben.window.open("Plan");
  await ben.window.panel().placeCaretAtEnd("here");
  await ben.window.type("?");
  await window.panel().line("in another document!");
});
