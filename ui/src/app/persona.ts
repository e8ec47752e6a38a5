const PERSONA = /^[a-z][a-z0-9_-]{0,39}$/;

/** Who is to answer, where the address says so; the API refuses whom it does not have. */
export function personaOf(search: string): string | undefined {
  const asked = new URLSearchParams(search).get('persona') ?? '';
  return PERSONA.test(asked) ? asked : undefined;
}
