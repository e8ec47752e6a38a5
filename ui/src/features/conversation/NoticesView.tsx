import { useTranslation } from 'react-i18next';
import type { NoticeMessage } from '@/api/schemas.ts';
import { Icon } from '@/ui/Icon.tsx';
import type { State } from './state.ts';

type Props = {
  state: State;
  onType: () => void;
  onRetry: () => void;
  onDismiss: () => void;
  onAllowPlayback: () => void;
  onRetryMicrophone: () => void;
  onUnshare?: () => void;
};

/** Everything that the user must be told and that does not end the conversation. */
export function NoticesView(props: Props) {
  const { t } = useTranslation();
  const { state } = props;
  const { offline } = state;
  const reconnecting = state.connection === 'reconnecting' && !offline;
  const noMicrophone = ['denied', 'missing', 'failed'].includes(state.microphone) && state.phase === 'live';
  return (
    <div className="notices">
      <div role="alert">
        {offline && <Banner severity="error">{t('notice.offline')}</Banner>}
        {reconnecting && <Banner severity="error">{t('notice.reconnecting')}</Banner>}
        {noMicrophone && (
          <Banner severity="warning" action={[t('action.type'), props.onType]}>
            {t(`notice.microphone.${state.microphone}`)}
          </Banner>
        )}
      </div>
      <div role="status">
        {state.recording && <Banner severity="info">{t('notice.recording')}</Banner>}
        {state.sharing && (
          <Banner severity="info" action={[t('share.stop'), () => props.onUnshare?.()]}>
            {t('notice.sharing')}
          </Banner>
        )}
        {state.unstable && !reconnecting && !offline && <Banner severity="warning">{t('notice.unstable')}</Banner>}
        {state.unheard && state.microphone === 'on' && (
          <Banner severity="warning" action={[t('action.microphone'), props.onRetryMicrophone]}>
            {t('notice.unheard')}
          </Banner>
        )}
        {state.playbackBlocked && state.phase === 'live' && (
          <Banner severity="warning" action={[t('action.sound'), props.onAllowPlayback]}>
            {t('notice.sound')}
          </Banner>
        )}
        {state.notice && <AgentNotice notice={state.notice} {...props} />}
      </div>
    </div>
  );
}

function AgentNotice({ notice, onType, onRetry, onDismiss }: Props & { notice: NoticeMessage }) {
  const { t } = useTranslation();
  const actions = { type: [t('action.type'), onType], retry: [t('action.retry'), onRetry] } as const;
  return (
    <Banner
      severity={notice.severity}
      lang={notice.language}
      action={notice.action ? actions[notice.action] : [t('action.dismiss'), onDismiss]}
    >
      {notice.text}
    </Banner>
  );
}

type BannerProps = {
  severity: NoticeMessage['severity'];
  children: string;
  lang?: string;
  action?: readonly [label: string, run: () => void];
};

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
