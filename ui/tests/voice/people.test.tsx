import { render, screen } from '@testing-library/react';
import { ParticipantKind, type Room } from 'livekit-client';
import { beforeEach, expect, it, vi } from 'vitest';
import { People } from '@/features/voice/People.tsx';

const present = vi.hoisted(() => ({ people: [] as unknown[] }));

vi.mock('@livekit/components-react', () => ({
  useParticipants: () => present.people,
  useSpeakingParticipants: () => [],
  useTracks: () => [],
}));

const operator = { identity: 'operator-kwlPB2JqHsKp', name: '', isLocal: false, kind: ParticipantKind.STANDARD };
const names = (): (string | null)[] => screen.getAllByRole('listitem').map(({ textContent }) => textContent);

beforeEach(() => {
  present.people = [
    { identity: 'user-1', name: '', isLocal: true, kind: ParticipantKind.STANDARD },
    { identity: 'agent-1', name: '', isLocal: false, kind: ParticipantKind.AGENT },
  ];
});

it('says nothing of who is in the call while there is nobody but both sides', () => {
  expect(render(<People room={{} as Room} />).container.textContent).toBe('');
});

it('calls an operator by their name, and one without a name by what they are', () => {
  present.people.push(operator, { ...operator, identity: 'operator-x', name: 'Marta' });
  render(<People room={{} as Room} />);
  expect(names()).toEqual(['You', 'Polyglot', 'Operator', 'Marta']);
});
