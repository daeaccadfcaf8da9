/** A table of what was measured. */
export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** One thing that must be reached, and what was. */
export interface Goal {
  what: string;
  wanted: string;
  measured: string;
  isMet: boolean;
}

/** What one part of the benchmark found out. */
export interface Finding {
  title: string;
  /** Text and tables, in their order. */
  parts: readonly (string | Table)[];
  goals: readonly Goal[];
}

/** How thoroughly to measure. */
export interface Effort {
  isQuick: boolean;
  /** Is told what is going on. */
  say(text: string): void;
}

/** Figures that one part leaves for the arithmetic at the end. */
export interface Figures {
  listedPerSecond?: number;
  importedPerSecond?: number;
  redisBytesPerDevice?: number;
  alertsPerSecond?: number;
}

/** @returns a goal that is met where `value` is at most `limit`. */
export function atMost(what: string, value: number, limit: number, show: (value: number) => string): Goal {
  return { what, wanted: `≤ ${show(limit)}`, measured: show(value), isMet: value <= limit };
}

/** @returns a goal that is met where `value` is at least `limit`. */
export function atLeast(what: string, value: number, limit: number, show: (value: number) => string): Goal {
  return { what, wanted: `≥ ${show(limit)}`, measured: show(value), isMet: value >= limit };
}
