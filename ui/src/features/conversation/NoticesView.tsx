import { useTranslation } from 'react-i18next';
import type { NoticeMessage } from '@/api/schemas.ts';
import { Banner } from '@/ui/Banner.tsx';
import { isInRoom } from './phases.ts';
import { microphoneOf } from './selectors.ts';
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
  const { offline, call } = state;
  const reconnecting = call.phase === 'reconnecting' && !offline;
  const microphone = microphoneOf(state);
  const noMicrophone = ['denied', 'missing', 'failed'].includes(microphone.is);
  const room = isInRoom(call) ? call : null;
  return (
    <div className="notices">
      <div role="alert" aria-atomic="false">
        {offline && <Banner severity="error">{t('notice.offline')}</Banner>}
        {reconnecting && <Banner severity="error">{t('notice.reconnecting')}</Banner>}
        {noMicrophone && (
          <Banner severity="warning" action={[t('action.type'), props.onType]}>
            {t(`notice.microphone.${microphone.is}`)}
          </Banner>
        )}
      </div>
      <div role="status" aria-atomic="false">
        {room?.recording && <Banner severity="info">{t('notice.recording')}</Banner>}
        {room?.sharing && (
          <Banner severity="info" action={[t('share.stop'), () => props.onUnshare?.()]}>
            {t('notice.sharing')}
          </Banner>
        )}
        {call.phase === 'live' && call.connection !== 'good' && !offline && (
          <Banner severity="warning">{t('notice.unstable')}</Banner>
        )}
        {microphone.is === 'on' && microphone.unheard && (
          <Banner severity="warning" action={[t('action.microphone'), props.onRetryMicrophone]}>
            {t('notice.unheard')}
          </Banner>
        )}
        {room?.soundBlocked && (
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
