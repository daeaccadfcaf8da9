import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProblem } from '../../src/api/problem.js';

const json = (body: unknown) => readProblem(400, 'application/json', JSON.stringify(body));

describe('a problem', () => {
  it.each([
    [
      { error: 'unauthorized request', description: 'The token is expired.' },
      'unauthorized request: The token is expired.',
    ],
    [{ code: 'E17', message: 'No such incident' }, 'E17: No such incident'],
    [{ error: { message: 'Patching is off' } }, 'Patching is off'],
    [
      {
        error: [
          { code: 'C1', message: 'Bad company' },
          { code: 'C2', message: 'Bad site' },
        ],
      },
      'C1: Bad company; C2: Bad site',
    ],
    [[{ code: 4001, message: 'Invalid datatype' }], '4001: Invalid datatype'],
    [{ id: 'e-77', message: 'client has no access' }, 'client has no access'],
    [{ message: 'lower case' }, 'lower case'],
    [{ Message: 'upper case' }, 'upper case'],
    [
      { ClassName: 'System.Exception', Message: 'Asset tag must be unique', Data: null },
      'Asset tag must be unique',
    ],
    [{ resultCode: 3, errorMessage: 'No outcome' }, 'No outcome'],
    [
      { error: 'invalid_client', error_description: 'The secret is wrong.' },
      'invalid_client: The secret is wrong.',
    ],
    [{ error: 'invalid_scope' }, 'invalid_scope'],
    [
      {
        title: 'One or more errors occurred.',
        status: 400,
        errors: { '[0].id': ['The value is not valid.'] },
      },
      'One or more errors occurred.: [0].id: The value is not valid.',
    ],
    [
      { '[0].client_id': ['"95.0" is not valid.'], id: ['is missing'] },
      '[0].client_id: "95.0" is not valid.; id: is missing',
    ],
    ['just a string', 'just a string'],
    [{}, 'Bad Request'],
    [null, 'Bad Request'],
    [[], 'Bad Request'],
  ])('is read out of %j', (body, text) => {
    expect(json(body)).toBe(text);
  });

  it('is read out of plain text, whatever its content type claims', () => {
    expect(readProblem(429, 'text/plain', 'Too Many Requests')).toBe('Too Many Requests');
    expect(readProblem(400, 'application/json', 'CODE:APP03/2 Please select')).toBe(
      'CODE:APP03/2 Please select',
    );
  });

  it('is the title of an HTML page, else its text without scripts', () => {
    const page = '<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head><body>…</body></html>';
    expect(readProblem(502, 'text/html; charset=utf-8', page)).toBe('502 Bad Gateway');
    expect(readProblem(502, '', '<html><script>let a</script><p>Down for <b>repair</b></p></html>')).toBe(
      'Down for repair',
    );
  });

  it('is the status in words where nothing was said', () => {
    expect(readProblem(404, '', '')).toBe('Not Found');
    expect(readProblem(599, 'text/html', '<html></html>')).toBe('no explanation');
  });

  it('hides secrets, also where JSON escapes them, they look like HTML, or the line is cut within', () => {
    expect(readProblem(502, 'text/html', '<html>secret a<b>c is wrong</html>', ['a<b>c'])).toBe(
      'secret *** is wrong',
    );
    const body = JSON.stringify({ message: 'secret a"b is wrong' });
    expect(readProblem(400, 'application/json', body, ['a"b'])).toBe('secret *** is wrong');
    expect(readProblem(400, 'text/plain', `${'x'.repeat(195)}TOPSECRET`, ['TOPSECRET'])).not.toContain('TOP');
  });

  it('is cut between characters', () => {
    expect(readProblem(400, 'text/plain', `${'x'.repeat(198)}😀😀`)).toBe(`${'x'.repeat(198)}…`);
  });

  it('is always one clean line of 1 to 200 characters', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.json(),
      fc.object().map((value) => JSON.stringify(value)),
      fc
        .string({ maxLength: 300 })
        .map((message) => JSON.stringify({ error: [{ message }], errors: message })),
      fc.string({ maxLength: 300 }).map((text) => `<html><title>${text}</title><p>${text}</p></html>`),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.constantFrom('', 'text/html', 'application/json'),
        body,
        (...args) => {
          const text = readProblem(...args);
          expect(text.length).toBeGreaterThan(0);
          expect(text.length).toBeLessThanOrEqual(200);
          expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read without failing however deep it lies', () => {
    const deep = `${'['.repeat(9_000)}"at last"${']'.repeat(9_000)}`;
    expect(readProblem(500, 'application/json', deep)).toMatch(/^at last$|^\[\[\[/);
  });

  it('is found at once in a page of megabytes', () => {
    const started = performance.now();
    readProblem(500, 'text/html', '<script>'.repeat(2_000_000));
    readProblem(500, 'application/json', '['.repeat(5_000_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
