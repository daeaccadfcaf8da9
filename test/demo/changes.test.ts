import { expect, it } from 'vitest';
import { makeChanges } from '../../src/demo/changes.js';

it('takes everything back, and leaves the rows the same objects', () => {
  const first: { id: number; name?: string } = { id: 1 };
  const rows = [first];
  const changes = makeChanges();
  changes.assign(first, { name: 'A' });
  changes.push(rows, { id: 2 });
  changes.assign(first, { name: 'B' });
  expect(rows).toEqual([{ id: 1, name: 'B' }, { id: 2 }]);
  changes.rollBack();
  expect(rows).toEqual([{ id: 1 }]);
  expect(rows[0]).toBe(first);
});
