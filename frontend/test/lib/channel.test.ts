import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Channel } from "../../src/lib/channel";
import { FakeModel } from "./model";

let model: FakeModel;
let channel: Channel;
let got: [number, boolean][];

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  channel = new Channel(model as never);
  got = [];
  channel.onBatch((batch, _buffers, fresh) => got.push([batch["seq"] as number, fresh]));
});

afterEach(() => {
  channel.close();
  vi.useRealTimers();
});

test("says hello with the first view and goodbye with the last", () => {
  expect(model.types).toEqual([]);
  const leave = [channel.enter(), channel.enter()];
  expect(model.types).toEqual(["hello"]);
  leave[0]!();
  expect(model.types).toEqual(["hello"]);
  leave[1]!();
  expect(model.types).toEqual(["hello", "bye"]);
});

test("gives batches in order, whatever order they come in", () => {
  channel.enter();
  for (const seq of [2, 1, 4, 3, 3, 1]) model.batch(seq);
  expect(got).toEqual([[1, true], [2, false], [3, false], [4, false]]);
});

test("asks again for what did not come, once, and from there on", () => {
  channel.enter();
  model.batch(1);
  model.batch(3);
  model.batch(4);
  vi.advanceTimersByTime(400);
  expect(model.sent.filter((message) => message["type"] === "missing")).toMatchObject([{ epoch: 1, seq: 1 }]);
  model.batch(2);
  expect(got.map(([seq]) => seq)).toEqual([1, 2, 3, 4]);
  vi.advanceTimersByTime(4000);
  expect(model.types.filter((type) => type === "missing")).toHaveLength(1);
});

test("notices a loss at the very end by the count", () => {
  channel.enter();
  model.batch(1);
  model.count(1);
  vi.advanceTimersByTime(1000);
  expect(model.types).not.toContain("missing");
  model.count(2);
  vi.advanceTimersByTime(1000);
  expect(model.types).toContain("missing");
});

test("begins anew with a new epoch, and leaves out what is of an old one", () => {
  channel.enter();
  model.batch(1);
  model.batch(1, 2);
  model.batch(2, 1);
  expect(got).toEqual([[1, true], [1, true]]);
});

test("acknowledges every eighth batch at once and the last one soon", () => {
  channel.enter();
  for (let seq = 1; seq <= 8; seq++) model.batch(seq);
  expect(model.sent.at(-1)).toMatchObject({ type: "ack", seq: 8 });
  model.batch(9);
  expect(model.sent.at(-1)).toMatchObject({ type: "ack", seq: 8 });
  vi.advanceTimersByTime(400);
  expect(model.sent.at(-1)).toMatchObject({ type: "ack", seq: 9 });
});

test("beats while a view is there", () => {
  const leave = channel.enter();
  vi.advanceTimersByTime(10_000);
  expect(model.types).toEqual(["hello", "beat", "beat"]);
  leave();
  vi.advanceTimersByTime(10_000);
  expect(model.types.slice(-1)).toEqual(["bye"]);
});

test("knows that the kernel is gone by a send that throws", () => {
  const ways: string[] = [];
  channel.onWay((way) => ways.push(way));
  channel.enter();
  model.batch(1);
  model.dead = true;
  expect(channel.send({ type: "anything" })).toBe(false);
  expect(ways).toEqual(["opening", "open", "gone"]);
});

test("knows it by the view's own notice too", () => {
  channel.enter();
  model.emit("comm_live_update", { model: { comm_live: true } });
  expect(channel.way).not.toBe("gone");
  model.emit("comm_live_update", { model: { comm_live: false } });
  expect(channel.way).toBe("gone");
});

test("takes a kernel that does not answer a hello for a busy one", () => {
  channel.enter();
  vi.advanceTimersByTime(1500);
  expect(channel.way).toBe("busy");
  model.batch(1);
  expect(channel.way).toBe("open");
});

test("shows a busy kernel only when that lasts, and hears of a connection that is back", () => {
  const slots: Record<string, (sender: unknown, status: string) => void> = {};
  const signal = (name: string) => ({ connect: (slot: never) => (slots[name] = slot), disconnect: () => {} });
  const own = new FakeModel();
  own.widget_manager = { kernel: { status: "idle", statusChanged: signal("status"), connectionStatusChanged: signal("connection") } };
  const lab = new Channel(own as never);
  lab.enter();
  own.batch(1);
  slots["status"]!(null, "busy");
  slots["status"]!(null, "idle");
  vi.advanceTimersByTime(1000);
  expect(lab.way).toBe("open");
  slots["status"]!(null, "busy");
  vi.advanceTimersByTime(1000);
  expect(lab.way).toBe("busy");
  slots["connection"]!(null, "disconnected");
  expect(lab.way).toBe("gone");
  slots["connection"]!(null, "connected");
  expect(own.sent.at(-1)).toMatchObject({ type: "hello", epoch: 1, seq: 1 });
  lab.close();
});
