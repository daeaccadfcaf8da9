import { InvalidArgumentError, Option } from 'commander';
import { printNote } from './print.js';

const DEFAULT_LIMIT = 20;

/** The option that says how many rows a list has at most. */
export function limitOption(): Option {
  return new Option('--limit <number>', 'no more than so many, the newest first')
    .argParser(readLimit)
    .default(DEFAULT_LIMIT);
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a number from 1 to 999999.');
}

/** Says how many a list left out, and how to see them. */
export function printMore(count: number, shown: number): void {
  if (count > shown) printNote('', `${count - shown} more: --limit ${count}`);
}
