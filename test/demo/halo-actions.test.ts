import { describe, expect, it } from 'vitest';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addAction, addTicket } from '../../src/demo/halo-rows.js';
import { begin as beginEmpty, readList, readRow } from './halo.js';

const ACTIONS = '/api/Actions';
const note = (more: object = {}) => ({ ticket_id: 1, outcome_id: 7, note: 'Seen again', ...more });

/** A Halo with tickets 1 and 2, and no actions. */
async function begin(quirks: Partial<HaloQuirks> = {}) {
  const world = await beginEmpty(quirks);
  for (const summary of ['Disk', 'Memory']) {
    addTicket(world.state, { summary, site_id: 1, tickettype_id: 21 });
  }
  return world;
}

describe('the list of actions', () => {
  it('is of one ticket, in an envelope, and has markup only where that is asked for', async () => {
    const { state, api } = await begin();
    addAction(state, { ticket_id: 1, note: 'one' });
    addAction(state, { ticket_id: 2, note: 'two', note_html: '<p>two</p>' });
    const listed = async (query: string) => readList(await api.get(`${ACTIONS}?${query}`), 'actions');
    expect((await listed('')).count).toBe(2);
    const { count, rows } = await listed('ticket_id=2');
    expect([count, rows]).toMatchObject([1, [{ ticket_id: 2, note: 'two', hiddenfromuser: true }]]);
    expect(rows[0]).not.toHaveProperty('note_html');
    expect((await listed('ticket_id=2&includehtmlnote=true')).rows).toMatchObject([
      { note_html: '<p>two</p>' },
    ]);
    expect((await listed('pageinate=true&page_size=1&page_no=2')).rows).toMatchObject([{ id: 2 }]);
  });

  it('tells apart what Halo, a person and the API wrote', async () => {
    const { halo, state, api } = await begin();
    addAction(state, { ticket_id: 1, who: 'System', action_systemid: 1 });
    addAction(state, { ticket_id: 1 });
    await api.post(ACTIONS, [note()]);
    const authors = async (query: string) =>
      readList(await api.get(`${ACTIONS}?ticket_id=1${query}`), 'actions').rows.map((row) => [
        row.who,
        row.actionby_application_id,
      ]);
    const written = [
      ['Robin Technician', null],
      ['HaloIntegrator', halo.clientId],
    ];
    expect(await authors('')).toEqual([['System', null], ...written]);
    expect(await authors('&excludesys=true')).toEqual(written);
  });
});

describe('an action that is written', () => {
  it('has both forms of its note, and its outcome by id or by name', async () => {
    const { state, api } = await begin();
    const reply = await api.post(ACTIONS, [
      {
        ticket_id: '1',
        outcome: 'private note',
        note_html: '<p>a</p>',
        hiddenfromuser: true,
        _isnotify: true,
      },
    ]);
    expect([reply.status, readRow(reply)]).toMatchObject([201, { id: 1, note_html: '<p>a</p>' }]);
    await api.post(ACTIONS, [note({ note: 'a < b' })]);
    await api.post(ACTIONS, [note({ outcome_id: undefined, outcome: 'Chat' })]);
    expect(state.actions).toMatchObject([
      { outcome_id: 7, note: 'a', hiddenfromuser: true },
      { outcome: 'Private Note', note_html: 'a &lt; b', hiddenfromuser: false },
      { outcome: 'Chat', outcome_id: 0 },
    ]);
    expect(state.actions[0]).not.toHaveProperty('_isnotify');
  });

  it('needs a ticket that exists, and an outcome', async () => {
    const { state, api } = await begin();
    const refused = await api.post(ACTIONS, [note({ ticket_id: 99 })]);
    expect([refused.status, refused.json()]).toMatchObject([400, { Message: 'Ticket 99 does not exist' }]);
    const without = await api.post(ACTIONS, [note({ outcome_id: undefined })]);
    expect([without.status, without.text]).toEqual([400, 'An Outcome must be entered for this Action']);
    expect(state.actions).toEqual([]);
  });

  it('may give its ticket another status', async () => {
    const { state, api } = await begin();
    await api.post(ACTIONS, [note({ new_status: 9 })]);
    expect(state.tickets).toMatchObject([{ status_id: 9, hasbeenclosed: true }, { status_id: 1 }]);
    expect((await api.post(ACTIONS, [note({ new_status: 99 })])).status).toBe(400);
    await api.post(ACTIONS, [note({ new_status: 2 })]);
    expect(state.tickets[0]).toMatchObject({ status_id: 2, hasbeenclosed: false });
    expect(state.actions[0]).not.toHaveProperty('new_status');
  });

  it('changes where it has an id, and only in what was sent', async () => {
    const { state, api } = await begin();
    const person = addAction(state, { ticket_id: 1, note: 'one' });
    await api.post(ACTIONS, [{ id: person.id, note: 'two' }]);
    expect(state.actions).toMatchObject([{ note: 'two', note_html: 'two', who: 'Robin Technician' }]);
  });

  it('is refused where the agent may not add notes, or none with this outcome', async () => {
    const { halo, state, api } = await begin({ refusesNotes: true });
    const refusal = [400, 'You do not have access to this Action at the moment'];
    const post = async (more: object = {}) => {
      const { status, text } = await api.post(ACTIONS, [note({ new_status: 9, ...more })]);
      return status === 201 ? status : [status, text];
    };
    expect(await post()).toEqual(refusal);
    Object.assign(halo.quirks, { refusesNotes: false, allowedOutcomes: [16] });
    expect(await post()).toEqual(refusal);
    expect([state.actions, state.tickets[0]?.status_id]).toEqual([[], 1]);
    expect(await post({ outcome_id: undefined, outcome: 'Public Note' })).toBe(201);
    halo.quirks.allowedOutcomes = null;
    expect(await post()).toBe(201);
  });
});
