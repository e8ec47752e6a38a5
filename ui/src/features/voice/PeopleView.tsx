import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export type Somebody = { id: string; name: string; speaking: boolean };

type Props = {
  people: readonly Somebody[];
  /** Screens that they share. */
  children?: ReactNode;
};

/** Who is in the call, by name, and who of them is speaking. */
export function PeopleView({ people, children }: Props) {
  const { t } = useTranslation();
  return (
    <section className="people" aria-label={t('people.title')}>
      <ul className="chips">
        {people.map(({ id, name, speaking }) => (
          <li key={id} className="person" data-speaking={speaking}>
            <bdi>{name}</bdi>
            {speaking && <span className="sr-only"> {t('people.speaking')}</span>}
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}
