// What is typed while a document opens.

import { expect, test } from "vitest";

import { cycleTodo } from "../src/editor/gestures";
import { drawSketch, Harness, PANEL } from "./harness";

const OTHER = "doc_2";

function opening(): Harness {
  const harness = new Harness(["one", "two"]);
  drawSketch(harness.core.addDocument(OTHER, "Other"), ["other"], "other");
  harness.editor.open(OTHER, null);
  return harness;
}

function press(harness: Harness, ...keys: readonly string[]): void {
  for (const key of keys) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    harness.editor.view.contentDOM.dispatchEvent(event);
  }
}

test("what is typed before a document's rows have come is typed into them when they have", () => {
  const harness = opening();
  press(harness, "n", "e", "w", "Shift", " ");
  expect(harness.screen()).toEqual(["|one", "two"]);
  harness.settle();
  harness.editor.caretReturned();
  expect(harness.screen()).toEqual(["new |other"]);
  harness.settle();
  expect(
    harness.core.documents
      .get(OTHER)
      ?.outline.order()
      .map(({ text }) => text),
  ).toEqual(["new other"]);
});

test("arrows, undo and marks that make kinds keep their place among what is typed", () => {
  const harness = opening();
  press(harness, "#", " ", "a", "ArrowLeft", "b", "End", "!");
  harness.settle();
  harness.editor.caretReturned();
  expect(harness.screen()).toEqual(["heading1: baother!|"]);
});

test("keys of the window that are pressed meanwhile reach it, those of tabs at once", () => {
  const harness = opening();
  const heard: string[] = [];
  const { dom, contentDOM } = harness.editor.view;
  dom.addEventListener("keydown", ({ key, defaultPrevented }) => {
    if (!defaultPrevented) heard.push(key);
  });
  for (const key of ["ArrowLeft", "PageDown"]) {
    const init = { key, altKey: true, bubbles: true, cancelable: true };
    contentDOM.dispatchEvent(new KeyboardEvent("keydown", init));
  }
  expect(heard).toEqual(["PageDown"]);
  harness.settle();
  harness.editor.caretReturned();
  expect(heard).toEqual(["PageDown", "ArrowLeft"]);
});

test("keys that wait and mean nothing in a panel go on to the window, each once", () => {
  const harness = opening();
  const heard: string[] = [];
  document.body.replaceChildren();
  harness.editor.mount(document.body);
  for (const key of ["ArrowLeft", "ArrowRight"]) {
    const how = { key, ctrlKey: true, altKey: true, bubbles: true, cancelable: true };
    harness.editor.view.contentDOM.dispatchEvent(new KeyboardEvent("keydown", how));
  }
  harness.settle();
  const hear = ({ key }: KeyboardEvent): void => {
    heard.push(key);
    if (heard.length > 9) throw new Error("over and over");
  };
  window.addEventListener("keydown", hear);
  harness.editor.caretReturned();
  window.removeEventListener("keydown", hear);
  expect(heard).toEqual(["ArrowLeft", "ArrowRight"]);
});

test("the caret stands at the start of another document, wherever it was", () => {
  const harness = opening();
  harness.caret("two", 2);
  harness.settle();
  expect(harness.screen()).toEqual(["|other"]);
});

test("keys keep their order when rows come between them", () => {
  const harness = opening();
  press(harness, "a");
  harness.settle();
  press(harness, "b");
  harness.editor.caretReturned();
  expect(harness.screen()).toEqual(["ab|other"]);
});

test("no gesture changes the rows of a document that was left", () => {
  const harness = opening();
  harness.caret("one", 1);
  harness.type("x");
  harness.editor.gesture(cycleTodo);
  expect(harness.toCore.filter(({ type }) => type === "edit")).toEqual([]);
  expect(harness.rows().map(({ text, kind }) => [text, kind])).toEqual([
    ["one", "text"],
    ["two", "text"],
  ]);
});

test("what was typed ahead of a document is not typed into the next one", () => {
  const harness = opening();
  press(harness, "a");
  harness.editor.open("doc_1", null);
  harness.settle();
  harness.editor.caretReturned();
  expect(harness.screen()).toEqual(["|one", "two"]);
  expect(harness.core.panels.get(PANEL)?.document).toBe("doc_1");
});
