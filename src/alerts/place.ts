import { isOfItem } from '../api/error.js';
import type { Api } from '../api/types.js';
import { type AssetPlace, findAssetOf, readAssetPlace } from '../halo/assets.js';
import type { Links } from '../store/links.js';
import type { GeneralUsers } from './general-users.js';
import type { Alert } from './reading/alert.js';
import type { AlertRules } from './rules.js';

/** Where an alert's ticket stands in Halo, and why. */
export interface Place {
  clientId: number | null;
  siteId: number | null;
  asset: { id: number; tag: string } | null;
  user: { id: number; name: string };
  /** Sentences for whoever reads the ticket. */
  reasons: string[];
  /** What the RMM and Halo call the company and the site, by name and id. */
  names: { company: string[]; site: string[] };
}

/** What placing works with. */
export interface PlaceParts {
  halo: Api;
  links: { assets: Pick<Links, 'get'>; sites: Pick<Links, 'get'> };
  generalUsers: GeneralUsers;
}

/** A client and a site, and perhaps an asset. */
type Spot = Pick<Place, 'clientId' | 'siteId'> & {
  asset: AssetPlace | null;
  /** Nothing ties the alert to a client. */
  isNowhere: boolean;
  reason: string;
};

/**
 * Finds the client, the site and the asset of an alert, and its user by the guide's ladder: the asset's user, else
 * the general user of the client, else the New Alert User.
 * @throws ApiError
 */
export async function placeAlert(parts: PlaceParts, rules: AlertRules, alert: Alert): Promise<Place> {
  const spot = await spotOf(parts, rules, alert);
  const { user, reason } = await userOf(parts, rules, spot);
  const { asset, clientId, siteId } = spot;
  return {
    clientId,
    siteId,
    asset: asset && { id: asset.id, tag: asset.tag },
    user,
    reasons: [spot.reason, reason],
    names: {
      company: present([alert.company.name, alert.company.id, asset?.clientName]),
      site: present([alert.site.name, alert.site.id, asset?.siteName]),
    },
  };
}

async function spotOf(parts: PlaceParts, rules: AlertRules, alert: Alert): Promise<Spot> {
  const { found: asset, problem } = await orNothing(assetOf(parts, alert));
  if (asset) {
    const { clientId, siteId } = asset;
    return {
      clientId,
      siteId,
      asset,
      isNowhere: false,
      reason: `Client, site and asset: those of the device, asset ${asset.tag}.`,
    };
  }
  const device = alert.deviceName ?? alert.deviceId;
  const unknown =
    device === null ? 'the alert names no device' : `no asset in Halo is linked to the device ${device}`;
  const why = problem ?? unknown;
  const site =
    alert.site.id === null ? undefined : (await parts.links.sites.get([alert.site.id])).get(alert.site.id);
  if (site?.clientId !== undefined) {
    return {
      clientId: site.clientId,
      siteId: site.haloId,
      asset: null,
      isNowhere: false,
      reason: `Client and site: the site that the alert names; ${why}.`,
    };
  }
  const { defaultClient, newAlertUser } = rules;
  const clientId = defaultClient?.id ?? newAlertUser.clientId;
  const siteId = defaultClient ? defaultClient.siteId : (newAlertUser.siteId ?? null);
  const whose = defaultClient ? 'the default client (sites.defaultClient)' : 'that of the New Alert User';
  return { clientId, siteId, asset: null, isNowhere: true, reason: `Client: ${whose}, because ${why}.` };
}

/** A device that was never synchronised, or whose link was lost with Redis, may stand in Halo all the same. */
async function assetOf(
  { halo, links }: PlaceParts,
  { deviceId, deviceName }: Alert,
): Promise<AssetPlace | null> {
  if (deviceId === null) return null;
  const link = (await links.assets.get([deviceId])).get(deviceId);
  const assetId =
    link?.haloId ?? (deviceName === null ? null : await findAssetOf(halo, deviceName, deviceId));
  return assetId === null ? null : readAssetPlace(halo, assetId);
}

/** What Halo refuses to show, or shows in a way that cannot be read, keeps no alert from its ticket. */
async function orNothing<T>(
  reading: Promise<T | null>,
): Promise<{ found: T | null; problem: string | null }> {
  try {
    return { found: await reading, problem: null };
  } catch (error) {
    if (!isOfItem(error)) throw error;
    return { found: null, problem: `this failed: ${error.message.replace(/\.$/, '')}` };
  }
}

async function userOf(
  { halo, generalUsers }: PlaceParts,
  { newAlertUser }: AlertRules,
  { asset, clientId, siteId, isNowhere }: Spot,
): Promise<{ user: Place['user']; reason: string }> {
  if (asset?.user) return { user: asset.user, reason: `User: the user of the asset, ${asset.user.name}.` };
  const isAsked = clientId !== null && !isNowhere;
  const { found: general, problem } = await orNothing(
    isAsked ? generalUsers.of(halo, clientId, siteId) : Promise.resolve(null),
  );
  if (general) {
    const why = asset ? 'the asset has no user' : 'no asset is known';
    return { user: general, reason: `User: the general user of the client, because ${why}.` };
  }
  const unknown = isNowhere
    ? 'neither device nor site is known'
    : 'neither the asset nor the client has a user';
  const why = problem ?? unknown;
  return {
    user: newAlertUser,
    reason: `User: the New Alert User (alerts.newAlertUser), because ${why}.`,
  };
}

function present(texts: readonly (string | null | undefined)[]): string[] {
  return texts.flatMap((text) => (text ? [text] : []));
}
