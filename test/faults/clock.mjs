import { readFileSync } from 'node:fs';

/**
 * Loaded ahead of a daemon: its wall clock goes wrong by as many milliseconds as the file says that CLOCK_FILE names.
 * Read at start and at each SIGUSR2. Timers are left alone, as they are when the clock of a machine is set.
 */
const read = () => Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
const RealDate = Date;
let offsetMs = read();
const now = () => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, asked) => Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

process.on('SIGUSR2', () => {
  offsetMs = read();
});
