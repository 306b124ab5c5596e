// Heights of rows, and which row is at which height: a Fenwick tree, so that each of 100,000 may change at no cost.

export class Heights {
  #own = new Float32Array(1024);
  #tree = new Float64Array(1025);
  length = 0;

  get total(): number {
    return this.top(this.length);
  }

  at(row: number): number {
    return this.#own[row] ?? 0;
  }

  add(height: number): void {
    if (this.length === this.#own.length) this.#grow();
    this.#own[this.length] = height;
    const node = ++this.length;
    let sum = height;
    for (let step = 1; step < (node & -node); step <<= 1) sum += this.#tree[node - step]!;
    this.#tree[node] = sum;
  }

  set(row: number, height: number): void {
    const change = height - this.#own[row]!;
    this.#own[row] = height;
    for (let node = row + 1; node <= this.length; node += node & -node) this.#tree[node]! += change;
  }

  /** Where a row begins. */
  top(row: number): number {
    let sum = 0;
    for (let node = row; node > 0; node -= node & -node) sum += this.#tree[node]!;
    return sum;
  }

  /** The row at that height; the first or the last one beyond them. */
  find(height: number): number {
    let node = 0;
    let left = height;
    for (let step = 1 << Math.floor(Math.log2(Math.max(1, this.length))); step > 0; step >>= 1) {
      if (node + step <= this.length && this.#tree[node + step]! <= left) {
        node += step;
        left -= this.#tree[node]!;
      }
    }
    return Math.max(0, Math.min(node, this.length - 1));
  }

  /** Forgets that many rows at the front. */
  drop(count: number): void {
    const rest = this.#own.slice(count, this.length);
    this.length = 0;
    for (const height of rest) this.add(height);
  }

  clear(): void {
    this.length = 0;
  }

  #grow(): void {
    const own = new Float32Array(this.#own.length * 2);
    own.set(this.#own);
    const tree = new Float64Array(own.length + 1);
    tree.set(this.#tree);
    this.#own = own;
    this.#tree = tree;
  }
}
