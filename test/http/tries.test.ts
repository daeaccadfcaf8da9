import { expect, it } from 'vitest';
import { createTries } from '../../src/http/tries.js';

it('ten wrong tokens in a minute are enough for an address, until the minute is over', () => {
  let nowMs = 0;
  const tries = createTries(() => nowMs);
  for (let count = 0; count < 10; count++) {
    expect(tries.areSpent('10.0.0.1')).toBe(false);
    tries.noteWrong('10.0.0.1');
  }
  nowMs = 59_999;
  expect(tries.areSpent('10.0.0.1')).toBe(true);
  expect(tries.areSpent('10.0.0.2')).toBe(false);
  nowMs = 60_000;
  expect(tries.areSpent('10.0.0.1')).toBe(false);
});

it('a flood from many addresses does not fill the memory', () => {
  const tries = createTries(() => 0);
  for (let count = 0; count < 10; count++) tries.noteWrong('10.0.0.1');
  for (let count = 0; count < 10_001; count++) tries.noteWrong(`address ${count}`);
  expect(tries.areSpent('10.0.0.1')).toBe(false);
});
