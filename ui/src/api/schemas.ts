/**
 * What comes from outside passes one of these before it reaches the state. Which fields the page reads stands in
 * `fields.toml`; all the rest is generated from `contracts/` and the API's own models.
 */
import * as z from 'zod/mini';

export * from './page.generated.ts';

/** What is kept of a call is handed on as it is: it is the traveller's, not ours to choose from. */
export const recordSchema = z.record(z.string(), z.unknown());
