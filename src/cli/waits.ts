import type { App } from '../app.js';
import { waitsLine } from '../inventory/words.js';
import { WIPE } from './print.js';

const LOOK_EVERY_MS = 1_000;

/** Why a command may stand still for minutes; empty where it need not. Says nothing where Redis does not answer. */
export async function describeWaits({ gates }: Pick<App, 'gates'>): Promise<string> {
  const [rmm, halo] = await Promise.all([gates.rmm.usage(), gates.halo.usage()]).catch(() => []);
  if (!rmm || !halo) return '';
  return waitsLine([
    { name: 'ConnectWise RMM', ...rmm },
    { name: 'Halo', ...halo },
  ]);
}

/** While `work` is under way, tells on a terminal what it waits for, in a line that is wiped at the end. */
export async function tellingWaits<T>(app: Pick<App, 'gates'>, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work;
  let isOver = false;
  const look = setInterval(async () => {
    const waits = await describeWaits(app);
    if (!isOver) process.stderr.write(WIPE + (waits && `waiting, ${waits}`));
  }, LOOK_EVERY_MS);
  try {
    return await work;
  } finally {
    isOver = true;
    clearInterval(look);
    process.stderr.write(WIPE);
  }
}
