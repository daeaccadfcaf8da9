/**
 * Values that makers, cloning tools and hypervisors leave where a serial number should be. Two machines
 * that share one of these have nothing in common, so they never serve to find an asset.
 */
const JUNK_VALUES = new Set(
  [
    'To be filled by O.E.M.',
    'To be filled by O.E.M',
    'Default string',
    'System Serial Number',
    'System Product Name',
    'Chassis Serial Number',
    'Base Board Serial Number',
    'Serial Number',
    'SerNum',
    'INVALID',
    'None',
    'Null',
    'N/A',
    'NA',
    'Not Specified',
    'Not Applicable',
    'Not Available',
    'Unknown',
    'OEM',
    'O.E.M.',
    'Empty',
    'Standard',
    'Not Set',
    '123456789',
    '1234567890',
    '0123456789',
  ].map(normaliseValue),
);

const JUNK_FORMS = [
  /^(.)\1*$/, // one character over and over: 0, 00000000, -----, FFFFFFFF
  /^vmware-/, // VMware: "VMware-56 4d 9a …", new with every clone
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, // a hypervisor's UUID
  /^\d{4}-\d{4}-\d{4}-\d{4}-\d{4}-\d{4}-\d{2}$/, // Hyper-V
];

/** The form in which two values are compared: trimmed, in lower case, runs of white space as one blank. */
export function normaliseValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}

/**
 * Makes the test for values that match nothing.
 * @param ignored more such values, from `assets.ignoreMatchingValues`.
 */
export function junkTest(ignored: readonly string[]): (value: string) => boolean {
  const own = new Set(ignored.map(normaliseValue));
  return (value) => {
    const plain = normaliseValue(value);
    return (
      plain === '' || own.has(plain) || JUNK_VALUES.has(plain) || JUNK_FORMS.some((form) => form.test(plain))
    );
  };
}
