import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/api/schemas.ts';
import { formatDistance } from '@/lib/format.ts';
import { distanceKm, frameOf, greatCircle, landPath, type Position, turnsOf, unwrapped } from './geometry.ts';
import land from './land.json' with { type: 'json' };

type Props = { offer: Offer; positions: ReadonlyMap<string, Position>; locale: string };

const LAND = landPath(land);

/** The flights of a journey on a map, and the same in words. */
export function RouteMapView({ offer, positions, locale }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const flown = offer.slices.flatMap((slice) => slice.segments);
  const flights = flown.flatMap((segment) => {
    const [from, to] = [positions.get(segment.origin.code), positions.get(segment.destination.code)];
    return from && to ? [{ segment, from, to }] : [];
  });
  const first = flights[0]?.from;
  if (!first) return <p>{t('map.unknown')}</p>;
  const lines = flights.map(({ from, to }) => greatCircle([unwrapped(from[0], first[0]), from[1]], to));
  const frame = frameOf(lines.flat());
  const [width, height] = [frame.right - frame.left, frame.top - frame.bottom];
  const squeeze = (height * 2) / width;
  const unit = height / 100;
  const ends = new Map<string, Position>();
  flights.forEach(({ segment }, index) => {
    const line = lines[index] ?? [];
    const [start, end] = [line[0], line.at(-1)];
    if (start) ends.set(segment.origin.code, start);
    if (end) ends.set(segment.destination.code, end);
  });
  // North is up in SVG where latitudes are negative, and degrees of longitude are as wide as they are there.
  const at = ([longitude, latitude]: Position): string => `${longitude * squeeze} ${-latitude}`;
  return (
    <figure className="route-map">
      <svg
        viewBox={`${frame.left * squeeze} ${-frame.top} ${width * squeeze} ${height}`}
        role="img"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-words`}
        // A map has its north up and its west on the left in every language.
        direction="ltr"
      >
        <title id={`${id}-title`}>{t('map.title')}</title>
        <g className="land">
          {turnsOf(frame).map((turn) => (
            <path key={turn} d={LAND} transform={`scale(${squeeze} 1) translate(${turn} 0)`} />
          ))}
        </g>
        {lines.map((line, index) => (
          <polyline
            key={`${flights[index]?.segment.flight_number} ${flights[index]?.segment.departs_at}`}
            points={line.map(at).join(', ')}
            strokeWidth={unit}
          />
        ))}
        {[...ends].map(([code, [longitude, latitude]]) => (
          <g key={code}>
            <circle cx={longitude * squeeze} cy={-latitude} r={1.4 * unit} />
            <text
              x={(longitude + 2.2 * unit) * squeeze}
              y={-latitude - 1.6 * unit}
              fontSize={5 * unit}
              strokeWidth={unit}
            >
              {code}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>
        <ol id={`${id}-words`}>
          {flights.map(({ segment, from, to }) => (
            <li key={`${segment.flight_number} ${segment.departs_at}`}>
              {t('map.leg', {
                from: `${segment.origin.city} (${segment.origin.code})`,
                to: `${segment.destination.city} (${segment.destination.code})`,
                distance: formatDistance(distanceKm(from, to), locale),
              })}
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  );
}
