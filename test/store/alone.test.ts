import { expect, it } from 'vitest';
import { createLoneGate, createLoneTokenSource } from '../../src/store/alone.js';

it('a gate without Redis lets pass at once, and after a 429 only when that is over', async () => {
  const gate = createLoneGate();
  await (await gate.enter('bulk')).leave();
  await gate.close(60_000);
  await expect(gate.enter('bulk', AbortSignal.timeout(20))).rejects.toThrow();
  await gate.close(0);
  await gate.enter('bulk');
});

it('a token without Redis is asked for once, whoever wants it', async () => {
  let signIns = 0;
  const source = createLoneTokenSource(async () => {
    signIns += 1;
    return { accessToken: 'token', expiresInSeconds: 3600 };
  });
  expect(await Promise.all([source.prove(), source.get(), source.renew('token')])).toEqual([
    { is: 'accepted' },
    'token',
    'token',
  ]);
  expect(signIns).toBe(1);
});
