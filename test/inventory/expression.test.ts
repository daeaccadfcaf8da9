import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, toText } from '../../src/inventory/expression.js';

const device = {
  friendlyName: 'PC-0041',
  bios: { serialNumber: 'PF3ABC12' },
  physicalMemory: [{ sizeBytes: 8_589_934_592 }, { sizeBytes: 8_589_934_592 }],
  networks: [{ ipv4: '10.0.0.5' }, { ipv4: '10.0.0.6' }],
};

const evaluate = (text: string, input: unknown = device) => compileExpression(text).evaluate(input);

describe('An expression', () => {
  it.each([
    ['bios.serialNumber', 'PF3ABC12'],
    ['bios.nothing.there', undefined],
    ['$round($sum(physicalMemory.sizeBytes) / 1073741824)', 16],
    ['friendlyName & " (" & bios.serialNumber & ")"', 'PC-0041 (PF3ABC12)'],
    ['endpointType = "Server"', false],
    ['bios', { serialNumber: 'PF3ABC12' }],
    ['null', null],
  ])('%s is evaluated', async (text, value) => {
    expect(await evaluate(text)).toEqual(value);
  });

  it.each([
    ['lastLoggedOnUser.username', ['lastLoggedOnUser', 'username']],
    ['$lookup($, "heartbeat").availability', ['heartbeat', 'availability']],
    ['networks[ipEnabled and `odd name` = "x"].ipv4', ['networks', 'ipEnabled', 'odd name', 'x', 'ipv4']],
    [
      '($user := users[0]; { "name": $user.name, "os": os ? os.product : null })',
      ['users', 'name', 'os', 'product'],
    ],
    ['$map(drives, function($d) { $d.sizeBytes })^(sizeBytes)', ['drives', 'sizeBytes']],
    ['drives.%.bios', ['drives', 'bios']],
    ['1 + 2', []],
  ])('%s names what it looks at', (text, names) => {
    expect([...compileExpression(text).names]).toEqual(expect.arrayContaining(names));
    expect([...compileExpression(text).names].filter((name) => name === 'systemState')).toEqual([]);
  });

  it('gives a plain list, without the marks that JSONata puts on its own', async () => {
    const value = await evaluate('[networks.ipv4]');
    const inner = await evaluate('{ "all": networks.ipv4 }');

    expect(value).toStrictEqual(['10.0.0.5', '10.0.0.6']);
    expect(Object.getOwnPropertyNames(value)).toEqual(['0', '1', 'length']);
    expect(inner).toStrictEqual({ all: ['10.0.0.5', '10.0.0.6'] });
  });

  it('gives a copy, so that nothing can change the record through it', async () => {
    const bios = await evaluate('bios');

    expect(bios).not.toBe(device.bios);
  });

  it('keeps evaluations that run at the same time apart', async () => {
    const { evaluate: slowly } = compileExpression(
      '($before := name; $map([1..50], function($i) { $i }); $before & name)',
    );
    const names = Array.from({ length: 20 }, (_, index) => `PC-${index}`);

    const values = await Promise.all(names.map((name) => slowly({ name })));

    expect(values).toEqual(names.map((name) => name + name));
  });

  it.each([
    ['foo(', '"foo(" is not a valid JSONata expression: Expected ")" before end of expression (position 4).'],
    ['', '"" is not a valid JSONata expression: Unexpected end of expression (position 0).'],
    ['a b', '"a b" is not a valid JSONata expression: Syntax error: "b" (position 3).'],
  ])('%j that is not valid is told with text, reason and position', (text, sentence) => {
    expect(() => compileExpression(text)).toThrow(new Error(sentence));
  });

  it.each([
    ['$sum(friendlyName)', /^The expression "\$sum\(friendlyName\)" failed: Argument 1 .* \(position 5\)\.$/],
    ['$uppercase', /^The expression "\$uppercase" failed: it gives a function instead of a value\.$/],
    ['[function($x) { $x }]', /failed: it gives a function instead of a value\.$/],
    ['($f := function() { 1 + $f() }; $f())', /failed: .*[Ss]tack/],
  ])('%s that fails says why', async (text, sentence) => {
    await expect(evaluate(text)).rejects.toThrow(sentence);
  });

  it('gives a value or a sentence, whatever its text and input are', async () => {
    const pieces = fc.constantFrom(
      'a',
      '.',
      '[',
      ']',
      '(',
      ')',
      '$',
      '"',
      '1',
      '+',
      '{',
      '}',
      ':',
      '*',
      '%',
      '^',
      '~>',
      '|',
    );
    const anyText = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 8 }).map((list) => list.join('')),
    );
    await fc.assert(
      fc.asyncProperty(anyText, fc.jsonValue(), async (text, input) => {
        const outcome = await Promise.resolve()
          .then(() => evaluate(text, input))
          .then(
            (value) => JSON.stringify(value) ?? 'nothing',
            (error) => `${error instanceof Error && error.message}`,
          );
        expect(outcome).not.toBe('false');
      }),
    );
  });
});

describe('toText', () => {
  it.each([
    [undefined, ''],
    [null, ''],
    ['', ''],
    [' text ', ' text '],
    [17_179_869_184, '17179869184'],
    [0, '0'],
    [false, 'false'],
    [[], ''],
    [['10.0.0.5', 6, true], '10.0.0.5, 6, true'],
    [['', 'a', null, 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    [['a', { b: 1 }], '["a",{"b":1}]'],
  ])('turns %j into %j', (value, text) => {
    expect(toText(value)).toBe(text);
  });

  it('gives at most 4000 characters and no half of one', () => {
    expect(toText('x'.repeat(5000))).toHaveLength(4000);
    expect(toText(`${'x'.repeat(3999)}😀`)).toBe('x'.repeat(3999));
    expect(toText(`${'x'.repeat(3998)}😀`)).toBe(`${'x'.repeat(3998)}😀`);
  });

  it('is text for whatever an expression gives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = toText(value);
        expect(typeof text === 'string' && text.length <= 4000).toBe(true);
      }),
    );
  });
});
