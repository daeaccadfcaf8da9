import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payloadText, toPayloads } from '../../../src/alerts/reading/payload.js';

describe('toPayloads', () => {
  it.each([
    ['a query alone', { token: 't', alertId: '7' }, undefined, [{ alertId: '7' }]],
    ['a token in capitals', { TOKEN: 't', Token: 'u', id: '7' }, null, [{ id: '7' }]],
    ['an object over the query', { id: '1', site: 'a' }, { id: '2' }, [{ id: '2', site: 'a' }]],
    [
      'an array, the query under each',
      { c: '1' },
      [{ a: 1 }, { a: 2, c: '3' }],
      [
        { c: '1', a: 1 },
        { c: '3', a: 2 },
      ],
    ],
    [
      'an array of what is no object',
      {},
      [1, 'x', null, [2]],
      [{ value: 1 }, { value: 'x' }, { value: null }, { value: [2] }],
    ],
    ['an empty array', { id: '1' }, [], [{ id: '1' }]],
    ['JSON in a text', {}, ' {"id":1} ', [{ id: 1 }]],
    ['JSON behind a byte order mark', {}, '\uFEFF[{"id":1},{"id":2}]', [{ id: 1 }, { id: 2 }]],
    ['a text', { id: '1' }, 'Disk C: is full\n', [{ id: '1', text: 'Disk C: is full' }]],
    ['a text with an =', {}, 'CPU=97%', [{ text: 'CPU=97%' }]],
    ['JSON that is cut off', {}, '{"id":', [{ text: '{"id":' }]],
    ['a form', {}, 'alertId=7&message=Disk+full%21', [{ alertId: '7', message: 'Disk full!' }]],
    ['no text', { id: '1' }, '  ', [{ id: '1' }]],
    ['a scalar in JSON', {}, '42', [{ value: 42 }]],
    ['a scalar', {}, true, [{ value: true }]],
    ['JSON that says null', { id: '1' }, 'null', [{ id: '1' }]],
    [
      'alerts in a list',
      {},
      { c: 1, Alerts: [{ a: 1 }, { a: 2 }] },
      [
        { c: 1, a: 1 },
        { c: 1, a: 2 },
      ],
    ],
    ['one alert in a list', {}, { alerts: [{ a: 1 }] }, [{ alerts: [{ a: 1 }] }]],
    ['a count of alerts', {}, { alerts: [1, 2] }, [{ alerts: [1, 2] }]],
    ['nothing at all', {}, undefined, [{}]],
  ])('reads %s', (_what, query, body, payloads) => {
    expect(toPayloads(query, body)).toEqual(payloads);
  });

  it('takes no harm from the names of prototypes', () => {
    const hostile =
      '{"__proto__":{"isBad":true,"id":"9"},"constructor":{"prototype":{"isBad":true}},"a":{"__proto__":{"b":1}}}';
    for (const body of [hostile, `[${hostile}]`, JSON.parse(hostile)]) {
      const [payload = {}] = toPayloads(JSON.parse(hostile), body);

      expect(Object.keys(payload)).toEqual(['constructor', 'a']);
      expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
      expect(payload.a).toStrictEqual({});
    }
    expect({}).not.toHaveProperty('isBad');
  });

  it.each([
    ['a list of scalars', Array.from({ length: 50_000 }, () => 1)],
    ['much beside a list', { text: 'x'.repeat(200_000), alerts: Array.from({ length: 1000 }, () => ({})) }],
  ])('leaves together what would fill Redis taken apart: %s', (_what, body) => {
    const payloads = toPayloads({ site: 'x'.repeat(5000) }, body);
    expect(payloads).toHaveLength(1);
    expect(JSON.stringify(payloads).length).toBeLessThan(300_000);
  });

  it('cuts what is nested too deeply to be written as JSON', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const [payload = {}] = toPayloads({}, `{"id":"7","deep":${deep}}`);

    expect(payload.id).toBe('7');
    expect(JSON.stringify(payload).length).toBeLessThan(200);
    expect(toPayloads({}, deep)).toHaveLength(1);
    expect(toPayloads({}, '['.repeat(200_000))).toHaveLength(1);
  });

  it('gives at least one payload that can be written as JSON, and never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string()),
        fc.oneof(fc.string(), fc.json(), fc.jsonValue(), fc.anything()),
        (query, body) => {
          const payloads = toPayloads(query, body);
          expect(payloads.length).toBeGreaterThan(0);
          for (const payload of payloads) expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
        },
      ),
    );
  });
});

describe('payloadText', () => {
  it('is indented JSON', () => {
    expect(payloadText({ id: 1, device: { name: 'PC' } })).toBe(
      '{\n  "id": 1,\n  "device": {\n    "name": "PC"\n  }\n}',
    );
  });

  it.each(['token', 'accessToken', 'X-Webhook-Secret', 'PASSWORD', 'api_key', 'Api Key', 'Authorization'])(
    'shows nothing of %s',
    (key) => {
      expect(
        payloadText({ [key]: 'hush-1', a: [{ [key]: ['hush-2'] }], b: `{"${key}":"hush-3"}` }),
      ).not.toMatch('hush');
    },
  );

  it('shows no secret that stands in an address', () => {
    const text = payloadText({ urls: ['https://it.example/api/notify/connectwisermm?token=hush&site=1'] });

    expect(text).toContain('?token=***&site=1');
  });

  it('shows JSON in a text as what it says', () => {
    expect(payloadText({ a: '{"b":1}' })).toBe('{\n  "a": {\n    "b": 1\n  }\n}');
  });

  it('says where it is cut, within 20,000 characters', () => {
    const text = payloadText({ a: '🔥'.repeat(20_000) });

    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(text).toMatch(/🔥\n\(Cut here: the payload is longer\.\)$/);
  });

  it('is text for any payload', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
        expect(payloadText(payload).length).toBeLessThanOrEqual(20_000);
      }),
    );
  });
});
