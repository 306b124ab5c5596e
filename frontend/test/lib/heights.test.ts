import { expect, test } from "vitest";
import { Heights } from "../../src/lib/heights";

test("finds each row where it is, after any change", () => {
  const heights = new Heights();
  const own: number[] = [];
  for (let row = 0; row < 3000; row++) heights.add((own[row] = 18 * (1 + (row % 5))));
  for (const row of [0, 7, 1023, 1024, 2999]) heights.set(row, (own[row] = 50));
  heights.drop(10);
  own.splice(0, 10);
  heights.add((own[own.length] = 90));
  let top = 0;
  for (const [row, height] of own.entries()) {
    expect(heights.top(row)).toBe(top);
    expect(heights.find(top)).toBe(row);
    expect(heights.find(top + height - 1)).toBe(row);
    top += height;
  }
  expect(heights.total).toBe(top);
  expect(heights.find(top + 1000)).toBe(own.length - 1);
});
