// What runs inside of the pages that are measured. Each function is sent as text: it may use nothing
// but its arguments and the page. Times are milliseconds; the engine rounds them to whole ones.

interface Bench {
  /** From a key to the end of the frame that follows it. */
  frames?: number[];
  /** When keys went down, and when the watched row changed; wall clock. */
  keys?: number[];
  echoes?: { length: number; at: number }[];
  took?: number | null;
  steps?: { frames: number; backward: number; jumps: string[] } | null;
  longest?: number;
}

declare global {
  interface Window {
    bench?: Bench;
  }
}

export function hasElement(selector: string): boolean {
  return document.querySelector(selector) !== null;
}

/** Notes every key, and when the frame behind it has been drawn. */
export function watchKeys(): void {
  const bench: Bench = (window.bench ??= {});
  const watched = bench.frames !== undefined;
  const frames: number[] = (bench.frames = []);
  bench.keys = [];
  if (watched) return;
  void frames;
  const drawn = new MessageChannel();
  const waiting: number[] = [];
  drawn.port1.onmessage = () => {
    const began = waiting.shift();
    if (began !== undefined) bench.frames?.push(performance.now() - began);
  };
  window.addEventListener(
    "keydown",
    ({ timeStamp, key }) => {
      if (key.length > 1) return;
      bench.keys?.push(performance.timeOrigin + timeStamp);
      requestAnimationFrame(() => {
        waiting.push(timeStamp);
        drawn.port2.postMessage(0);
      });
    },
    true,
  );
}

export function keyFrames(): readonly number[] {
  return window.bench?.frames ?? [];
}

export function keyTimes(): readonly number[] {
  return window.bench?.keys ?? [];
}

/** Notes when the text of a line gets longer. */
export function watchRow(line: string): void {
  const bench: Bench = (window.bench ??= {});
  const echoes: { length: number; at: number }[] = (bench.echoes = []);
  const read = (): number =>
    document.querySelector(`.cm-line[data-line="${line}"]`)?.textContent?.length ?? 0;
  let length = read();
  new MutationObserver(() => {
    const now = read();
    if (now <= length) return;
    length = now;
    echoes.push({ length, at: performance.timeOrigin + performance.now() });
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

export function rowEchoes(): readonly { length: number; at: number }[] {
  return window.bench?.echoes ?? [];
}

export function rowLength(line: string): number {
  return document.querySelector(`.cm-line[data-line="${line}"]`)?.textContent?.length ?? 0;
}

export interface Wanted {
  readonly selector: string;
  /** What one of the elements says, where that matters. */
  readonly text?: string;
  /** How many there have to be; one or more unless said otherwise. */
  readonly count?: number;
}

/** From the next key until what is wanted has been drawn: to the end of the first frame that has it. */
export function expectNext(wanted: Wanted): void {
  const bench: Bench = (window.bench ??= {});
  bench.took = null;
  let began: number | null = null;
  let found = false;
  // A frame has begun and is not painted yet: what is in the page now will be seen with it.
  let inFrame = false;
  const met = (): boolean => {
    const all = [...document.querySelectorAll(wanted.selector)].filter((element) => {
      const { top, bottom, height } = element.getBoundingClientRect();
      const seen = height > 0 && bottom > 0 && top < window.innerHeight;
      return (
        seen && (wanted.text === undefined || (element.textContent ?? "").includes(wanted.text))
      );
    });
    return wanted.count === undefined ? all.length > 0 : all.length === wanted.count;
  };
  const key = ({ timeStamp }: KeyboardEvent): void => void (began = timeStamp);
  window.addEventListener("keydown", key, true);
  const request = window.requestAnimationFrame;
  const painted = new MessageChannel();
  window.requestAnimationFrame = (run) =>
    request.call(window, (now) => {
      if (!inFrame) painted.port2.postMessage(0);
      inFrame = true;
      run(now);
    });
  const look = (): void => {
    if (found || began === null || !met()) return;
    found = true;
    if (!inFrame) window.requestAnimationFrame(() => undefined);
  };
  const observer = new MutationObserver(look);
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(document.body, everything);
  const each = (): void => {
    look();
    if (!found) window.requestAnimationFrame(each);
  };
  each();
  painted.port1.onmessage = () => {
    inFrame = false;
    if (!found || began === null) return;
    bench.took = performance.now() - began;
    observer.disconnect();
    window.removeEventListener("keydown", key, true);
    window.requestAnimationFrame = request;
  };
}

export function tookNext(): number | null {
  return window.bench?.took ?? null;
}

/** Scrolls evenly for so many frames, and notes where the topmost line moved backward. */
export function scrollOn(frames: number, step_px: number): void {
  const bench: Bench = (window.bench ??= {});
  bench.steps = null;
  const scroller =
    document.querySelector("[data-scroller]") ?? document.querySelector(".cm-scroller");
  if (!scroller) throw new Error("nothing to scroll");
  const box = scroller.getBoundingClientRect();
  let count = 0;
  let backward = 0;
  const jumps: string[] = [];
  let last: { line: number; above: number } | null = null;
  const topmost = (): { line: number; above: number } | null => {
    for (let y = box.top + 8; y < box.bottom; y += 20) {
      const element = document
        .elementFromPoint(box.left + box.width / 2, y)
        ?.closest<HTMLElement>(".cm-line");
      const line = / n(\d+) /.exec(`${element?.textContent ?? ""} `)?.[1];
      if (element && line) {
        return { line: Number(line), above: box.top - element.getBoundingClientRect().top };
      }
    }
    return null;
  };
  const each = (): void => {
    const now = topmost();
    if (now && last) {
      const back = now.line < last.line || (now.line === last.line && now.above < last.above - 0.5);
      if (back) {
        backward++;
        if (jumps.length < 5) jumps.push(`${last.line}→${now.line} in frame ${count}`);
      }
    }
    last = now ?? last;
    if (++count > frames) bench.steps = { frames: count - 1, backward, jumps };
    else {
      scroller.scrollTop += step_px;
      requestAnimationFrame(each);
    }
  };
  each();
}

export function scrolled(): { frames: number; backward: number; jumps: string[] } | null {
  return window.bench?.steps ?? null;
}

/** From here on notes for how long the page did nothing else than one thing. */
export function watchTasks(): void {
  const bench: Bench = (window.bench ??= {});
  bench.longest = 0;
  let last = performance.now();
  const each = (): void => {
    const now = performance.now();
    bench.longest = Math.max(bench.longest ?? 0, now - last - 4);
    last = now;
    setTimeout(each, 4);
  };
  each();
}

export function longestTask(): number {
  return window.bench?.longest ?? 0;
}

/** When the first row was painted; wall clock. */
export function firstRow(): number | null {
  const [mark] = performance.getEntriesByName("first-row");
  return mark ? performance.timeOrigin + mark.startTime : null;
}

/** Puts the scroller somewhere, in parts of all. */
export function scrollToPart(part: number): void {
  const scroller =
    document.querySelector("[data-scroller]") ?? document.querySelector(".cm-scroller");
  if (scroller) scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * part;
}

/** A line in sight, by its place among those in sight: its id and its text. */
export function seenLine(place: number): { id: string; text: string } | null {
  const lines = [...document.querySelectorAll<HTMLElement>(".cm-line")].filter((line) => {
    const { top, bottom } = line.getBoundingClientRect();
    return top > 100 && bottom < window.innerHeight - 60;
  });
  const line = lines[Math.floor(lines.length * place)];
  return line ? { id: line.dataset["line"] ?? "", text: line.textContent ?? "" } : null;
}
