// Ids for new lines, out of the blocks that the core gives. An id is never given twice.

export class LineNumbers {
  private readonly blocks: { prefix: string; next: number; end: number }[] = [];

  /** `low` is called when few are left, so that the next block is there before they are gone. */
  constructor(
    private readonly low: () => void,
    private readonly reserve = 10_000,
  ) {}

  add(prefix: string, first: number, count: number): void {
    this.blocks.push({ prefix, next: first, end: first + count });
  }

  clear(): void {
    this.blocks.length = 0;
  }

  left(): number {
    return this.blocks.reduce((sum, block) => sum + block.end - block.next, 0);
  }

  take(): string {
    const block = this.blocks[0];
    if (!block) throw new Error("the core has given no ids for new lines yet");
    const id = `${block.prefix}${block.next++}`;
    if (block.next === block.end) this.blocks.shift();
    if (this.left() === this.reserve) this.low();
    return id;
  }
}
