import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/inventory/expression.js';
import { describeSurvey, emptySurvey, type Survey, surveyDevice } from '../../src/inventory/survey.js';
import { device, deviceWithSerial, SERIAL } from '../support/inventory.js';

const matching = { fieldId: SERIAL, fieldName: 'Serial Number', value: compileExpression('bios.serialNo') };
const field = (id: number, text: string) => {
  return { id, name: `Field ${id}`, value: compileExpression(text), when: 'always' as const };
};

function say(survey: Partial<Survey>, parts: Partial<Parameters<typeof describeSurvey>[1]> = {}): string[] {
  const asked = {
    scope: { include: ['*'], exclude: [] },
    sites: { mappings: [] },
    assets: { matching: null, fields: [] },
  };
  return describeSurvey({ ...emptySurvey(), ...survey }, { ...asked, ...parts });
}

/** What is known of so many devices. */
function surveyOf(count: number, wanted = device()): Partial<Survey> {
  const survey = emptySurvey();
  for (let index = 0; index < count; index++) surveyDevice(survey, wanted);
  return survey;
}

const acme = { id: 'c1', name: 'Acme' };
const site = { id: 's1', name: 'Main office', company: acme, record: {} };

describe('what of the config fits nothing in the RMM', () => {
  it('is a company that there is not, left in or left out', () => {
    const scope = { include: ['Ac*', 'Typo GmbH'], exclude: ['Nobody'] };
    expect(say({ companies: [acme] }, { scope })).toEqual([
      'companies.include[1]: "Typo GmbH" fits no company of ConnectWise RMM.',
      'companies.exclude[0]: "Nobody" fits no company of ConnectWise RMM.',
    ]);
    expect(say({ companies: [] }, { scope })).toEqual([]);
  });

  it('is a mapping row for a company or a site that there is not', () => {
    const row = (company: string, name: string) => ({ company, site: name, clientId: 1, siteId: null });
    const mappings = [
      row('acme', '*'),
      row('Acme', 'main  office'),
      row('Acme', 'Main ofice'),
      row('Acmee', '*'),
    ];
    expect(say({ sites: [site] }, { sites: { mappings } })).toEqual([
      'sites.mappings[2]: "Acme / Main ofice" fits no site of ConnectWise RMM. Did you mean "Acme / Main office"?',
      'sites.mappings[3]: "Acmee / *" fits no site of ConnectWise RMM. Did you mean "Acme / *"?',
    ]);
  });

  it('is a matching field that no device has a value for, which makes assets twice', () => {
    const assets = { matching, fields: [] };
    expect(say(surveyOf(9), { assets })).toEqual([
      'assets.matching.rmm (bios.serialNo) gave no value for any of 9 devices. Is it spelled as the RMM spells it? ' +
        'What was entered in Halo by hand is made a second time.',
    ]);
    expect(say(surveyOf(9, deviceWithSerial('SN1')), { assets })).toEqual([]);
    expect(say({}, { assets })).toEqual([]);
  });

  it('is a field that none of some devices has a value for', () => {
    const assets = { matching: null, fields: [field(SERIAL, 'bios.serialNumber'), field(7, 'os.produkt')] };
    const survey = surveyOf(5, deviceWithSerial('SN1'));
    expect(say(survey, { assets })).toEqual([
      expect.stringMatching(/^assets\.fields\[1\]\.rmm \(os\.produkt\) gave no value/),
    ]);
    expect(say(surveyOf(4, deviceWithSerial('SN1')), { assets })).toEqual([]);
  });

  it('is counted where it is the filter', () => {
    const survey = emptySurvey();
    surveyDevice(survey, null);
    surveyDevice(survey, null);
    expect(say(survey, { assets: { matching, fields: [] } })).toEqual([
      '2 devices left out by assets.filter.',
    ]);
  });
});
