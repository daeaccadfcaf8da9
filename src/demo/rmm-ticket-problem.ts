import { Refusal } from './answer.js';

/** The API of tickets says what is wrong in an array, unlike the others. */
export function ticketProblem(status: number, code: string, message: string): Refusal {
  return new Refusal({ status, body: [{ code, message }] });
}
