import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leavesOf, present } from '../../../src/alerts/reading/leaves.js';

describe('leavesOf', () => {
  it.each([
    [{ alertId: '7' }],
    [{ alert_id: '7' }],
    [{ AlertID: ' 7 ' }],
    [{ 'Alert-Id': 7 }],
    [{ 'alert.id': '7' }],
    [{ 'alert id': '7' }],
    [{ 'alert[id]': '7' }],
    [{ 'data[alert][id]': '7' }],
    [{ alert: { id: '7' } }],
    [{ data: { alert: { alert_id: '7' } } }],
    [{ alert: { attributes: { id: '7' } } }],
    [{ alerts: [{ id: '7' }] }],
    [{ Message: '{"alert":{"id":7}}' }],
    [{ value: '[{"alertId":"7"}]' }],
    [{ device: { alertId: '7' } }],
  ])('finds alertid in %j', (payload) => {
    expect(leavesOf(payload).get('alertid')).toEqual(['7']);
  });

  it.each([
    [{ device: { id: 'd' } }, ['deviceid']],
    [{ data: { device: { attributes: { id: 'd' } } } }, ['deviceid']],
    [{ devices: [{ id: 'd' }] }, ['deviceid']],
    [{ id: 'x' }, ['id']],
    [{ data: { attributes: { id: 'x' } } }, ['id']],
    [{ event: { type: 'x' } }, ['type', 'eventtype']],
    [{ device: { status: { name: 'x' } } }, []],
    [{ status: { name: 'x' } }, ['statusname']],
    [{ device: { alert: { id: 'x' } } }, ['alertid']],
    [{ device: { company: { id: 'x' } } }, ['companyid']],
    [{ id: { id: 'x' } }, ['idid']],
  ])('finds %j under %j and no more', (payload, names) => {
    expect([...leavesOf(payload).keys()]).toEqual(names);
  });

  it('gives what stands least deep first, and all of it', () => {
    const payload = { data: { deeper: { ticketId: 3 }, ticketId: 2 }, ticketId: 1 };

    expect(leavesOf(payload).get('ticketid')).toEqual(['1', '2', '3']);
  });

  it('gives each value of a list', () => {
    expect(leavesOf({ ticketId: [2, '4'] }).get('ticketid')).toEqual(['2', '4']);
  });

  it.each([
    '',
    '  ',
    'null',
    'NULL',
    'undefined',
    'N/A',
    'unknown',
    '{{alert.id}}',
    '%alertid%',
    `\${id}`,
    '@id@',
    '[[id]]',
  ])('takes %j for nothing', (text) => {
    expect(present(text)).toBeNull();
    expect(leavesOf({ alertId: text, alert: { id: '7' } }).get('alertid')).toEqual(['7']);
  });

  it('does not go deeper than 8 levels', () => {
    const nest = (levels: number): unknown => (levels === 0 ? { alertId: '7' } : { data: nest(levels - 1) });

    expect(leavesOf({ data: nest(6) }).get('alertid')).toEqual(['7']);
    expect(leavesOf({ data: nest(7) }).size).toBe(0);
  });

  it('finds what stands beside long lists and under long keys', () => {
    const payload = {
      a: Array.from({ length: 50_000 }, (_, index) => index),
      ['a.'.repeat(50_000)]: { b: 1 },
      zone: { alertId: '7' },
    };

    expect(leavesOf(payload).get('alertid')).toEqual(['7']);
  });

  it('takes no more than a moment for what is hostile', () => {
    const ESC = String.fromCharCode(27);
    for (const text of [`${ESC}[`, '{"a":', '[{', '%a', 'a-', '{{', '\uD83D', `${ESC}]`]) {
      const startMs = performance.now();
      leavesOf({ a: text.repeat(100_000), b: Array(2000).fill(text.repeat(50)), [text.repeat(50_000)]: 1 });
      expect(performance.now() - startMs).toBeLessThan(2000);
    }
  });

  it('finds nothing by the names of prototypes', () => {
    const leaves = leavesOf(JSON.parse('{"constructor":{"id":"c"},"toString":"t","__proto__":"p"}'));

    expect(leaves.get('id')).toBeUndefined();
    expect(leaves.get('valueof')).toBeUndefined();
  });

  it('reads the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
        const turned = Object.fromEntries(Object.entries(payload).reverse());
        expect(leavesOf(turned)).toEqual(leavesOf(payload));
      }),
    );
  });
});
