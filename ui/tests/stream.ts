/** What `POST /v1/flights/search/stream` answers: server-sent events. */
export const streamed = (...events: [event: string, data: unknown][]): string =>
  events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('');
