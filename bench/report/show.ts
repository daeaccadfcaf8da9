/** A ratio: `1.23×`. */
export function ratio(value: number): string {
  return `${value.toFixed(2)}×`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${Math.round(ms)} ms`;
}

export function megabytes(mb: number): string {
  return `${Math.round(mb)} MiB`;
}

export function bytes(count: number): string {
  return `${Math.round(count)} bytes`;
}

/** 100,000. */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Two digits of it, where more would claim to know more. */
export function about(count: number): string {
  return `about ${whole(Number(count.toPrecision(2)))}`;
}

export function perSecond(rate: number): string {
  return `${whole(rate)}/s`;
}
