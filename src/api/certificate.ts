/** Whether the other side's certificate did not hold. */
export function isCertificateError(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code);
}

/** What to do about a certificate of which nobody here knows the signer; else ''. Begins with a blank. */
export function trustAdvice(code: string): string {
  if (!/^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code)) return '';
  return ' Where an authority of your own has signed its certificate, name that in NODE_EXTRA_CA_CERTS.';
}
