import { useTranslation } from 'react-i18next';

/** Between two places: an arrow that points the way the page is read, and the word for who hears it. */
export function To() {
  const { t } = useTranslation();
  return (
    <>
      <span className="to" aria-hidden="true">
        →
      </span>
      <span className="sr-only">{t('results.to')}</span>
    </>
  );
}
