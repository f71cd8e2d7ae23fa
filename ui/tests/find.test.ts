// The bar that finds and replaces.

import { expect, test } from "vitest";

import { Harness } from "./harness";

class Bar {
  private readonly dom: HTMLElement;

  constructor(readonly harness: Harness) {
    document.body.replaceChildren();
    harness.editor.mount(document.body);
    harness.editor.find();
    const found = document.querySelector<HTMLElement>(".find");
    if (!found) throw new Error("no bar");
    this.dom = found;
  }

  private field(label: string): HTMLInputElement {
    const found = this.dom.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`);
    if (!found) throw new Error(`no field ${label}`);
    return found;
  }

  write(label: string, text: string): void {
    const field = this.field(label);
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  press(label: string, key: string, how: KeyboardEventInit = {}): void {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how });
    this.field(label).dispatchEvent(event);
  }

  click(title: string): void {
    this.dom.querySelector<HTMLElement>(`button[title^="${title}"]`)?.click();
  }

  get status(): string {
    return this.dom.querySelector("[role=status]")?.textContent ?? "";
  }

  get open(): boolean {
    return document.querySelector(".find") !== null;
  }

  end(): void {
    this.harness.editor.destroy();
    document.body.replaceChildren();
  }
}

test("matches are counted, and gone through round and round", () => {
  const bar = new Bar(new Harness(["one two", "  Two", "three"]));
  bar.write("Find", "two");
  expect(bar.status).toBe("2 matches");
  const { view } = bar.harness.editor;
  const at = (): number => view.state.doc.lineAt(view.state.selection.main.from).number;
  const seen = ["Enter", "Enter", "Enter"].map((key) => {
    bar.press("Find", key);
    return at();
  });
  expect(seen).toEqual([1, 2, 1]);
  bar.press("Find", "Enter", { shiftKey: true });
  expect(at()).toBe(2);
  bar.press("Find", "Escape");
  expect(bar.open).toBe(false);
  bar.end();
});

test("case, whole words and expressions are heeded", () => {
  const bar = new Bar(new Harness(["Two two twofold", "2 and 22"]));
  bar.write("Find", "two");
  expect(bar.status).toBe("3 matches");
  bar.click("Match upper");
  expect(bar.status).toBe("2 matches");
  bar.click("Whole words");
  expect(bar.status).toBe("1 match");
  bar.click("Whole words");
  bar.click("Regular");
  bar.write("Find", "\\d+");
  expect(bar.status).toBe("2 matches");
  bar.write("Find", "(");
  expect(bar.status).toBe("Not an expression");
  bar.end();
});

test("replacing all keeps every line, and is one step to undo", () => {
  const bar = new Bar(new Harness(["one two", "bullet: two two", "three"]));
  const ids = bar.harness.rows().map((row) => row.id);
  bar.write("Find", "two");
  bar.write("Replace with", "2");
  bar.press("Replace with", "Enter", { ctrlKey: true });
  const types = bar.harness.toCore.map((command) => command.type);
  expect(types).toEqual(["flush", "edit", "flush"]);
  bar.harness.settle();
  expect(bar.harness.rows().map((row) => row.text)).toEqual(["one 2", "2 2", "three"]);
  expect(bar.harness.rows().map((row) => row.id)).toEqual(ids);
  bar.end();
});

test("replacing goes from match to match; an expression's groups may be used", () => {
  const bar = new Bar(new Harness(["a-b c-d"]));
  bar.click("Regular");
  bar.write("Find", "(\\w)-(\\w)");
  bar.write("Replace with", "$2-$1");
  bar.press("Replace with", "Enter");
  bar.press("Replace with", "Enter");
  bar.harness.settle();
  expect(bar.harness.rows()[0]?.text).toBe("b-a c-d");
  bar.end();
});

test("lines that are folded away are said not to be searched", () => {
  const harness = new Harness(["one", "  two"]);
  harness.caret("one", 0);
  harness.editor.folding.fold();
  harness.settle();
  const bar = new Bar(harness);
  bar.write("Find", "two");
  expect(bar.status).toBe("No match");
  bar.click("Folded lines");
  harness.settle();
  bar.write("Find", "tw");
  expect(bar.status).toBe("1 match");
  bar.end();
});
