// A client of the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/): the few commands that
// the scenarios need.

/** A driver that takes longer hangs. */
const ANSWER_MS_MAX = 20_000;

export class WebDriver {
  readonly #session: string;

  private constructor(session: string) {
    this.#session = session;
  }

  static async start(driver: string, capabilities: object): Promise<WebDriver> {
    const answer = await request("POST", `${driver}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    const { sessionId } = answer as { sessionId: string };
    return new WebDriver(`${driver}/session/${sessionId}`);
  }

  async execute<R>(script: string): Promise<R> {
    return (await this.#post("execute/sync", { script, args: [] })) as R;
  }

  async goTo(url: string): Promise<void> {
    await this.#post("url", { url });
  }

  async windows(): Promise<readonly string[]> {
    return (await request("GET", `${this.#session}/window/handles`)) as string[];
  }

  async switchTo(handle: string): Promise<void> {
    await this.#post("window", { handle });
  }

  async closeWindow(): Promise<void> {
    await request("DELETE", `${this.#session}/window`);
  }

  /** Presses `keys` in order and lets them go in the opposite order. */
  async press(keys: readonly string[]): Promise<void> {
    const down = keys.map((value) => ({ type: "keyDown", value }));
    const up = keys.map((value) => ({ type: "keyUp", value })).reverse();
    await this.#keyActions([...down, ...up]);
  }

  async type(text: string): Promise<void> {
    const strokes = [...text].flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.#keyActions(strokes);
  }

  /** Moves the pointer to a place in the window, in CSS pixels, and clicks. */
  async clickAt(x: number, y: number): Promise<void> {
    const actions = [
      { type: "pointerMove", duration: 0, x, y },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.#actions({ type: "pointer", id: "mouse", actions });
  }

  /** Presses the pointer at the first place and lets it go at the last. */
  async pull([start, ...path]: readonly {
    readonly x: number;
    readonly y: number;
  }[]): Promise<void> {
    const moves = path.map((place) => ({ type: "pointerMove", duration: 60, ...place }));
    const actions = [
      { type: "pointerMove", duration: 0, ...start },
      { type: "pointerDown", button: 0 },
      ...moves,
      { type: "pointerUp", button: 0 },
    ];
    await this.#actions({ type: "pointer", id: "mouse", actions });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#post("window/rect", { width, height });
  }

  async screenshot(): Promise<Buffer> {
    const image = await request("GET", `${this.#session}/screenshot`);
    return Buffer.from(image as string, "base64");
  }

  async end(): Promise<void> {
    await request("DELETE", this.#session);
  }

  async #keyActions(actions: readonly object[]): Promise<void> {
    await this.#actions({ type: "key", id: "keyboard", actions });
  }

  async #actions(source: object): Promise<void> {
    await this.#post("actions", { actions: [source] });
  }

  async #post(command: string, body: object): Promise<unknown> {
    return request("POST", `${this.#session}/${command}`, body);
  }
}

async function request(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Error(`${method} ${url} ${JSON.stringify(body)}: ${String(error)}`);
  });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${method} ${url}: ${error}: ${message}`);
}
