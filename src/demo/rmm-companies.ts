import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from './answer.js';
import type { FleetCompany, FleetSite } from './fleet.js';
import type { RmmContext } from './rmm-context.js';
import { sameId, spellId } from './rmm-id.js';
import { cursorOf, linkNext } from './rmm-page.js';

const PATH = '/api/platform/v1/company';
const ownerShape = z.object({ id: z.string() });

/** Serves companies and sites: bare arrays, all at once unless the tenant pages them. */
export function serveCompanies(context: RmmContext): void {
  const { frame, fleet } = context;
  const { app } = frame;
  const companyOf = (request: FastifyRequest) => {
    const { id } = ownerShape.parse(request.params);
    const company = fleet.companies.find((candidate) => sameId(candidate.id, id));
    if (!company) throw new Refusal(notFound);
    return company;
  };
  const allCompanies = () => fleet.companies.map((company) => companyRecord(context, company));
  const sitesOf = (sites: FleetSite[]) => sites.map((site) => siteRecord(context, site));

  app.get(`${PATH}/companies`, (request, reply) =>
    list(context, request, reply, 'companies', allCompanies()),
  );
  app.get(`${PATH}/companies/:id`, (request) => companyRecord(context, companyOf(request)));
  app.get(`${PATH}/companies/:id/sites`, (request, reply) => {
    const company = companyOf(request);
    const own = fleet.sites.filter(({ companyId }) => companyId === company.id);
    return list(context, request, reply, 'sites', sitesOf(own));
  });
  app.get(`${PATH}/sites`, (request, reply) => list(context, request, reply, 'sites', sitesOf(fleet.sites)));
  app.get(`${PATH}/sites/:id`, (request) => {
    const { id } = ownerShape.parse(request.params);
    const site = fleet.sites.find((candidate) => sameId(candidate.id, id));
    if (!site) throw new Refusal(notFound);
    return siteRecord(context, site);
  });
}

const notFound = { status: 404, body: { error: [{ code: 'NotFound', message: 'resource not found' }] } };

function list(
  { quirks }: RmmContext,
  request: FastifyRequest,
  reply: FastifyReply,
  key: 'companies' | 'sites',
  rows: object[],
): unknown {
  const size = quirks.companyPageSize ?? Number.POSITIVE_INFINITY;
  const from = cursorOf(request.query);
  const page = rows.slice(from, from + size);
  if (from + size < rows.length) linkNext(request, reply, from + size);
  return quirks.wrappedLists ? { [key]: page } : page;
}

function companyRecord({ fleet, quirks }: RmmContext, company: FleetCompany): object {
  const id = spellId(quirks, company.id);
  const main = fleet.sites.find(({ companyId, primary }) => companyId === company.id && primary);
  const deletedDate = company.deletedDate ?? (quirks.zeroDates ? '0001-01-01T00:00:00Z' : undefined);
  return {
    id,
    name: company.name,
    friendlyName: company.name,
    partnerId: '50001234',
    externalIds: [
      {
        id: `x-${company.externalId}`,
        companyId: id,
        externalId: company.externalId,
        productId: 'p',
        productInstanceId: 'pi',
      },
    ],
    ...(main && {
      primarySite: {
        id: spellId(quirks, main.id),
        name: main.name,
        timeZone: main.timeZone,
        primaryFlag: true,
      },
    }),
    createdDate: '2023-02-01T00:00:00Z',
    updatedDate: '2024-02-01T00:00:00Z',
    ...(deletedDate && { deletedDate }),
  };
}

function siteRecord({ fleet, quirks }: RmmContext, site: FleetSite): object {
  const company = fleet.companies.find(({ id }) => id === site.companyId);
  const companyName = company?.name ?? '';
  return {
    id: spellId(quirks, site.id),
    name: site.name,
    friendlyName: site.name,
    activeFlag: true,
    primaryFlag: site.primary,
    company: { id: spellId(quirks, site.companyId), name: companyName, friendlyName: companyName },
    timeZone: site.timeZone,
    primaryAddress: { ...site.address, country: 'United States', countryCode: 'US' },
    primaryPhoneNumber: { nationalNumber: site.phoneNumber },
    createdDate: '2023-02-01T00:00:00Z',
    updatedDate: '2024-02-01T00:00:00Z',
    ...(quirks.zeroDates && { deletedDate: '0001-01-01T00:00:00Z' }),
  };
}
