import { describe, expect, it } from 'vitest';
import { type FaultRule, HTML_PAGE } from '../../src/demo/faults.js';
import type { RunKind } from '../../src/store/runs.js';
import {
  expectEachDeviceOnce,
  firstOf,
  importAll,
  isAssetPost,
  isDeviceList,
  isHaloList,
  small,
  startPerTest,
} from './support.js';

const start = startPerTest();

const isRmmList =
  (what: 'companies' | 'sites'): FaultRule['match'] =>
  ({ path }) =>
    path.endsWith(`/company/${what}`);

describe('an HTML page with status 200', () => {
  const places: ['rmm' | 'halo', RunKind, string, FaultRule['match']][] = [
    ['rmm', 'sites', 'Listing the companies of ConnectWise RMM', isRmmList('companies')],
    ['rmm', 'assets', 'Listing the companies of ConnectWise RMM', isRmmList('companies')],
    ['rmm', 'sites', 'Listing the sites of ConnectWise RMM', isRmmList('sites')],
    ['rmm', 'assets', 'Listing the sites of ConnectWise RMM', isRmmList('sites')],
    ['rmm', 'assets', 'Listing the devices of', isDeviceList],
    ['halo', 'sites', 'Listing the clients of Halo', isHaloList('Client')],
    ['halo', 'sites', 'Listing the sites of Halo', isHaloList('Site')],
    ['halo', 'assets', 'Listing the assets of type', isHaloList('Asset')],
  ];
  it.each(places)(
    'from the %s in a run of %s is told as "%s …", and nothing is written',
    async (side, kind, doing, match) => {
      const fleet = small();
      const all = await start({ rmm: { fleet } });
      if (kind === 'assets') await all.run('sites');
      const before = structuredClone(all.halo.state);
      const fault = all[side].faults.add({ match, action: HTML_PAGE });
      const run = await all.run(kind);
      expect(run).toMatchObject({ state: 'failed', complete: false, counts: { created: 0 } });
      const told = run.errors.map(({ message }) => message).join('\n');
      expect(told).toContain(doing);
      expect(told).toContain('We will be back soon');
      expect(all.halo.state).toEqual(before);
      fault.remove();
      await importAll(all);
      expectEachDeviceOnce(all, fleet);
    },
  );

  it('in answer to each create leaves them in doubt, and the next run looks before it sends them', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    const fault = all.halo.faults.add({ match: isAssetPost, action: HTML_PAGE });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', counts: { read: 12, created: 0, failed: 12 } });
    expect(run.errors.map(({ item }) => item).sort()).toEqual(fleet.devices.map(({ id }) => id).sort());
    for (const { message } of run.errors) expect(message).toContain('is not known');
    fault.remove();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 12 } });
    expectEachDeviceOnce(all, fleet);
  });

  it('in answer to a create that Halo did is found in Halo', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    const action = { do: 'answer', status: 200, body: '<html>Hold on</html>', afterWork: true } as const;
    all.halo.faults.add({ match: isAssetPost, times: 3, action });
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 12 } });
    expectEachDeviceOnce(all, fleet);
  });
});

const SENTENCE = 'Some text about the mistake';

/** As the facts known of the two APIs show them; what is to be told of each. */
const SHAPES: [string, string | object, string][] = [
  ['{error, description}', { error: 'bad request', description: SENTENCE }, `bad request: ${SENTENCE}`],
  ['{code, message}', { code: 'E17', message: SENTENCE }, `E17: ${SENTENCE}`],
  ['{error: {message}}', { error: { message: SENTENCE } }, SENTENCE],
  ['{error: [{code, message}]}', { error: [{ code: 'E17', message: SENTENCE }] }, `E17: ${SENTENCE}`],
  ['[{code, message}]', [{ code: 'E17', message: SENTENCE }], `E17: ${SENTENCE}`],
  ['{id, message}', { id: 'c0ffee', message: SENTENCE }, SENTENCE],
  ['{message}', { message: SENTENCE }, SENTENCE],
  ['text', SENTENCE, SENTENCE],
  ['nothing', '', 'Bad Request'],
  [
    '{ClassName, Message}',
    { ClassName: 'System.Exception', Message: SENTENCE, Data: null, InnerException: null },
    SENTENCE,
  ],
  ['{resultCode, errorMessage}', { resultCode: -1, errorMessage: SENTENCE }, SENTENCE],
  [
    '{error, error_description}',
    { error: 'invalid_request', error_description: SENTENCE },
    `invalid_request: ${SENTENCE}`,
  ],
  ['{id: […]}', { id: [SENTENCE] }, `id: ${SENTENCE}`],
  ['{"[0].id": […]}', { '[0].id': [SENTENCE] }, `[0].id: ${SENTENCE}`],
  [
    'text with a code',
    'CODE:APP03/2 Please select the CAB members',
    'CODE:APP03/2 Please select the CAB members',
  ],
];

describe('a refusal (400) in the shape', () => {
  it.each(SHAPES)('of %s by Halo costs the asset that it is for, and is told', async (_shape, body, said) => {
    const fleet = small();
    const { id, name } = firstOf(fleet);
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    const holdsIt: FaultRule['match'] = (request) =>
      isAssetPost(request) && JSON.stringify(request.body).includes(id);
    const fault = all.halo.faults.add({ match: holdsIt, action: { do: 'answer', status: 400, body } });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', complete: true, counts: { created: 11, failed: 1 } });
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]?.item).toBe(id);
    expect(run.errors[0]?.message).toContain(name);
    expect(run.errors[0]?.message).toContain(`Halo answered 400: ${said}`);
    fault.remove();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 1 }, errors: [] });
    expectEachDeviceOnce(all, fleet);
  });

  it.each(SHAPES)(
    'of %s by the RMM costs the company that it is for, and is told',
    async (_shape, body, said) => {
      const fleet = small();
      const [company] = fleet.companies;
      const all = await start({ rmm: { fleet }, config: { rmm: { companiesPerRequest: 1 } } });
      await all.run('sites');
      const asksForIt: FaultRule['match'] = (request) =>
        isDeviceList(request) && JSON.stringify(request.body).includes(company?.id ?? '');
      const fault = all.rmm.faults.add({ match: asksForIt, action: { do: 'answer', status: 400, body } });
      const run = await all.run('assets');
      expect(run).toMatchObject({ state: 'partial', complete: false, counts: { created: 8, failed: 1 } });
      expect(run.errors).toHaveLength(1);
      expect(run.errors[0]?.message).toContain(company?.name);
      expect(run.errors[0]?.message).toContain(`ConnectWise RMM answered 400: ${said}`);
      fault.remove();
      await importAll(all);
      expectEachDeviceOnce(all, fleet);
    },
  );
});
