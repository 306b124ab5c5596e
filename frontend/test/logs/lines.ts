// Batches as the kernel packs them.
import type { Body } from "../../src/logs/store";

export interface Given {
  id: number;
  text: string;
  time?: number;
  level?: number;
  source?: number;
}

export function packed(lines: Given[], sources: [string, string][] = []): [Body, DataView[]] {
  const n = lines.length;
  const columns = new DataView(new ArrayBuffer(n * 19));
  const texts = lines.map((line) => new TextEncoder().encode(line.text));
  const first = lines[0]!.id;
  for (const [row, line] of lines.entries()) {
    columns.setFloat64(8 * row, line.time ?? 0, true);
    columns.setUint32(8 * n + 4 * row, line.id - first, true);
    columns.setUint32(12 * n + 4 * row, texts[row]!.length, true);
    columns.setUint16(16 * n + 2 * row, line.source ?? 0, true);
    columns.setUint8(18 * n + row, line.level ?? 2);
  }
  const text = new Uint8Array(texts.reduce((sum, each) => sum + each.length, 0));
  texts.reduce((at, each) => (text.set(each, at), at + each.length), 0);
  return [{ n, id: first, sources }, [columns, new DataView(text.buffer)]];
}

export function numbered(from: number, count: number, more: (n: number) => Partial<Given> = () => ({})): Given[] {
  return Array.from({ length: count }, (_, n) => ({ id: from + n, text: `line ${from + n}`, ...more(from + n) }));
}
