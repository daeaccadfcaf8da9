import { expect, it } from 'vitest';
import { createUnsettled, type UnsettledItem } from '../../src/store/unsettled.js';
import { useRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

const store = useRedis();

const item = (rmmId: string, fingerprint: string): UnsettledItem => ({
  rmmId,
  companyId: 'c1',
  name: `Acme / ${rmmId}`,
  reason: 'Ambiguous: …',
  fingerprint,
  as: 'skipped',
});

it('names what is unsettled as it stands, until some hours have passed', async () => {
  const unsettled = createUnsettled(store.redis, `${store.prefix}:unsettled`, 200);
  await unsettled.add([]);
  await unsettled.add([item('d1', 'print-1'), item('d2', 'print-2')]);
  const asked = [item('d1', 'print-1'), item('d2', 'changed since'), item('d3', 'print-3')];
  expect(await unsettled.among(asked)).toEqual(new Map([['d1', item('d1', 'print-1')]]));
  expect(await unsettled.among([])).toEqual(new Map());
  await unsettled.add([item('d9', 'print-9')]);
  await unsettled.remove([]);
  await unsettled.remove(['d9']);
  expect(await unsettled.among([item('d9', 'print-9')])).toEqual(new Map());
  await waitFor(async () => (await unsettled.among(asked)).size === 0, { what: 'it is looked at again' });
});
