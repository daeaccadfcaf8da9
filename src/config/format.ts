import { compileExpression } from '../inventory/expression.js';
import { messageOf } from '../inventory/sentence.js';
import type { Reference } from './config.js';

/** What a value of the config may be. */
export interface Format<T> {
  accepts: (value: unknown) => value is T;
  /** What it may be, each kind by itself: "an id (a whole number)", "a name". The sentence about a mistake says it, too. */
  kinds: readonly string[];
  /** The whole sentence, where the kinds do not say enough. `subject` stands for the value in it. */
  explain?: (value: unknown, subject: string) => string;
  /** `true`: the value must not be repeated in a sentence. */
  sensitive?: boolean;
}

/** What the example, and a row to paste, hold where everyone has something of their own. */
export const FILL_IN = /^\s*fill in\s*$/i;

/** The sentence about a value that `format` does not accept; it follows the key's path. */
export function complain(format: Format<unknown>, value: unknown): string {
  if (value === undefined || value === null) return 'is missing.';
  const subject = format.sensitive ? 'what is set here' : quote(value);
  return format.explain?.(value, subject) ?? `${subject} ${complaintOf(format)}.`;
}

/** Follows the value in the sentence about a mistake: "is not a whole number from 1 to 500". */
export function complaintOf({ kinds }: Pick<Format<unknown>, 'kinds'>): string {
  return kinds.length === 1 ? `is not ${kinds[0]}` : `is neither ${kinds.join(' nor ')}`;
}

/** Puts a complaint behind the path of its key. */
export function sentence(path: string, complaint: string): string {
  return complaint.startsWith('is ') ? `${path} ${complaint}` : `${path}: ${complaint}`;
}

/** A value as it is repeated in a sentence: on one line, and short. */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'a list or a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

export const text: Format<string> = {
  accepts: isText,
  kinds: ['text'],
  explain: (value, subject) => `${subject} is not text${quotesHint(value)}.`,
};

export const secret: Format<string> = { ...text, sensitive: true };

function quotesHint(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? ': put it in quotes' : '';
}

export const flag: Format<boolean> = {
  accepts: (value) => typeof value === 'boolean',
  kinds: ['true', 'false'],
};

export const reference: Format<Reference> = {
  accepts: (value): value is Reference => isText(value) || (Number.isInteger(value) && Number(value) > 0),
  kinds: ['an id (a whole number)', 'a name'],
};

export function wholeNumber(min: number, max: number): Format<number> {
  return {
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    kinds: [`a whole number from ${min} to ${max}`],
  };
}

export function choice<const T extends string>(...options: T[]): Format<T> {
  return {
    accepts: (value): value is T => options.some((option) => option === value),
    kinds: options,
    explain: (_, subject) => `${subject} is none of ${options.join(', ')}.`,
  };
}

/** JSONata that compiles. */
export const expression: Format<string> = {
  accepts: (value): value is string => isText(value) && whyNotExpression(value) === null,
  kinds: ['an expression'],
  explain: (value) => (isText(value) ? (whyNotExpression(value) ?? '') : complain(text, value)),
};

export const textOrNothing: Format<string> = {
  ...text,
  kinds: [...text.kinds, 'empty'],
  accepts: (value): value is string => value === '' || text.accepts(value),
};

/** JSONata that compiles, or nothing at all. */
export const expressionOrNothing: Format<string> = {
  ...expression,
  kinds: [...expression.kinds, 'empty'],
  accepts: (value): value is string => value === '' || expression.accepts(value),
};

function whyNotExpression(value: string): string | null {
  try {
    compileExpression(value);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
