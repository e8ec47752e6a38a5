import type { NoticeMessage } from '@/api/schemas.ts';
import { Icon } from './Icon.tsx';

type BannerProps = {
  severity: NoticeMessage['severity'];
  children: string;
  lang?: string;
  action?: readonly [label: string, run: () => void];
};

/** Something that must be known, with at most one thing to do about it. */
export function Banner({ severity, children, lang, action }: BannerProps) {
  return (
    <div className={`banner ${severity}`}>
      <Icon name={severity === 'info' ? 'info' : 'alert'} />
      <p lang={lang}>{children}</p>
      {action && (
        <button type="button" className="button small" onClick={action[1]}>
          {action[0]}
        </button>
      )}
    </div>
  );
}
