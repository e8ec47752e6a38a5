import { useEffect, useId, useState } from 'react';
import type { Place } from '@/api/schemas.ts';

export type Suggest = (text: string) => Promise<Place[]>;

type Props = {
  id: string;
  value: string;
  invalid: boolean;
  describedBy: string | undefined;
  suggest: Suggest;
  onChange: (value: string) => void;
};

const PAUSE_MS = 200;

/** A place by name, with the places that the letters so far can mean; any words may be typed. */
export function PlaceField({ id, value, invalid, describedBy, suggest, onChange }: Props) {
  const list = useId();
  const [places, setPlaces] = useState<Place[]>([]);
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    if (!typing || value.trim().length < 2) return;
    let current = true;
    const timer = setTimeout(() => {
      // Without suggestions the field is as good as before.
      suggest(value).then(
        (found) => current && setPlaces(found),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [value, typing, suggest]);
  return (
    <>
      <input
        id={id}
        type="text"
        list={list}
        required
        value={value}
        maxLength={80}
        autoComplete="off"
        aria-invalid={invalid}
        aria-describedby={describedBy}
        onChange={(event) => {
          setTyping(true);
          onChange(event.target.value);
        }}
      />
      <datalist id={list}>
        {places.map((place) => (
          <option key={place.code} value={place.area ? `${place.name}, ${place.area}` : place.name}>
            {place.code}
          </option>
        ))}
      </datalist>
    </>
  );
}
