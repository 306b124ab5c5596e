// Log lines in little memory: chunks of columns and UTF-8, decoded only when they are looked at. Appends and forgets.

/** Lines a page keeps. */
export const KEPT = 100_000;
/** Chunks smaller than this are joined with the next. */
const FULL = 1_000;

export const LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
/** Codes behind those of LEVELS: a level nobody knows, and lines that are missing. */
export const UNKNOWN = 5;
export const GAP = 6;

export interface Body {
  n?: number;
  id?: number;
  sources?: [id: string, name: string][];
  state?: { name: string; why: string; retry: number | null };
}

export interface Line {
  id: number;
  /** Milliseconds since 1970. */
  time: number;
  level: number;
  source: number;
  text: string;
}

interface Chunk {
  n: number;
  times: Float64Array;
  ids: Float64Array;
  sources: Uint16Array;
  levels: Uint8Array;
  /** Where each line's text begins, and one more: where the last ends. */
  begins: Uint32Array;
  text: Uint8Array;
}

const decoder = new TextDecoder();

export class Store {
  /** Names of sources, in the order of their numbers. */
  names: string[] = [];
  /** And their ids. */
  ids: string[] = [];
  /** Numbers of those sources the kernel has told since it began anew. */
  #told: number[] = [];
  #chunks: Chunk[] = [];
  /** The number of each chunk's first line; lines are numbered from the first that ever came. */
  #starts: number[] = [];
  #lastId = 0;
  first = 0;
  end = 0;

  get count(): number {
    return this.end - this.first;
  }

  /** Bytes that the lines take. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.text.byteLength + chunk.n * 23, 0);
  }

  /** Takes a batch in; `anew` when the kernel tells everything again: what is here already is left out. */
  add(body: Body, buffers: DataView[], anew: boolean): void {
    if (anew) this.#told = [];
    for (const [id, name] of body.sources ?? []) this.#told.push(this.#source(id, name));
    const [columns, text] = buffers;
    if (!body.n || !columns || !text) return;
    const chunk = this.#read(body.n, body.id ?? 0, bytes(columns), bytes(text));
    const known = chunk.levels.every((level) => level === GAP) ? 0 : this.#known(chunk);
    if (known < chunk.n) this.#append(known ? cut(chunk, known) : chunk);
    while (this.count - (this.#chunks[0]?.n ?? 0) >= KEPT) {
      this.first += this.#chunks.shift()!.n;
      this.#starts.shift();
    }
  }

  line(row: number): Line {
    const [chunk, at] = this.#find(row);
    return {
      id: chunk.ids[at]!,
      time: chunk.times[at]!,
      level: chunk.levels[at]!,
      source: chunk.sources[at]!,
      text: decoder.decode(chunk.text.subarray(chunk.begins[at], chunk.begins[at + 1])),
    };
  }

  level(row: number): number {
    const [chunk, at] = this.#find(row);
    return chunk.levels[at]!;
  }

  source(row: number): number {
    const [chunk, at] = this.#find(row);
    return chunk.sources[at]!;
  }

  time(row: number): number {
    const [chunk, at] = this.#find(row);
    return chunk.times[at]!;
  }

  id(row: number): number {
    const [chunk, at] = this.#find(row);
    return chunk.ids[at]!;
  }

  /** Bytes of the text, which is about how many characters it has. */
  size(row: number): number {
    const [chunk, at] = this.#find(row);
    return chunk.begins[at + 1]! - chunk.begins[at]!;
  }

  #found = 0;

  #find(row: number): [Chunk, number] {
    let at = this.#found;
    const here = (index: number) =>
      row >= (this.#starts[index] ?? Infinity) && row < this.#starts[index]! + this.#chunks[index]!.n;
    if (!here(at)) {
      // Mostly it is the next one.
      if (here(at + 1)) at += 1;
      else {
        let [low, high] = [0, this.#chunks.length - 1];
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if (this.#starts[middle]! <= row) low = middle;
          else high = middle - 1;
        }
        at = low;
      }
      this.#found = at;
    }
    return [this.#chunks[at]!, row - this.#starts[at]!];
  }

  #source(id: string, name: string): number {
    let number = this.ids.indexOf(id);
    if (number < 0) number = this.ids.push(id) - 1;
    this.names[number] = name;
    return number;
  }

  #read(n: number, id: number, columns: Uint8Array, text: Uint8Array): Chunk {
    const view = new DataView(columns.buffer, columns.byteOffset, columns.byteLength);
    const chunk = room(n, text.slice());
    for (let row = 0, begin = 0; row < n; row++) {
      chunk.times[row] = view.getFloat64(8 * row, true);
      chunk.ids[row] = id + view.getUint32(8 * n + 4 * row, true);
      begin += view.getUint32(12 * n + 4 * row, true);
      chunk.begins[row + 1] = begin;
      chunk.sources[row] = this.#told[view.getUint16(16 * n + 2 * row, true)] ?? 0;
      chunk.levels[row] = view.getUint8(18 * n + row);
    }
    return chunk;
  }

  /** How many lines at the front of a chunk are here already. */
  #known(chunk: Chunk): number {
    let known = 0;
    while (known < chunk.n && chunk.ids[known]! <= this.#lastId) known++;
    return known;
  }

  #append(chunk: Chunk): void {
    this.#lastId = Math.max(this.#lastId, chunk.ids[chunk.n - 1]!);
    const last = this.#chunks.at(-1);
    if (last && last.n + chunk.n <= FULL) this.#chunks[this.#chunks.length - 1] = join(last, chunk);
    else {
      this.#chunks.push(chunk);
      this.#starts.push(this.end);
    }
    this.end += chunk.n;
  }
}

function bytes(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function room(n: number, text: Uint8Array): Chunk {
  return {
    n,
    times: new Float64Array(n),
    ids: new Float64Array(n),
    sources: new Uint16Array(n),
    levels: new Uint8Array(n),
    begins: new Uint32Array(n + 1),
    text,
  };
}

function cut(chunk: Chunk, from: number): Chunk {
  const begin = chunk.begins[from]!;
  return {
    n: chunk.n - from,
    times: chunk.times.slice(from),
    ids: chunk.ids.slice(from),
    sources: chunk.sources.slice(from),
    levels: chunk.levels.slice(from),
    begins: chunk.begins.slice(from).map((at) => at - begin),
    text: chunk.text.slice(begin),
  };
}

function join(a: Chunk, b: Chunk): Chunk {
  const text = new Uint8Array(a.text.length + b.text.length);
  text.set(a.text);
  text.set(b.text, a.text.length);
  const both = room(a.n + b.n, text);
  for (const name of ["times", "ids", "sources", "levels"] as const) {
    both[name].set(a[name] as never);
    both[name].set(b[name] as never, a.n);
  }
  both.begins.set(a.begins);
  both.begins.set(b.begins.map((at) => at + a.text.length), a.n);
  return both;
}
