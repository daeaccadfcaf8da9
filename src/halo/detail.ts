import type { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';

/** One object of Halo, and how to read it. */
export interface Detail<T> {
  /** "Reading asset 41 of Halo". Errors begin with it. */
  doing: string;
  path: string;
  shape: z.ZodType<T>;
}

/** Reads one object with its details; `null` where Halo has none at this path. @throws ApiError */
export async function readDetail<T>(api: Api, { doing, path, shape }: Detail<T>): Promise<T | null> {
  const query = { includedetails: true };
  try {
    return (await api.request({ doing, method: 'GET', path, query, shape: shape.nullable() })).data;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
