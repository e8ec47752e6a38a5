import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { type Offer, resultsMessageSchema } from '@/api/schemas.ts';
import { OfferRow } from '@/features/flights/OfferRow.tsx';
import { changeLanguage } from '@/i18n/index.ts';
import { PAGE_LANGUAGE_CODES } from '@/i18n/languages.ts';
import fixture from '../fixtures/results.json' with { type: 'json' };

const [nonstop, viaBarcelona, heavier, overnight] = resultsMessageSchema.parse(fixture).result.offers as [
  Offer,
  Offer,
  Offer,
  Offer,
];

const drawn = (offer: Offer) => (
  <OfferRow
    offer={offer}
    number={1}
    label={null}
    selected={false}
    follow={false}
    onSelect={vi.fn()}
    compared={null}
    onCompare={vi.fn()}
  />
);

/** A closed row, as it is seen and as it is read out. */
function row(offer: Offer): { seen: string; heard: string } {
  const { container, unmount } = render(drawn(offer));
  const line = container.querySelector('.offer-line');
  const without = (what: string): string => {
    const copy = line?.cloneNode(true) as HTMLElement;
    for (const one of copy.querySelectorAll(what)) one.remove();
    return (copy.textContent ?? '').replace(/\s+/gu, ' ');
  };
  const texts = { seen: without('.sr-only'), heard: without('[aria-hidden]') };
  unmount();
  return texts;
}

const moved = (offer: Offer): Offer => {
  const [way] = offer.slices;
  const [a, b] = way?.segments ?? [];
  if (!way || !a || !b) throw new Error('it changes');
  return { ...offer, slices: [{ ...way, segments: [a, { ...b, origin: { ...b.origin, code: 'LGW' } }] }] };
};

it('says how long one waits, and where', () => {
  expect(row(nonstop).seen).not.toContain('1h');
  const { seen, heard } = row(viaBarcelona);
  expect(seen).toContain('1h 35m BCN');
  expect(heard).toContain('Change in Barcelona, 1h 35m');
});

it('warns of a night at an airport, of another airport and of the next day', () => {
  expect(row(viaBarcelona).seen).not.toMatch(/Overnight|Other airport/);
  const { seen, heard } = row(moved(overnight));
  for (const warning of ['+1', '8h 40m LHR→LGW', 'Overnight', 'Other airport']) expect(seen).toContain(warning);
  for (const warning of ['1 day later', 'Overnight', 'Change of airport: from LHR to LGW'])
    expect(heard).toContain(warning);
});

it('says every wait of a way with several', () => {
  const [way] = viaBarcelona.slices;
  const [a, b] = way?.segments ?? [];
  if (!way || !a || !b) throw new Error('it changes');
  const onward = { ...b, origin: b.destination, departs_at: '2026-11-22T18:00:00+01:00' };
  const { seen } = row({ ...viaBarcelona, slices: [{ ...way, segments: [a, b, onward] }] });
  expect(seen).toContain('1h 35m BCN');
  expect(seen).toContain('1h 10m BER');
});

it('says what it gives off against what is typical', () => {
  expect(row(nonstop).seen).toContain('142 kg CO₂ -10%');
  expect(row(nonstop).heard).toContain('142 kg CO₂ · 10% less than typical for this journey');
  expect(row(heavier).seen).toContain('171 kg CO₂ +8%');
  expect(row(heavier).heard).toContain('8% more than typical for this journey');
  expect(row({ ...nonstop, typical_emissions_kg: 142 }).heard).toContain('As much as typical');
});

it('says of what is not known that it is not', () => {
  const untold = row({ ...nonstop, typical_emissions_kg: null });
  expect(untold.seen).toContain('142 kg CO₂');
  expect(untold.seen).not.toContain('%');
  expect(untold.heard).toContain('What is typical for this journey: not stated');
  const { seen, heard } = row(overnight);
  expect(seen).toContain('CO₂ ?');
  for (const words of ['CO₂: not stated', 'Cabin bag: not stated', 'Checked bag: not stated'])
    expect(heard).toContain(words);
});

it('says which bags are in the fare', () => {
  expect(row(nonstop).heard).toContain('Cabin bag: 1. No checked bag.');
  const { container } = render(drawn(viaBarcelona));
  const shown = [...container.querySelectorAll('.bag > [aria-hidden]:not(svg)')].map(({ textContent }) => textContent);
  expect(shown).toEqual(['1', '?']);
  expect(screen.getByTitle('Checked bag: not stated')).toBeTruthy();
});

it.each(PAGE_LANGUAGE_CODES)('is whole in %s', async (language) => {
  await changeLanguage(language);
  for (const offer of [nonstop, viaBarcelona, heavier, moved(overnight)]) {
    const { seen, heard } = row(offer);
    // A text that is missing shows its key.
    expect(`${seen} ${heard}`).not.toMatch(/\b(?:card|detail)\.|undefined|NaN|\{\{/);
    expect(heard).toContain(language === 'zh' ? '二氧化碳' : 'CO₂');
  }
});
