import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { useTranslation } from 'react-i18next';

/**
 * A component whose code is fetched when it is first drawn. Where that fails, as without a network, or in a tab that is older
 * than what the service has now, it says so in its place and offers to load the page again: what was found and said is kept.
 */
export function part<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await load().catch(() => Lost) }));
}

function Lost() {
  const { t } = useTranslation();
  return (
    <div className="lost" role="alert">
      <p>{t('part.lost')}</p>
      <button type="button" onClick={() => location.reload()}>
        {t('part.reload')}
      </button>
    </div>
  );
}
