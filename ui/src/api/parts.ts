/** What checks are made of: see `generated.ts`, and `fields.toml` for where one says more than its contract. */
import * as z from 'zod/mini';

/** Pydantic writes an absent optional as null; older peers leave it out. */
export const optional = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null);
export const count = z.number().check(z.nonnegative());
export const moment = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/));
export const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/));
/** A currency (ISO 4217) or a place (IATA): `Intl` throws at anything else. */
export const letters = z.string().check(z.regex(/^[A-Z]{3}$/));
export const amount = z.string().check(z.regex(/^\d{1,9}(\.\d{1,3})?$/));
export const filled = z.string().check(z.minLength(1));
export const mediaAddress = z.string().check(z.regex(/^wss?:\/\//));
/** Only an address of the web: anything else could run here. */
export const webAddress = z.catch(optional(z.string().check(z.regex(/^https:\/\//))), null);
