import { describe, expect, it } from 'vitest';
import { addClient, addUser } from '../../src/demo/halo-rows.js';
import { emptyHalo } from '../../src/demo/halo-state.js';
import { findUsers } from '../../src/halo/users.js';
import { paged, startScriptedHalo, startSimulatedHalo } from '../support/halo-api.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';

/** A Halo with one client and so many users in it: kim0, kim1, … */
async function haloWith(count: number) {
  const state = emptyHalo();
  const { main_site_id: site_id } = addClient(state, { name: 'Harbor Dental' });
  for (let index = 0; index < count; index++) {
    addUser(state, {
      name: `Kim ${index}`,
      site_id,
      login: `HDG\\kim${index}`,
      emailaddress: ` Kim${index}@hdg.example`,
    });
  }
  return startSimulatedHalo({ state });
}

describe('the users among whom somebody is', () => {
  it('are searched for by each text where these are few', async () => {
    const { api, halo, close } = await haloWith(20);
    const { users, problems } = await findUsers(api, ['kim3', 'kim7']).finally(close);
    expect(users.map(({ name }) => name)).toEqual(['Kim 3', 'Kim 7']);
    expect(users[0]).toMatchObject({
      clientId: 1,
      inactive: false,
      emails: ['kim3@hdg.example'],
      logins: ['hdg\\kim3'],
    });
    expect(problems).toEqual([]);
    expect(halo.requests.map(({ query }) => query.search)).toEqual(['kim3', 'kim7']);
  });

  it('are searched for once, and on all pages, however often a text is given', async () => {
    const { api, halo, close } = await haloWith(120);
    const { users } = await findUsers(api, ['KIM', 'KIM', 'KIM', 'KIM']).finally(close);
    expect(users).toHaveLength(120);
    expect(halo.requests.map(({ query }) => [query.search, query.page_no])).toEqual([
      ['KIM', '1'],
      ['KIM', '2'],
    ]);
  });

  it('are nobody, at no cost, where nobody is asked for', async () => {
    const { api, halo, close } = await haloWith(1);
    expect(await findUsers(api, []).finally(close)).toEqual({ users: [], problems: [] });
    expect(halo.requests).toEqual([]);
  });

  it('are given once, though several searches find them', async () => {
    const { api, close } = await haloWith(2);
    const { users } = await findUsers(api, ['kim', 'kim1', 'hdg']).finally(close);
    expect(users.map(({ name }) => name)).toEqual(['Kim 0', 'Kim 1']);
  });

  it.each([['kim'], ['kim', 'a', 'b', 'c', 'd']])('are the active ones (%j, %j, …)', async (...texts) => {
    const { api, halo, close } = await haloWith(2);
    Object.assign(halo.state.users.at(-1) ?? {}, { inactive: true });
    const { users } = await findUsers(api, texts).finally(close);
    expect(users.map(({ name }) => name)).not.toContain('Kim 1');
    expect(users.map(({ name }) => name)).toContain('Kim 0');
  });

  it('are all, where that costs less', async () => {
    const { api, halo, close } = await haloWith(120);
    const searches = Array.from({ length: 20 }, (_, index) => `kim${index}`);
    const { users } = await findUsers(api, searches).finally(close);
    expect(users.length).toBeGreaterThanOrEqual(120);
    expect(halo.requests).toHaveLength(3);
  });

  it('are searched for where the list would cost more', async () => {
    const { api, halo, close } = await haloWith(400);
    const { users } = await findUsers(api, ['kim1', 'kim2', 'kim3', 'kim399']).finally(close);
    expect(users.some(({ name }) => name === 'Kim 399')).toBe(true);
    expect(halo.requests.filter(({ query }) => query.search !== undefined).length).toBeGreaterThanOrEqual(4);
  });

  it('come with their ids in any spelling, and one that cannot be read is a problem', async () => {
    const rows = [
      {
        id: '7.0',
        name: 'Kim',
        client_id: 12.0,
        site_id: '95.0',
        emailaddress: null,
        email2: ' Kim@HDG.example',
        email3: 'k@hdg.example',
        login: 'kim',
        samaccountname: 'K',
      },
      { id: 8, name: 'Lee' },
    ];
    const halo = await startScriptedHalo([paged('users', rows, 50)]);
    const { users, problems } = await findUsers(halo.api, ['k']).finally(halo.close);
    expect(users).toEqual([
      {
        id: 7,
        name: 'Kim',
        clientId: 12,
        siteId: 95,
        inactive: false,
        emails: ['kim@hdg.example', 'k@hdg.example'],
        logins: ['kim', 'k'],
      },
    ]);
    expect(problems).toEqual([
      { item: '8', message: expect.stringContaining('The user 8, Lee could not be read') },
    ]);
  });
});

if (!haloSpecAvailable) console.warn('Left out: the description of the Halo API is not at hand.');

it.runIf(haloSpecAvailable)('asks for users only what Halo’s description knows', async () => {
  const { api, halo, close } = await haloWith(3);
  await findUsers(api, ['kim0']);
  await findUsers(api, ['kim0', 'kim1', 'kim2', 'kim3']).finally(close);
  expect(halo.requests).toHaveLength(3);
  expect(checkAgainstHaloSpec(halo.requests)).toEqual([]);
});
