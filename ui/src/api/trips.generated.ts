/** Written by `make schemas` from the contracts and `fields.toml`; not by hand. */
import * as z from 'zod/mini';
import { moneySchema, offerSchema, priceKindSchema, searchQuerySchema, searchResultSchema } from '@/api/page.generated.ts';
import { amount, day, letters, moment, optional, webAddress } from '@/api/parts.ts';

export const tripsOutcomeSchema = z.enum(['same', 'changed', 'gone']);
export type TripsOutcome = z.infer<typeof tripsOutcomeSchema>;
export const offerCheckSchema = z.object({ outcome: tripsOutcomeSchema, before: moneySchema, offer: optional(offerSchema), booking_url: webAddress });
export type OfferCheck = z.infer<typeof offerCheckSchema>;
export const sharedTripSchema = z.object({ id: z.string(), url: z.string(), search: searchResultSchema });
export type SharedTrip = z.infer<typeof sharedTripSchema>;
export const factSchema = z.enum(['price', 'duration', 'stops', 'departure', 'arrival', 'airline', 'airports', 'checked_bags', 'carry_on', 'refundable', 'changeable', 'cabin', 'fare_brand', 'emissions']);
export type Fact = z.infer<typeof factSchema>;
export const comparedFactSchema = z.object({ fact: factSchema, values: z.array(optional(z.string())), best: z._default(z.array(z.number()), []) });
export type ComparedFact = z.infer<typeof comparedFactSchema>;
export const comparisonSchema = z.object({ offers: z.array(offerSchema), facts: z.array(comparedFactSchema), same: z.array(factSchema) });
export type Comparison = z.infer<typeof comparisonSchema>;
export const calendarDaySchema = z.object({ date: day, return_date: optional(day), price: optional(moneySchema) });
export type CalendarDay = z.infer<typeof calendarDaySchema>;
export const priceCalendarSchema = z.object({ currency: letters, price_kind: priceKindSchema, days: z.array(calendarDaySchema), cheapest: optional(day) });
export type PriceCalendar = z.infer<typeof priceCalendarSchema>;
export const alertStatusSchema = z.enum(['unconfirmed', 'active', 'paused']);
export type AlertStatus = z.infer<typeof alertStatusSchema>;
export const alertSchema = z.object({ id: z.string(), query: searchQuerySchema, currency: letters, max_price: optional(amount), email: optional(z.string()), status: alertStatusSchema, last_price: optional(moneySchema), checked_at: optional(moment) });
export type Alert = z.infer<typeof alertSchema>;
export const madeAlertSchema = z.object({ id: z.string(), query: searchQuerySchema, currency: letters, max_price: optional(amount), email: optional(z.string()), status: alertStatusSchema, last_price: optional(moneySchema), checked_at: optional(moment), token: z.string() });
export type MadeAlert = z.infer<typeof madeAlertSchema>;
export const alertsSchema = z.object({ alerts: z.array(alertSchema) });
export type Alerts = z.infer<typeof alertsSchema>;
