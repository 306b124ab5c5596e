// Times of lines, as people want them.

export const CLOCKS = { local: "local time", utc: "UTC", ago: "how long ago", none: "no time" } as const;
export type Clock = keyof typeof CLOCKS;

const two = (number: number): string => String(number).padStart(2, "0");

/** A line's time; the day only where it is another than today. */
export function told(time: number, clock: Clock, now: number): string {
  if (clock === "none" || !Number.isFinite(time) || time < 0) return "";
  if (clock === "ago") return ago(Math.max(0, now - time));
  const [at, today] = [new Date(time), new Date(now)];
  const utc = clock === "utc";
  const day = (date: Date) => (utc ? date.toISOString().slice(0, 10) : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`);
  const hour = utc ? at.toISOString().slice(11, 19) : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return day(at) === day(today) ? hour : `${day(at)} ${hour}`;
}

export function ago(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
