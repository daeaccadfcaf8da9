const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:(?:T|\s+)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$/i;

const EPOCH = /^\d{9,17}(\.\d+)?$/;

/** Go writes the year 1 for no date, others 1970: nothing that is watched is as old as this. */
const EARLIEST_MS = Date.UTC(1990, 0, 1);

/**
 * A point in time in milliseconds, of ISO (without a zone: UTC) or of the seconds, milliseconds or microseconds since
 * 1970. `null`: the text is none of them, no real date, or before 1990.
 */
export function timeIn(text: string): number | null {
  const timeMs = EPOCH.test(text) ? fromEpoch(Number(text)) : fromIso(text);
  return timeMs !== null && timeMs >= EARLIEST_MS ? timeMs : null;
}

/** Told apart by their size: each of these bounds is a year past 5000. */
function fromEpoch(count: number): number {
  if (count < 1e11) return Math.round(count * 1000);
  return Math.floor(count < 1e14 ? count : count / 1000);
}

function fromIso(text: string): number | null {
  const parts = ISO.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const localMs = Date.parse(local);
  // 30 February would become 2 March.
  const isReal = !Number.isNaN(localMs) && new Date(localMs).toISOString() === local;
  return isReal ? localMs - offsetMs(parts[8]) : null;
}

function offsetMs(zone = 'Z'): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const total = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -total : total;
}
