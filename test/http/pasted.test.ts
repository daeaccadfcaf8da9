import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { companyRows, pastedYaml, typeRow } from '../../src/http/console/pasted.js';

const ofCompany = (company: string, ids = ['c1']) =>
  pastedYaml(['sites', 'mappings'], companyRows({ company, ids, sites: [] }));

describe('rows to paste', () => {
  it('name the company, and leave the rest to be filled in', () => {
    expect(ofCompany('Harbor Dental')).toBe(
      'sites:\n  mappings:\n    - { rmm: { company: Harbor Dental, site: "*" }, halo: { client: fill in } }',
    );
    expect(pastedYaml(['assets', 'typeMappings'], [typeRow({ type: 'Desktop', devices: 1 })])).toBe(
      'assets:\n  typeMappings:\n    - { rmm: Desktop, halo: fill in }',
    );
  });

  it.each(['*', 'Acme *', 'Acme?', '[a]', '{a,b}'])('hold the id of a company that is called %s', (name) => {
    expect(ofCompany(name, ['c1', 'c2'])).toBe(
      'sites:\n  mappings:\n' +
        `    - { rmm: { company: c1, site: "*" }, halo: { client: fill in } } # ${name}\n` +
        `    - { rmm: { company: c2, site: "*" }, halo: { client: fill in } } # ${name}`,
    );
    expect(ofCompany('*\r\n- { }\u202e')).toMatch(/ # \* - \{ \}$/);
    expect(ofCompany(' ')).toMatch(/company: c1, .*\}$/);
  });

  it('show all that is in a name, and are for that name', () => {
    expect(ofCompany('\u202egpj.exe')).toContain('company: "\\u202egpj.exe"');
    const signs = [
      'Acme',
      ' ',
      '"',
      "'",
      '#',
      ': ',
      '- ',
      ',',
      '\\',
      '\r\n',
      '\0',
      '\u001bc',
      '\u009b',
      '\u0085',
      '\u2028',
    ];
    const name = fc
      .array(fc.constantFrom(...signs, '\u202e', '\u200b', '\ufeff', '\u{e0041}', '東京', '12', 'null'), {
        minLength: 1,
      })
      .map((parts) => parts.join(''))
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(name, (company) => {
        const yaml = ofCompany(company);
        expect(yaml).not.toMatch(/(?!\n)\p{Cc}|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u);
        expect(parse(yaml)).toEqual({
          sites: { mappings: [{ rmm: { company, site: '*' }, halo: { client: 'fill in' } }] },
        });
      }),
    );
  });
});
