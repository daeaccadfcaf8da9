const POLICY = {
  'default-src': "'none'",
  'style-src': "'self'",
  'script-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
};

/** What each answer of the admin port carries: no address but this server's, no frame, nothing guessed, nothing kept. */
export const SECURITY_HEADERS = headersWith({});

/** The board of the queues brings styles within its page, and names its own root in it. */
export const BOARD_HEADERS = headersWith({
  'style-src': "'self' 'unsafe-inline'",
  'font-src': "'self'",
  'base-uri': "'self'",
});

function headersWith(changes: Record<string, string>): Record<string, string> {
  const policy = Object.entries({ ...POLICY, ...changes }).map(([name, value]) => `${name} ${value}`);
  return {
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
