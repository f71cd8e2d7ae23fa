// Named timers of one owner: each runs at most once at a time.

export class Timers<Name extends string> {
  private readonly running = new Map<Name, number>();

  constructor(private readonly due: (name: Name) => void) {}

  /** Starts a timer, unless it runs already. */
  startOnce(name: Name, delay_ms: number): void {
    if (!this.running.has(name)) this.restart(name, delay_ms);
  }

  restart(name: Name, delay_ms: number): void {
    this.cancel(name);
    const timer = window.setTimeout(() => {
      this.running.delete(name);
      this.due(name);
    }, delay_ms);
    this.running.set(name, timer);
  }

  cancel(name: Name): void {
    window.clearTimeout(this.running.get(name));
    this.running.delete(name);
  }

  cancelAll(): void {
    [...this.running.keys()].forEach((name) => this.cancel(name));
  }
}
